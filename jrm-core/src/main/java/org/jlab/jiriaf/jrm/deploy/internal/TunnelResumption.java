package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;

/**
 * Opens the tunnels of deployments whose process is gone. Several are opened at a time, so that one whose site is away does not
 * delay the others. A failure is kept and delays the next automatic attempt. Thread-safe.
 */
final class TunnelResumption {

    /** Pause after a failure that may pass by itself. */
    static final Duration AFTER_FAILURE = Duration.ofSeconds(2);

    private static final Duration AFTER_PERMANENT_FAILURE = Duration.ofSeconds(20);

    /** Sites lock out users whose login is refused too often. */
    private static final Duration AFTER_REFUSED_LOGIN = Duration.ofMinutes(5);

    private static final int AT_A_TIME = 8;

    private final Backends backends;
    private final LocalDeployments deployments;

    /** The last failure of each deployment that could not be resumed, by name. */
    private final Map<String, Failure> failures = new ConcurrentHashMap<>();

    private record Failure(JrmException why, Deadline notBefore) {}

    TunnelResumption(Backends backends, LocalDeployments deployments) {
        this.backends = backends;
        this.deployments = deployments;
    }

    /** The failure of the last attempt; empty if the tunnels are here or nobody tried. */
    Optional<JrmException> failure(String deployment) {
        return deployments.byName().containsKey(deployment)
                ? Optional.empty()
                : Optional.ofNullable(failures.get(deployment)).map(Failure::why);
    }

    /** Whether an attempt failed and will be repeated. */
    boolean hasFailures() {
        return !failures.isEmpty();
    }

    /** Resumes deployments that lost their process, and those whose pause after a failure is over. */
    List<Deployment> resumeDue(Duration timeout) {
        return resume(timeout, this::isDue);
    }

    /** Resumes every deployment that no living process holds, without regard to earlier failures. */
    List<Deployment> resumeAll(Duration timeout) {
        return resume(timeout, deployments::isWithoutHolder);
    }

    private boolean isDue(DeploymentRecord record) {
        Failure failure = failures.get(record.name());
        return failure == null
                ? backends.isKnownDead(record.owner())
                : failure.notBefore().isOver() && deployments.isWithoutHolder(record);
    }

    private List<Deployment> resume(Duration timeout, Predicate<DeploymentRecord> chosen) {
        List<DeploymentRecord> records = backends.journal().list();
        forgetOthers(records);
        List<DeploymentRecord> due = records.stream()
                .filter(record -> record.phase() == DeploymentRecord.Phase.DEPLOYED
                        && !deployments.isLeft(record.name())
                        && chosen.test(record))
                .toList();
        if (due.isEmpty()) {
            return List.of();
        }
        Map<String, Workflow> workflows = backends.workflowsByName();
        ExecutorService executor = Executors.newFixedThreadPool(Math.min(AT_A_TIME, due.size()), task -> {
            Thread thread = new Thread(task, "jrm-resume");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Optional<Deployment>>> attempts = executor.invokeAll(due.stream()
                    .filter(record -> workflows.containsKey(record.name()))
                    .<Callable<Optional<Deployment>>>map(record ->
                            () -> attempt(record, Objects.requireNonNull(workflows.get(record.name())), timeout))
                    .toList());
            return attempts.stream()
                    .map(TunnelResumption::result)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JrmException("interrupted while tunnels were opened again", e, true);
        } finally {
            executor.shutdownNow();
        }
    }

    /** Forgets failures of deployments that are gone, or that another process has. */
    private void forgetOthers(List<DeploymentRecord> records) {
        failures.keySet()
                .retainAll(records.stream()
                        .filter(deployments::isWithoutHolder)
                        .map(DeploymentRecord::name)
                        .collect(Collectors.toSet()));
    }

    private static Optional<Deployment> result(Future<Optional<Deployment>> attempt) {
        try {
            return attempt.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JrmException("interrupted while tunnels were opened again", e, true);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    private Optional<Deployment> attempt(DeploymentRecord record, Workflow workflow, Duration timeout) {
        try {
            Optional<Deployment> resumed =
                    deployments.takeOver(record, workflow, record.route(), Deadline.after(timeout));
            failures.remove(record.name());
            return resumed;
        } catch (WorkflowStoreException e) {
            throw e;
        } catch (JrmException e) {
            // An event has told it.
            failures.put(record.name(), new Failure(e, Deadline.after(pauseAfter(e))));
            return Optional.empty();
        }
    }

    static Duration pauseAfter(JrmException failure) {
        if (failure instanceof TunnelException tunnel
                && tunnel.reason() == TunnelException.Reason.AUTHENTICATION_REFUSED) {
            return AFTER_REFUSED_LOGIN;
        }
        return failure.isTransient() ? AFTER_FAILURE : AFTER_PERMANENT_FAILURE;
    }
}
