package org.jlab.jiriaf.jrm.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A point in time until which something has to be done, on the clock that nobody sets.
 *
 * @param nanoTime the moment, as {@link System#nanoTime()} counts
 */
public record Deadline(long nanoTime) {

    /** The moment that far from now. */
    public static Deadline after(Duration timeout) {
        return new Deadline(System.nanoTime() + timeout.toNanos());
    }

    /** The nearer of this one and another that far from now. */
    public Deadline orAfter(Duration timeout) {
        Deadline other = after(timeout);
        return other.nanoTime - nanoTime < 0 ? other : this;
    }

    /** What is left; never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, nanosLeft()));
    }

    /** What is left, or how long it has been over if negative. */
    public long nanosLeft() {
        return nanoTime - System.nanoTime();
    }

    /** What is left, but at least 1, since 0 means for ever to much of what takes a timeout. */
    public int millisLeft() {
        return (int) Math.max(1, Math.min(TimeUnit.NANOSECONDS.toMillis(nanosLeft()), Integer.MAX_VALUE));
    }

    /** Whether the moment has come. */
    public boolean isOver() {
        return nanosLeft() <= 0;
    }
}
