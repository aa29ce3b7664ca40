package org.jlab.jiriaf.jrm.port;

import org.jlab.jiriaf.jrm.internal.Checks;

/**
 * A range of TCP ports, both ends included.
 *
 * @param first lowest port, from 1
 * @param last highest port, up to 65535, not below {@code first}
 */
public record PortRange(int first, int last) {

    /** Where kubelet (metrics) ports come from unless told otherwise: 10000 to 19999. */
    public static final PortRange KUBELET = new PortRange(10000, 19999);

    /** Where mapped custom metrics ports come from unless told otherwise: 20000 to 49999. */
    public static final PortRange CUSTOM_METRICS = new PortRange(20000, 49999);

    /** Checks the range. */
    public PortRange {
        Checks.port(first, "first port of a range");
        Checks.port(last, "last port of a range");
        if (last < first) {
            throw new IllegalArgumentException("A port range must not end before it starts: " + first + "-" + last);
        }
    }

    /**
     * Counts the ports of the range.
     *
     * @return how many ports there are
     */
    public int size() {
        return last - first + 1;
    }

    /**
     * Tells whether a port lies in the range.
     *
     * @param port the port
     * @return whether it does
     */
    public boolean contains(int port) {
        return port >= first && port <= last;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
