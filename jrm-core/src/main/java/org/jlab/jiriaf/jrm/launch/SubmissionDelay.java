package org.jlab.jiriaf.jrm.launch;

import java.time.Duration;

/** How long a site whose batch system took no job is left alone: each time twice as long, up to a bound. For one thread at a time. */
final class SubmissionDelay {

    /** The longest delay, in multiples of the first. */
    static final int LONGEST = 10;

    private final long first;
    private long delay;
    private long failedAt;

    SubmissionDelay(Duration first) {
        this.first = first.toNanos();
    }

    /** A submission failed, and no other is tried for a while. */
    void failed() {
        delay = delay == 0 ? first : Math.min(2 * delay, LONGEST * first);
        failedAt = System.nanoTime();
    }

    /** Submissions succeed, or there is reason to think so. */
    void succeeded() {
        delay = 0;
    }

    boolean isDue() {
        return delay == 0 || System.nanoTime() - failedAt >= delay;
    }
}
