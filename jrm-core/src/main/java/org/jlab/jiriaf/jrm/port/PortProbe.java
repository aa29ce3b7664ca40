package org.jlab.jiriaf.jrm.port;

/** Finds out whether a port of this host can be bound right now. Implementations are thread-safe. */
@FunctionalInterface
public interface PortProbe {

    /**
     * Tries one port. The answer holds for this moment only: whoever binds the port afterwards has to expect that somebody
     * was faster.
     *
     * @param port the port
     * @return whether nothing uses it
     * @throws PortAllocationException if it cannot be found out
     */
    boolean isFree(int port);
}
