package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next attempt: a fraction of how long it has been going wrong. A server that is back after five
 * seconds is found within one; one that is away for an hour is not asked every second.
 *
 * @param shortest the shortest pause
 * @param longest the longest
 */
record Backoff(Duration shortest, Duration longest) {

    private static final int FRACTION = 8;
    private static final double JITTER = 0.2;

    /** The pause after an attempt that failed. */
    Duration after(Duration downFor, boolean transientFailure) {
        Duration wanted = transientFailure ? downFor.dividedBy(FRACTION) : longest;
        if (wanted.compareTo(shortest) < 0) {
            wanted = shortest;
        }
        if (wanted.compareTo(longest) > 0) {
            wanted = longest;
        }
        double factor = ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER);
        return Duration.ofNanos((long) (wanted.toNanos() * factor));
    }
}
