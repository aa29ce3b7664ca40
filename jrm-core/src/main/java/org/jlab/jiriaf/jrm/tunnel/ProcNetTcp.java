package org.jlab.jiriaf.jrm.tunnel;

import java.util.HashSet;
import java.util.Set;

/**
 * Reads the tables {@code /proc/net/tcp} and {@code /proc/net/tcp6} of Linux (proc(5)): one socket per line, addresses and
 * state in hexadecimal.
 */
public final class ProcNetTcp {

    private static final String LISTEN = "0A";
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;

    private ProcNetTcp() {}

    /**
     * Finds the ports on which something listens.
     *
     * @param tables the text of one or more tables, one after the other
     * @return the ports, whatever the address
     */
    public static Set<Integer> listeningPorts(String tables) {
        Set<Integer> ports = new HashSet<>();
        for (String line : tables.lines().toList()) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length > STATE && fields[STATE].equals(LISTEN)) {
                String address = fields[LOCAL_ADDRESS];
                ports.add(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16));
            }
        }
        return Set.copyOf(ports);
    }
}
