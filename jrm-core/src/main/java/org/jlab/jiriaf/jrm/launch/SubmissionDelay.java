package org.jlab.jiriaf.jrm.launch;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * How long nothing is submitted after submissions have failed: each time twice as long, up to a bound. For one thread at a time.
 */
final class SubmissionDelay {

    /** The longest delay, in multiples of the first. */
    static final int LONGEST = 10;

    private final Clock clock;
    private final Duration first;
    private Duration delay = Duration.ZERO;
    private Instant failedAt = Instant.MIN;

    SubmissionDelay(Clock clock, Duration first) {
        this.clock = clock;
        this.first = first;
    }

    /** A submission failed, and no other is tried for a while. */
    void failed() {
        Duration longest = first.multipliedBy(LONGEST);
        Duration twice = delay.multipliedBy(2);
        delay = delay.isZero() ? first : twice.compareTo(longest) < 0 ? twice : longest;
        failedAt = clock.instant();
    }

    /** Submissions succeed, or there is reason to think so. */
    void succeeded() {
        delay = Duration.ZERO;
    }

    /** Whether the delay is over, or the clock has been set back, so that nobody knows. */
    boolean isDue() {
        Instant now = clock.instant();
        return delay.isZero() || now.isBefore(failedAt) || !now.isBefore(failedAt.plus(delay));
    }
}
