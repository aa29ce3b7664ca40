package org.jlab.jiriaf.jrm.tunnel;

import java.time.Duration;

/**
 * What a trial connection through a forward met at the far end.
 *
 * @param outcome how far it came
 * @param message the same in words, with the reason if it is bad news
 * @param took how long it took
 */
public record ProbeResult(Outcome outcome, String message, Duration took) {

    /** How far a trial connection came. */
    public enum Outcome {
        /** The target accepted it. */
        ACCEPTED,
        /** The target's host answered that nothing listens on the port. */
        REFUSED,
        /** Nobody answered for the target: no such host, no route, or silence until the time was over. */
        NO_ANSWER,
        /** It did not get as far as the target: the forward or its SSH connection does not work, or the server forbids it. */
        NOT_CARRIED
    }

    /**
     * Tells whether the target was reached.
     *
     * @return whether the outcome is {@link Outcome#ACCEPTED}
     */
    public boolean isAccepted() {
        return outcome == Outcome.ACCEPTED;
    }
}
