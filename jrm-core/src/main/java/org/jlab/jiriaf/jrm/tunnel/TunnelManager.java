package org.jlab.jiriaf.jrm.tunnel;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Keeps SSH connections to login nodes and the forwards on them. One connection per route carries everything of all
 * sessions; a broken one is repaired, forwards included.
 *
 * <p>Implementations are thread-safe. Closing ends all sessions, listeners and threads; closing twice is harmless.
 */
public interface TunnelManager extends AutoCloseable {

    /**
     * Logs in, or shares the connection that is there.
     *
     * @param route the way to the login node
     * @param timeout how long it may take, all hops and log-ins included
     * @return a session, to be closed by the caller
     * @throws TunnelException if the login node cannot be reached or refuses; nothing stays open
     */
    LoginSession connect(SshRoute route, Duration timeout);

    /**
     * Lists the tunnels that are held, each once however many hold it.
     *
     * @return the tunnels of all routes
     */
    List<Tunnel> tunnels();

    /**
     * Lists the SSH connections that are held, those included that are being repaired. Does not block.
     *
     * @return the state of the connection of each route
     */
    Map<SshRoute, ConnectionState> connections();

    /** Closes every session. */
    @Override
    void close();
}
