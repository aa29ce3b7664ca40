package org.jlab.jiriaf.jrm.app.demo;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for what nobody announces, such as the kernel's table of sockets. */
final class Polling {

    private static final Duration INTERVAL = Duration.ofMillis(20);

    private Polling() {}

    /**
     * Waits until a condition holds, at most as long as given.
     *
     * @return whether it holds
     */
    static boolean until(BooleanSupplier condition, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= end || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
        return true;
    }
}
