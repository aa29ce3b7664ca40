package org.jlab.jiriaf.jrm.batch;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A batch job as its batch system describes it.
 *
 * @param id its id there, which is given to another job one day
 * @param name its name; empty if the answer does not tell it
 * @param comment what its submitter noted with it, or null; {@link BatchScheduler} keeps its token there
 * @param user whose job it is; empty if the answer does not tell it
 * @param state its state
 * @param reason why it is in that state, in the batch system's own words: {@code Resources}, {@code TimeLimit}; or null if it
 *     gives none
 * @param host the compute node that runs its script, or null if it runs on none or that is not told
 * @param submittedAt when it was submitted, or null if the answer does not tell it
 * @param startedAt when it started, or null if it has not
 * @param endedAt when it ended, or, while it runs, when its time limit ends it; null if neither is known
 */
public record BatchJobStatus(
        String id,
        String name,
        @Nullable String comment,
        String user,
        BatchJobState state,
        @Nullable String reason,
        @Nullable String host,
        @Nullable Instant submittedAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt) {

    /** By how much the clocks of a site and of jrm may differ. */
    public static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /**
     * Tells whether this can be the job that somebody submitted under a name, and not one that was given the same id at
     * another time. What the batch system does not tell speaks neither for nor against it.
     *
     * @param jobName the name it was submitted with
     * @param reservedAt when its launch was reserved, by jrm's clock; the job was submitted after that
     * @return whether name and time of submission fit; {@link #CLOCK_SKEW} is allowed
     */
    public boolean canBe(String jobName, Instant reservedAt) {
        return canHaveName(jobName) && (submittedAt == null || !submittedAt.isBefore(reservedAt.minus(CLOCK_SKEW)));
    }

    /**
     * Tells whether this can be a job of a name.
     *
     * @param jobName the name it was submitted with
     * @return whether it has that name, or its name is not told
     */
    public boolean canHaveName(String jobName) {
        return name.isEmpty() || name.equals(jobName);
    }
}
