package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Background work of a process that holds deployments. Every few seconds it renews leases, closes tunnels of deployments that
 * another process took, and undoes what earlier failures left. If settings ask for it, it also resumes deployments whose process
 * is gone and cleans up: at once when it begins, then at the interval, and sooner after a failure.
 */
public final class Housekeeping implements AutoCloseable {

    /** How soon a deletion by another process is noticed. */
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private final Backends backends;
    private final Map<String, LocalDeployment> held;
    private final Runnable undo;
    private final Runnable reconciliation;
    private final TunnelResumption resumption;
    private final @Nullable Duration interval;
    private @Nullable ScheduledExecutorService executor; // guarded by this
    private boolean closed; // guarded by this
    private Instant renewAt;
    private Deadline reconcileAt = Deadline.after(Duration.ZERO); // used by one pass at a time
    private String trouble = ""; // what stopped the last pass; used by one pass at a time

    /**
     * Makes it; nothing happens yet.
     *
     * @param undo takes back what earlier failures left
     * @param reconciliation a pass of clean-up
     * @param interval how often the rest is done, or null for only when asked
     */
    Housekeeping(
            Backends backends,
            Map<String, LocalDeployment> held,
            Runnable undo,
            Runnable reconciliation,
            TunnelResumption resumption,
            @Nullable Duration interval) {
        this.backends = backends;
        this.held = held;
        this.undo = undo;
        this.reconciliation = reconciliation;
        this.resumption = resumption;
        this.interval = interval;
        this.renewAt = nextRenewal();
    }

    /** From now on there is something to look after. */
    synchronized void begin() {
        if (closed || executor != null || interval == null) {
            return;
        }
        // One for what is done every few seconds, one for passes of clean-up, which may take longer.
        executor = Executors.newScheduledThreadPool(2, task -> {
            Thread thread = new Thread(task, "jrm-housekeeping");
            thread.setDaemon(true);
            return thread;
        });
        // tick catches what it throws, so the future has nothing to tell.
        var unused = executor.scheduleWithFixedDelay(
                this::tick, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        if (!backends.settings().reconcileInterval().isZero()) {
            executor.execute(this::pass);
        }
    }

    private void pass() {
        Duration next;
        try {
            var unused = resumption.resumeDue(RESUME_TIMEOUT);
            if (reconcileAt.isOver()) {
                // Finishes or undoes what was half done, and cleans up after what is over.
                reconciliation.run();
                unused = resumption.resumeDue(RESUME_TIMEOUT);
                reconcileAt = Deadline.after(backends.settings().reconcileInterval());
            }
            if (!trouble.isEmpty()) {
                LOG.info("Deployments are looked after again");
                trouble = "";
            }
            next = resumption.hasFailures()
                    ? Deadline.after(TunnelResumption.AFTER_FAILURE)
                            .orAfter(reconcileAt.remaining())
                            .remaining()
                    : reconcileAt.remaining();
        } catch (RuntimeException e) {
            next = TunnelResumption.AFTER_FAILURE;
            String message = String.valueOf(e.getMessage());
            if (!isClosed() && !message.equals(trouble)) {
                LOG.warn("Cannot look after the deployments; trying again until it succeeds: {}", message);
                trouble = message;
            }
            LOG.debug("The pass failed", e);
        }
        schedule(next);
    }

    private synchronized void schedule(Duration delay) {
        if (!closed && executor != null) {
            // pass catches what it throws, so the future has nothing to tell.
            var unused = executor.schedule(this::pass, delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** What is done every now and then. Does not throw. */
    void tick() {
        try {
            undo.run();
            if (held.isEmpty()) {
                return;
            }
            JournalContents journal = backends.journal().contents();
            Map<String, DeploymentRecord> records = journal.records().stream()
                    .collect(Collectors.toMap(DeploymentRecord::name, Function.identity(), (first, second) -> second));
            letGo(records, journal);
            if (!backends.clock().instant().isBefore(renewAt)) {
                renew(records, journal);
                renewAt = nextRenewal();
            }
        } catch (RuntimeException e) {
            // Nobody waits for this; the next tick tries again, long before a lease expires.
            LOG.warn("Cannot look after the deployments held here: {}", e.getMessage());
            LOG.debug("Housekeeping failed", e);
        }
    }

    /**
     * Closes the tunnels of deployments that another process has taken down or taken over. While it still takes one down they
     * stay: the job needs them to report its end.
     */
    private void letGo(Map<String, DeploymentRecord> records, JournalContents journal) {
        held.forEach((name, deployment) -> {
            DeploymentRecord record = records.get(name);
            if (journal.unreadable(name).isPresent()) {
                return;
            }
            if (record == null || isTakenOver(record)) {
                deployment.closeTunnels();
                held.remove(name, deployment);
                backends.event(
                        name,
                        DeploymentStep.CLOSE_TUNNELS,
                        DeploymentEvent.Kind.DONE,
                        "another process has taken the deployment " + (record == null ? "down" : "over"));
            } else if (!record.forwards().isEmpty()) {
                // Ports that have been closed on request, in this process or another.
                Set<Forward> wanted = record.forwards().stream()
                        .map(DeploymentForward::forward)
                        .collect(Collectors.toSet());
                deployment.closeTunnels(forward -> !wanted.contains(forward));
            }
        });
    }

    private void renew(Map<String, DeploymentRecord> records, JournalContents journal) {
        for (String name : held.keySet()) {
            DeploymentRecord record = records.get(name);
            if (record != null && record.phase() == DeploymentRecord.Phase.DEPLOYED) {
                renew(record);
            } else if (journal.unreadable(name).isPresent()) {
                var unused = backends.ports().renew(name, backends.settings().leaseValidity());
            }
        }
    }

    private void renew(DeploymentRecord record) {
        List<Integer> lost = new LeaseKeeper(backends, record).keep();
        if (!lost.isEmpty()) {
            backends.event(
                    record.name(),
                    DeploymentStep.LEASE_PORTS,
                    DeploymentEvent.Kind.FAILED,
                    "its leases expired while they could not be renewed, and somebody else has leased " + lost
                            + "; delete it and deploy again");
        }
    }

    private boolean isTakenOver(DeploymentRecord record) {
        return record.phase() != DeploymentRecord.Phase.DELETING
                && !record.owner().equals(backends.self());
    }

    private Instant nextRenewal() {
        return backends.clock()
                .instant()
                .plus(backends.settings().leaseValidity().dividedBy(3));
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (executor != null) {
            executor.shutdownNow();
        }
    }
}
