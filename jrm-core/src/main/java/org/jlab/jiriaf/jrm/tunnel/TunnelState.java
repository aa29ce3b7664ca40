package org.jlab.jiriaf.jrm.tunnel;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How one forward is doing.
 *
 * @param status whether it carries traffic
 * @param since since when it has been so
 * @param reason why it does not, or null while it is up
 * @param attempts how often it was tried to bring it back since it went down
 * @param nextAttempt when it is tried again, or null
 */
public record TunnelState(
        Status status,
        Instant since,
        @Nullable String reason,
        int attempts,
        @Nullable Instant nextAttempt) {

    /** Whether a forward carries traffic. */
    public enum Status {
        /** Proved to work: a connection made at one end arrives at the other. */
        UP,
        /** Broken, and being repaired. */
        DOWN,
        /** Closed by its owner. Final. */
        CLOSED
    }

    /**
     * Tells whether the forward carries traffic.
     *
     * @return whether the status is {@link Status#UP}
     */
    public boolean isUp() {
        return status == Status.UP;
    }
}
