package org.jlab.jiriaf.jrm.contract;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that a test sets. Thread-safe. */
public final class MutableClock extends Clock {

    private Instant now = Instant.parse("2026-11-22T21:07:13.143400Z");

    /** Makes a clock that stands still. */
    public MutableClock() {}

    /**
     * Lets time pass.
     *
     * @param duration how much
     */
    public synchronized void advance(Duration duration) {
        now = now.plus(duration);
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("this clock has only UTC");
    }
}
