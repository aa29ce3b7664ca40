package org.jlab.jiriaf.jrm.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/**
 * The tables {@code /proc/net/tcp} and {@code /proc/net/tcp6} of a Linux host: below a heading, one socket per line, addresses
 * and state in hexadecimal. A table is read completely or not at all, since a row that cannot be read may be any port's.
 * Immutable.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_net.5.html">proc_pid_net(5)</a>
 */
public final class ProcNetTcp {

    private static final String LISTEN = "0A";

    private static final Pattern HEADING = Pattern.compile("sl\\s+local_address\\s.*");

    // Number, local address, remote address, state, queues, timer, retransmissions, user, timeout, inode, and more.
    private static final Pattern ROW =
            Pattern.compile("\\d+: (?:\\p{XDigit}{8}|\\p{XDigit}{32}):(?<port>\\p{XDigit}{4})"
                    + "\\s+(?:\\p{XDigit}{8}|\\p{XDigit}{32}):\\p{XDigit}{4}\\s+(?<state>\\p{XDigit}{2})"
                    + "\\s+\\p{XDigit}+:\\p{XDigit}+\\s+\\p{XDigit}+:\\p{XDigit}+\\s+\\p{XDigit}+"
                    + "\\s+(?<user>\\d{1,10})\\s+-?\\d+\\s+(?<inode>\\d{1,18})\\s.*");

    private static final int SHOWN = 200;

    private record Socket(boolean listens, int port, long user, long inode) {}

    private final List<Socket> sockets;

    private ProcNetTcp(List<Socket> sockets) {
        this.sockets = List.copyOf(sockets);
    }

    /**
     * A socket that listens.
     *
     * @param port its port
     * @param user number of the user to whom it belongs
     * @param inode its number, by which the processes that hold it are found
     */
    public record Listener(int port, long user, long inode) {}

    /**
     * Reads tables.
     *
     * @param tables the text of one or more tables, one after the other
     * @param host the host that they come from, for messages
     * @return the tables
     * @throws TunnelException of reason {@link Reason#PROTOCOL} if there is no table, one is cut off or a row cannot be read; then
     *     it is not known which ports are free
     */
    public static ProcNetTcp read(String tables, String host) {
        List<String> lines = tables.lines().map(String::strip).toList();
        if (lines.isEmpty() || !HEADING.matcher(lines.get(0)).matches()) {
            throw unreadable(host, "it does not begin with its heading", lines.isEmpty() ? "" : lines.get(0));
        }
        if (!tables.endsWith("\n")) {
            throw unreadable(host, "its last row is cut off", lines.get(lines.size() - 1));
        }
        List<Socket> sockets = new ArrayList<>();
        for (String line : lines) {
            if (!HEADING.matcher(line).matches()) {
                sockets.add(socket(line, host));
            }
        }
        return new ProcNetTcp(sockets);
    }

    private static Socket socket(String line, String host) {
        Matcher row = ROW.matcher(line);
        if (!row.matches()) {
            throw unreadable(host, "a row of it is none of a socket", line);
        }
        return new Socket(
                row.group("state").equals(LISTEN),
                Integer.parseInt(row.group("port"), 16),
                Long.parseLong(row.group("user")),
                Long.parseLong(row.group("inode")));
    }

    private static TunnelException unreadable(String host, String why, String row) {
        return new TunnelException(
                Reason.PROTOCOL,
                null,
                "Cannot find out which ports are in use on " + host + ": /proc/net/tcp cannot be read, " + why + ": '"
                        + TextRules.toOneLine(row, SHOWN) + "'",
                null);
    }

    /**
     * Finds the ports on which something listens.
     *
     * @return the ports, whatever the address
     */
    public Set<Integer> listeningPorts() {
        return ports(Socket::listens);
    }

    /**
     * Finds the ports that connections use for their own end, open ones and those whose end the kernel still remembers
     * (TIME_WAIT, a minute). Nobody can listen there at the same address, unless the connection was made to a listener.
     *
     * @return the ports, whatever the address
     */
    public Set<Integer> connectedPorts() {
        return ports(socket -> !socket.listens());
    }

    private Set<Integer> ports(Predicate<Socket> which) {
        return sockets.stream().filter(which).map(Socket::port).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Finds the sockets that listen.
     *
     * @return the sockets, whatever the address
     */
    public List<Listener> listeners() {
        return sockets.stream()
                .filter(Socket::listens)
                .map(socket -> new Listener(socket.port(), socket.user(), socket.inode()))
                .toList();
    }
}
