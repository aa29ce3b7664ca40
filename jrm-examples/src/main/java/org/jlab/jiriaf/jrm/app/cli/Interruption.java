package org.jlab.jiriaf.jrm.app.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets a command clean up when the process is told to end (Ctrl-C, SIGTERM). */
final class Interruption {

    private static final long PATIENCE_SECONDS = 30;

    private Interruption() {}

    /**
     * Runs the work of a command. When the process is told to end meanwhile, this thread is interrupted and the process waits
     * until the work is over.
     */
    static <T> T guard(Callable<T> work) throws Exception {
        Thread worker = Thread.currentThread();
        CountDownLatch over = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    worker.interrupt();
                    await(over);
                },
                "jrm-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.call();
        } finally {
            over.countDown();
            remove(hook);
        }
    }

    private static void await(CountDownLatch over) {
        try {
            if (!over.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("Not everything could be cleaned up in " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, which is what the hook is for.
        }
    }
}
