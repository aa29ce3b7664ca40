package org.jlab.jiriaf.jrm.deploy;

import java.time.Instant;
import org.jlab.jiriaf.jrm.internal.TextRules;

/**
 * Something that happened to a deployment, for people and logs to follow.
 *
 * @param at when
 * @param deployment name of the deployment
 * @param step during which step
 * @param kind what sort of news it is
 * @param message what happened, in words; never holds a secret
 */
public record DeploymentEvent(Instant at, String deployment, DeploymentStep step, Kind kind, String message) {

    /** Makes the message fit one line, since parts of it can come from elsewhere. */
    public DeploymentEvent {
        message = TextRules.toOneLine(message, Integer.MAX_VALUE);
    }

    /** What sort of news an event is. */
    public enum Kind {
        /** A step begins. */
        STARTED,
        /** News from within a step. */
        PROGRESS,
        /** A step is done. */
        DONE,
        /** A step is left out, because its backend is not there or there is nothing to do. */
        SKIPPED,
        /** A step failed. */
        FAILED,
        /** What a step had done has been undone. */
        UNDONE
    }

    /** Prints one line. */
    @Override
    public String toString() {
        return deployment + ": " + step + " " + kind.name().toLowerCase(java.util.Locale.ROOT)
                + (message.isEmpty() ? "" : ": " + message);
    }
}
