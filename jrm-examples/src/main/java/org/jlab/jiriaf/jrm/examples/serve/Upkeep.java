package org.jlab.jiriaf.jrm.examples.serve;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the service does unasked: takes up the tunnels of deployments whose process is gone, at once when it starts and whenever
 * one is left, and cleans up after what is over.
 */
final class Upkeep implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofSeconds(20);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int SIDE_BY_SIDE = 8;

    private final ServiceParts parts;
    private final HandHeld handHeld;
    private final String hostName;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(Upkeep::thread);
    private final ExecutorService executor = Executors.newFixedThreadPool(SIDE_BY_SIDE, Upkeep::thread);

    Upkeep(ServiceParts parts, HandHeld handHeld, String hostName) {
        this.parts = parts;
        this.handHeld = handHeld;
        this.hostName = hostName;
        // pass catches what it throws, so the future has nothing to tell.
        var unused = timer.schedule(this::pass, 0, TimeUnit.MILLISECONDS);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "jrm-upkeep");
        thread.setDaemon(true);
        return thread;
    }

    private void pass() {
        Duration next = INTERVAL;
        try {
            takeUp();
            // Finishes or undoes what was half done, takes up what that brings, and cleans up after what is over.
            var unused = parts.jrm().resume(RESUME_TIMEOUT);
            handHeld.renew();
        } catch (InterruptedException e) {
            return;
        } catch (RuntimeException e) {
            next = AFTER_FAILURE;
            LOG.warn("Cannot look after the deployments, trying again: {}", e.getMessage());
            LOG.debug("Upkeep failed", e);
        }
        if (!timer.isShutdown()) {
            var unused = timer.schedule(this::pass, next.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Takes up what has lost its process, first of all and side by side: one whose site is away does not hold up the others. */
    private void takeUp() throws InterruptedException {
        List<Callable<Boolean>> work = parts.store().deploymentJournal().list().stream()
                .filter(record -> record.phase() == DeploymentRecord.Phase.DEPLOYED
                        && record.workflowId() != null
                        && record.owner().isKnownDead(hostName))
                .<Callable<Boolean>>map(record -> () -> takeUp(Objects.requireNonNull(record.workflowId())))
                .toList();
        var unused = executor.invokeAll(work);
    }

    private boolean takeUp(int workflowId) {
        try {
            var unused = parts.jrm().resume(workflowId, RESUME_TIMEOUT);
            return true;
        } catch (JrmException e) {
            // The deployer has told it as an event; the next pass tries again.
            LOG.debug("Workflow {} is not taken up now", workflowId, e);
            return false;
        }
    }

    /** Ends it; a pass that is under way is interrupted. */
    @Override
    public void close() {
        timer.shutdownNow();
        executor.shutdownNow();
        try {
            var unused = timer.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
