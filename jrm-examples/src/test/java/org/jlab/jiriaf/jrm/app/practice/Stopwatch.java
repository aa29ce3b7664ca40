package org.jlab.jiriaf.jrm.app.practice;

import java.time.Duration;
import java.util.Locale;

/** Prints how long things took, for people to read. */
final class Stopwatch {

    private final String what;
    private final long start = System.nanoTime();

    Stopwatch(String what) {
        this.what = what;
    }

    /** Prints what has happened and how long after the start. */
    Duration lap(String event) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        print(what, event, elapsed);
        return elapsed;
    }

    /** Prints how long something took. */
    static void print(String what, String event, Duration duration) {
        System.out.printf(Locale.ROOT, "TIME %6.1f s  %s: %s%n", duration.toMillis() / 1000.0, what, event);
    }
}
