package org.jlab.jiriaf.jrm.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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
     * Finds the sockets that listen.
     *
     * @param tables the text of one or more tables, one after the other
     * @return the sockets, whatever the address
     */
    public static List<Listener> listeners(String tables) {
        List<Listener> listeners = new ArrayList<>();
        for (String line : tables.lines().toList()) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length > INODE && fields[STATE].equals(LISTEN)) {
                String address = fields[LOCAL_ADDRESS];
                int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
                listeners.add(new Listener(port, Long.parseLong(fields[USER]), Long.parseLong(fields[INODE])));
            }
        }
        return List.copyOf(listeners);
    }
}
