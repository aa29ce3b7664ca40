package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.time.Duration;

/** A point in time until which something has to be done, on the clock that nobody sets. */
record Deadline(Duration timeout, long startNanos) {

    static Deadline in(Duration timeout) {
        return new Deadline(timeout, System.nanoTime());
    }

    /** What is left, never negative. */
    Duration left() {
        Duration left = timeout.minusNanos(System.nanoTime() - startNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    boolean isOver() {
        return left().isZero();
    }
}
