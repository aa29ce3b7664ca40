package org.jlab.jiriaf.jrm.app.serve;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads for work that waits, and a short queue before them: who comes when it is full is told to come back. Thread-safe. */
final class WorkQueue implements AutoCloseable {

    /** How long work that was interrupted may take to undo what it had begun. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ThreadPoolExecutor executor;

    WorkQueue(String name, int threads, int waiting) {
        AtomicInteger number = new AtomicInteger();
        executor = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting), task -> {
                    Thread thread = new Thread(task, "jrm-" + name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    void submit(Runnable work) {
        try {
            executor.execute(work);
        } catch (RejectedExecutionException e) {
            throw new Problem(503, "Too many requests are being worked on; try again in a few seconds")
                    .withHeader("Retry-After", "5");
        }
    }

    /** Interrupts what is under way and waits until it is over. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            var unused = executor.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
