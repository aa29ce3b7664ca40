package org.jlab.jiriaf.jrm.app.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;

/** Makes one check after the other, each bounded in time, and tells of each at once. Used by one thread. */
final class Examination implements AutoCloseable {

    /** How long a check may take. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private final Consumer<Finding> listener;
    private final List<Finding> findings = new ArrayList<>();
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "jrm-doctor");
        thread.setDaemon(true);
        return thread;
    });

    Examination(Consumer<Finding> listener) {
        this.listener = listener;
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    /**
     * Makes a check.
     *
     * @param name what is checked
     * @param check the check; what it throws is a failure
     * @return whether what builds on it can go on
     * @throws InterruptedException if the user has enough
     */
    boolean check(String name, Callable<Verdict> check) throws InterruptedException {
        Verdict verdict = verdict(() -> patiently(check));
        tell(new Finding(name, verdict.status(), verdict.message()));
        return verdict.status() == Status.OK || verdict.status() == Status.WARNING;
    }

    /** What can pass by itself, a connection that broke just then, has a second go. */
    private static Verdict patiently(Callable<Verdict> check) throws Exception {
        try {
            return check.call();
        } catch (TunnelException e) {
            if (e.isTransient()) {
                return check.call();
            }
            throw e;
        }
    }

    private Verdict verdict(Callable<Verdict> check) throws InterruptedException {
        Future<Verdict> future = executor.submit(check);
        try {
            return future.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Verdict.failure("no answer within " + LIMIT.toSeconds() + " s; try again, and ask its admins");
        } catch (ExecutionException e) {
            return Verdict.failure(words(e.getCause() == null ? e : e.getCause()));
        } finally {
            future.cancel(true);
        }
    }

    void skip(String name, String why) {
        tell(new Finding(name, Status.SKIPPED, why));
    }

    private void tell(Finding finding) {
        findings.add(finding);
        listener.accept(finding);
    }

    private static String words(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.toString() : message;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
