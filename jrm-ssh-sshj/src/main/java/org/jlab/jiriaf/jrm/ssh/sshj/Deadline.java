package org.jlab.jiriaf.jrm.ssh.sshj;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A moment by which something has to be done. */
record Deadline(long nanoTime) {

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** The nearer of this one and another that far from now. */
    Deadline orIn(Duration time) {
        Deadline other = in(time);
        return other.nanoTime - nanoTime < 0 ? other : this;
    }

    long nanosLeft() {
        return nanoTime - System.nanoTime();
    }

    /** At least 1, since 0 means for ever to much of what takes a timeout. */
    long millisLeft() {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanosLeft()));
    }

    Duration left() {
        return Duration.ofNanos(Math.max(1, nanosLeft()));
    }

    boolean isOver() {
        return nanosLeft() <= 0;
    }
}
