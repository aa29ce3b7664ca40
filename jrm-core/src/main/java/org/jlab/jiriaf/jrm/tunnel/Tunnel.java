package org.jlab.jiriaf.jrm.tunnel;

import java.time.Duration;

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
     * How the SSH connection that carries it is doing, and to which login node it leads. Does not block.
     *
     * @return the present state of the connection
     */
    ConnectionState connection();

    /**
     * What has gone through it. Does not block, and costs little.
     *
     * @return the figures so far
     */
    TunnelStats stats();

    /**
     * Tries the whole way: a connection made at the end that listens goes through the forward and on to the target, and is
     * closed again. The target sees a connection without data. {@link #state()} does not tell of the target: a local forward
     * is up when it listens, a remote one when connections arrive on this host.
     *
     * @param timeout how long it may take
     * @return what was met at the far end, always in time; trouble is a result, not an error
     */
    ProbeResult probe(Duration timeout);

    /**
     * Gives the forward up. It stops listening when nobody else on the same connection holds an equal forward. Returns when
     * the listener is gone, or cannot be reached any more because its connection is.
     */
    @Override
    void close();
}
