package org.jlab.jiriaf.jrm.launch;

import java.time.Instant;
import java.util.Locale;
import org.jlab.jiriaf.jrm.internal.TextRules;

/**
 * Something that happened to a launch, for people and logs to follow.
 *
 * @param at when
 * @param subject the workflow that it is about, or the site
 * @param kind what happened
 * @param message more in words; can be empty
 */
public record LaunchEvent(Instant at, String subject, Kind kind, String message) {

    /** Makes the message fit one line, since parts of it can come from elsewhere. */
    public LaunchEvent {
        message = TextRules.toOneLine(message, Integer.MAX_VALUE);
    }

    /** What happened. */
    public enum Kind {
        /** A job was submitted. */
        SUBMITTED,
        /** A job that an earlier process had submitted was found again. */
        FOUND_AGAIN,
        /** Its job runs. */
        RUNNING,
        /** It ended in order. */
        COMPLETED,
        /** It failed; the message says why. */
        FIZZLED,
        /** It was given back and is READY again; the message says why. */
        RETURNED,
        /** Its job was cancelled, because its workflow is deleted, paused or otherwise not to run any more. */
        CANCELLED,
        /** Something could not be done and will be tried again. */
        RETRYING
    }

    /** Prints one line. */
    @Override
    public String toString() {
        return subject + ": " + kind.name().toLowerCase(Locale.ROOT).replace('_', ' ')
                + (message.isEmpty() ? "" : ": " + message);
    }
}
