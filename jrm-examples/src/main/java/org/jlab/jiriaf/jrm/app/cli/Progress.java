package org.jlab.jiriaf.jrm.app.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.report.DeploymentProgress;
import org.jspecify.annotations.Nullable;

/** Says how far a deployment has come, whenever that changes. Used by one thread. */
final class Progress {

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(2);

    private final Supplier<DeploymentProgress> source;
    private final PrintWriter err;
    private String last = "";

    /**
     * Looks at nothing yet.
     *
     * @param source looks how far it has come
     * @param err told
     */
    Progress(Supplier<DeploymentProgress> source, PrintWriter err) {
        this.source = source;
        this.err = err;
    }

    /** Looks every few seconds while something is the case, and tells until all nodes are Ready. */
    void followWhile(BooleanSupplier condition) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        boolean complete = false;
        while (condition.getAsBoolean()) {
            if (!complete) {
                DeploymentProgress now = look();
                complete = now != null && now.isReady();
            }
            boolean unused = never.await(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Waits until all nodes are Ready.
     *
     * @return what was seen last: all Ready, or the workflow over, or neither when the time was up; null if nothing was
     */
    @Nullable
    DeploymentProgress awaitReady(Duration timeout) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long end = System.nanoTime() + timeout.toNanos();
        DeploymentProgress seen = null;
        do {
            DeploymentProgress now = look();
            seen = now == null ? seen : now;
            if (seen != null && (seen.isReady() || seen.isOver())) {
                return seen;
            }
            boolean unused = never.await(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        } while (System.nanoTime() < end);
        return seen;
    }

    /** Looks, and tells what has changed; null if nobody could be asked. */
    private @Nullable DeploymentProgress look() {
        DeploymentProgress progress = null;
        String now;
        try {
            progress = source.get();
            now = progress.describe();
        } catch (JrmException e) {
            now = "progress is not known: " + e.getMessage();
        }
        if (!now.equals(last)) {
            last = now;
            err.println(now);
            err.flush();
        }
        return progress;
    }
}
