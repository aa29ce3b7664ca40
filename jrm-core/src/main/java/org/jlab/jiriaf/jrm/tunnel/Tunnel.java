package org.jlab.jiriaf.jrm.tunnel;

/** One forward that is held open. Thread-safe. Closing twice is harmless. */
public interface Tunnel extends AutoCloseable {

    /**
     * The route whose SSH connection carries it.
     *
     * @return the route
     */
    SshRoute route();

    /**
     * What it forwards.
     *
     * @return the forward
     */
    Forward forward();

    /**
     * How it is doing. Does not block.
     *
     * @return the present state
     */
    TunnelState state();

    /**
     * Gives the forward up. It stops listening when nobody else on the same connection holds an equal forward. Returns when
     * the listener is gone, or cannot be reached any more because its connection is.
     */
    @Override
    void close();
}
