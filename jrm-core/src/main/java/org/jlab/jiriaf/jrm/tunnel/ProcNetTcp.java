package org.jlab.jiriaf.jrm.tunnel;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the tables {@code /proc/net/tcp} and {@code /proc/net/tcp6} of Linux (proc(5)): one socket per line, addresses and
 * state in hexadecimal.
 */
public final class ProcNetTcp {

    private static final String LISTEN = "0A";
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int USER = 7;
    private static final int INODE = 9;

    private ProcNetTcp() {}

    /**
     * A socket that listens.
     *
     * @param port its port
     * @param user number of the user to whom it belongs
     * @param inode its number, by which the processes that hold it are found
     */
    public record Listener(int port, long user, long inode) {}

    /**
     * Finds the ports on which something listens.
     *
     * @param tables the text of one or more tables, one after the other
     * @return the ports, whatever the address
     */
    public static Set<Integer> listeningPorts(String tables) {
        return listeners(tables).stream().map(Listener::port).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Finds the ports that connections use for their own end, open ones and those whose end the kernel still remembers
     * (TIME_WAIT, a minute). Nobody can listen there at the same address, unless the connection was made to a listener.
     *
     * @param tables the text of one or more tables, one after the other
     * @return the ports, whatever the address
     */
    public static Set<Integer> connectedPorts(String tables) {
        return rows(tables)
                .filter(fields -> !fields[STATE].equals(LISTEN))
                .map(ProcNetTcp::localPort)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Finds the sockets that listen.
     *
     * @param tables the text of one or more tables, one after the other
     * @return the sockets, whatever the address
     */
    public static List<Listener> listeners(String tables) {
        return rows(tables)
                .filter(fields -> fields[STATE].equals(LISTEN))
                .map(fields ->
                        new Listener(localPort(fields), Long.parseLong(fields[USER]), Long.parseLong(fields[INODE])))
                .toList();
    }

    /** The fields of each socket, without the headings. */
    private static Stream<String[]> rows(String tables) {
        return tables.lines()
                .map(line -> line.strip().split("\\s+", -1))
                .filter(fields -> fields.length > INODE && fields[LOCAL_ADDRESS].contains(":"));
    }

    private static int localPort(String[] fields) {
        String address = fields[LOCAL_ADDRESS];
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }
}
