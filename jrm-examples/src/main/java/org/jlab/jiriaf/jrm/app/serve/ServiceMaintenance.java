package org.jlab.jiriaf.jrm.app.serve;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the service does unasked: takes up the tunnels of deployments whose process is gone, at once when it starts and whenever
 * one is left, and cleans up after what is over. Thread-safe.
 */
final class ServiceMaintenance implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceMaintenance.class);
    private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofSeconds(20);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
    private static final Duration AFTER_REFUSED_LOGIN = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int SIDE_BY_SIDE = 8;

    private final ServiceDependencies parts;
    private final ManualForwards handHeld;
    private final ProcessIdentity self;
    private Instant cleanUpAt = Instant.EPOCH; // used by the timer's thread alone
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(ServiceMaintenance::thread);
    private final ExecutorService executor = Executors.newFixedThreadPool(SIDE_BY_SIDE, ServiceMaintenance::thread);

    /** What could not be taken up when it was last tried, by name of the deployment. */
    private final Map<String, Refusal> refused = new ConcurrentHashMap<>();

    /** What was in the way of the last pass; empty if nothing was. */
    private String trouble = ""; // used by the timer's thread alone

    /** Why it could not, and when it is tried again. */
    private record Refusal(String reason, Instant notBefore) {}

    ServiceMaintenance(ServiceDependencies parts, ManualForwards handHeld, ProcessIdentity self) {
        this.parts = parts;
        this.handHeld = handHeld;
        this.self = self;
        // pass catches what it throws, so the future has nothing to tell.
        var unused = timer.schedule(this::pass, 0, TimeUnit.MILLISECONDS);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "jrm-upkeep");
        thread.setDaemon(true);
        return thread;
    }

    /** Why the tunnels of a deployment could not be taken up when it was last tried; empty if they were, or nobody tried. */
    Optional<String> refusal(String deployment) {
        Refusal refusal = refused.get(deployment);
        // Somebody may have had them taken up since, by another way than this.
        return refusal == null || isHeld(deployment) ? Optional.empty() : Optional.of(refusal.reason());
    }

    private boolean isHeld(String name) {
        return parts.jrm().held().stream()
                .anyMatch(deployment -> deployment.name().equals(name));
    }

    private void pass() {
        Duration next;
        try {
            takeUp();
            if (!Instant.now().isBefore(cleanUpAt)) {
                // Finishes or undoes what was half done, and cleans up after what is over.
                var unused = parts.jrm().reconcile();
                takeUp();
                handHeld.renew();
                cleanUpAt = Instant.now().plus(INTERVAL);
            }
            Duration nextCleanUp = Duration.between(Instant.now(), cleanUpAt);
            if (!trouble.isEmpty()) {
                LOG.info("The deployments are looked after again");
                trouble = "";
            }
            next = refused.isEmpty() || nextCleanUp.compareTo(AFTER_FAILURE) < 0 ? nextCleanUp : AFTER_FAILURE;
        } catch (InterruptedException e) {
            return;
        } catch (RuntimeException e) {
            next = AFTER_FAILURE;
            String message = String.valueOf(e.getMessage());
            if (!timer.isShutdown() && !message.equals(trouble)) {
                LOG.warn("Cannot look after the deployments, trying again until it can be done: {}", message);
                trouble = message;
            }
            LOG.debug("Upkeep failed", e);
        }
        if (!timer.isShutdown()) {
            var unused = timer.schedule(this::pass, Math.max(0, next.toMillis()), TimeUnit.MILLISECONDS);
        }
    }

    /** Takes up what nobody holds, side by side: one whose site is away does not hold up the others. */
    private void takeUp() throws InterruptedException {
        List<DeploymentRecord> records = parts.store().deploymentJournal().list();
        refused.keySet()
                .retainAll(records.stream()
                        .filter(record -> record.owner().equals(self) && !isHeld(record.name()))
                        .map(DeploymentRecord::name)
                        .toList());
        var unused = executor.invokeAll(records.stream()
                .filter(record -> record.phase() == DeploymentRecord.Phase.DEPLOYED
                        && record.workflowId() != null
                        && isDue(record))
                .<Callable<Boolean>>map(record -> () -> takeUp(record))
                .toList());
    }

    private boolean isDue(DeploymentRecord record) {
        Refusal refusal = refused.get(record.name());
        return refusal == null
                ? record.owner().isKnownDead(self.host())
                : !Instant.now().isBefore(refusal.notBefore());
    }

    private boolean takeUp(DeploymentRecord record) {
        try {
            var unused = parts.jrm().resume(Objects.requireNonNull(record.workflowId()), RESUME_TIMEOUT);
            refused.remove(record.name());
            return true;
        } catch (JrmException e) {
            // The deployer has told it as an event; the next pass tries again.
            LOG.debug("{} is not taken up now", record.name(), e);
            refused.put(record.name(), refusal(record, e));
            return false;
        }
    }

    private static Refusal refusal(DeploymentRecord record, JrmException failure) {
        Throwable cause = failure.getCause();
        String reason = "tunnels are down: " + (cause == null ? failure : cause).getMessage();
        if (cause instanceof TunnelException why && why.reason() == TunnelException.Reason.AUTHENTICATION_REFUSED) {
            // Sites lock out who is refused too often.
            return new Refusal(
                    reason + " ('jrm connect workflow SITE.yaml " + record.workflowId() + "')",
                    Instant.now().plus(AFTER_REFUSED_LOGIN));
        }
        return new Refusal(reason, Instant.now().plus(failure.isTransient() ? AFTER_FAILURE : INTERVAL));
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
