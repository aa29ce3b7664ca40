package org.jlab.jiriaf.jrm.tunnel;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the SSH connection of one route is doing.
 *
 * @param login the login node in use, one of the route's: its login node, or an alternate that answered in its place; null
 *     while there is no connection
 * @param since since when it has been connected, or not
 * @param reason why there is no connection, or null while there is one
 * @param reconnects how often it was connected again after the first time, whether it broke or a renewed key took over
 * @param certificateValidUntil when the first of the user certificates that logged in expires, or null without one. The
 *     connection outlives it, but cannot be repaired after that
 */
public record ConnectionState(
        @Nullable SshHop login,
        Instant since,
        @Nullable String reason,
        int reconnects,
        @Nullable Instant certificateValidUntil) {

    /**
     * Tells whether there is a connection.
     *
     * @return whether it is connected
     */
    public boolean isConnected() {
        return login != null;
    }
}
