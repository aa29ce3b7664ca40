package org.jlab.jiriaf.jrm.workflow;

import java.time.Instant;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to run a Firework.
 *
 * @param id launch id
 * @param workflowId id of the Firework
 * @param state RESERVED, RUNNING, COMPLETED, FIZZLED, or READY for a cancelled reservation
 * @param launchDir launch folder at the site, or null
 * @param host host that wrote the present state, or null
 * @param jobId id of the batch job, or null while it is not submitted or if there is no batch system
 * @param startedAt when it began to run, or null
 * @param endedAt when it ended, or null
 * @param lastPing last sign of life in its present state, or null
 * @param message how it ended, such as the error of the task that failed; null while it has not, or if nothing is known. One
 *     line of at most {@link #MAX_MESSAGE} characters: a longer text is cut, a control character becomes {@code ?}
 */
public record Launch(
        int id,
        int workflowId,
        WorkflowState state,
        @Nullable String launchDir,
        @Nullable String host,
        @Nullable String jobId,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Instant lastPing,
        @Nullable String message) {

    /** How many characters of a message are kept. */
    public static final int MAX_MESSAGE = 1000;

    /** Makes one line of the message. */
    public Launch {
        message = message == null || message.isBlank() ? null : TextRules.toOneLine(message, MAX_MESSAGE);
    }
}
