package org.jlab.jiriaf.jrm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.batch.JrmNode;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jspecify.annotations.Nullable;

/** The deployments whose tunnels this process holds, and how it comes to hold those of a process that is gone. Thread-safe. */
final class HeldDeployments implements AutoCloseable {

    private final JrmDeployer deployer;
    private final Backends backends;
    private final Map<String, HeldDeployment> held = new ConcurrentHashMap<>();

    /** Deployments that a thread of this process makes or takes up at the moment. */
    private final Set<String> working = ConcurrentHashMap.newKeySet();

    /** Deployments that were disconnected on demand, and are taken up on demand alone. */
    private final Set<String> left = ConcurrentHashMap.newKeySet();

    private final Housekeeping housekeeping;

    /**
     * Makes it.
     *
     * @param undo takes back what earlier failures left
     * @param reconciliation what is done every {@link DeploymentSettings#reconcileInterval()}
     * @param interval how often it is looked after what is held, or null for only when asked
     */
    HeldDeployments(
            JrmDeployer deployer,
            Backends backends,
            Runnable undo,
            Runnable reconciliation,
            @Nullable Duration interval) {
        this.deployer = deployer;
        this.backends = backends;
        this.housekeeping = new Housekeeping(backends, held, undo, reconciliation, interval);
    }

    /** By name. */
    Map<String, HeldDeployment> byName() {
        return held;
    }

    /** Keeps others of this process from a deployment while it is being made. */
    <T> T whileWorkingOn(String name, Supplier<T> work) {
        working.add(name);
        try {
            return work.get();
        } finally {
            working.remove(name);
        }
    }

    Deployment hold(DeployRun.Result made) {
        DeploymentPlan plan = made.plan();
        return hold(
                new Deployment(deployer, made.workflowId(), plan.name(), plan.nodes(), made.tunnels()), made.session());
    }

    private Deployment hold(Deployment deployment, @Nullable LoginSession session) {
        held.put(deployment.name(), new HeldDeployment(deployment, session));
        housekeeping.begin();
        return deployment;
    }

    /** The deployment that an earlier request of the same id made. */
    Deployment earlier(DeploymentRecord record, Deadline deadline) {
        HeldDeployment here = held.get(record.name());
        if (here != null) {
            return here.deployment();
        }
        String request = "request " + record.requestId();
        if (record.phase() != DeploymentRecord.Phase.DEPLOYED) {
            throw new DeploymentException(
                    record.name(),
                    Step.RECORD,
                    request + " is " + record.phase() + " in process "
                            + record.owner().pid() + " on " + record.owner().host() + "; wait for it",
                    null);
        }
        Workflow workflow = backends.workflows().findByName(record.name()).orElse(null);
        return takeOver(record, workflow, deadline)
                .orElseThrow(() -> new DeploymentException(
                        record.name(),
                        Step.OPEN_TUNNELS,
                        request + " has been deployed, and "
                                + (workflow == null || workflow.state().isOver()
                                        ? "is over; use another request id"
                                        : "its tunnels cannot be taken up here; the events say why"),
                        null));
    }

    /** Takes up whatever on this host has lost its process. */
    List<Deployment> resume(Duration timeout) {
        List<DeploymentRecord> records = backends.journal().list();
        Map<String, Workflow> workflows = backends.workflows().list(WorkflowFilter.DEPLOYMENTS).stream()
                .collect(Collectors.toMap(Workflow::name, Function.identity(), (first, second) -> second));
        List<Deployment> resumed = new ArrayList<>();
        for (DeploymentRecord record : records) {
            if (record.phase() == DeploymentRecord.Phase.DEPLOYED && !left.contains(record.name())) {
                takeOver(record, workflows.get(record.name()), Deadline.after(timeout))
                        .ifPresent(resumed::add);
            }
        }
        return resumed;
    }

    /** Takes up one that somebody asks for. */
    Deployment resume(Workflow workflow, Duration timeout) {
        left.remove(workflow.name());
        HeldDeployment here = held.get(workflow.name());
        if (here != null) {
            return here.deployment();
        }
        DeploymentRecord record = backends.journal()
                .find(workflow.name())
                .orElseThrow(() -> cannotOpen(workflow, "jrm has no record of how its site is reached"));
        if (workflow.state().isOver()) {
            throw cannotOpen(workflow, "it is " + workflow.state() + " and needs none");
        }
        if (record.phase() != DeploymentRecord.Phase.DEPLOYED || !isWithoutHolder(record)) {
            throw cannotOpen(
                    workflow,
                    "it is " + record.phase() + " in process " + record.owner().pid() + " on "
                            + record.owner().host() + ", which may be alive");
        }
        return takeOver(record, workflow, Deadline.after(timeout))
                .orElseThrow(() -> cannotOpen(workflow, "the events say why; try again later"));
    }

    private static DeploymentException cannotOpen(Workflow workflow, String why) {
        return new DeploymentException(
                workflow.name(), Step.OPEN_TUNNELS, "no tunnels for workflow " + workflow.id() + ": " + why, null);
    }

    /** Leaves a deployment alone until somebody asks for it. */
    void leave(String name) {
        left.add(name);
    }

    /** Makes this process the owner of a deployment and opens its tunnels; empty if somebody else was faster or it cannot be. */
    private Optional<Deployment> takeOver(DeploymentRecord record, @Nullable Workflow workflow, Deadline deadline) {
        if (workflow == null || workflow.state().isOver() || !working.add(record.name())) {
            return Optional.empty();
        }
        try {
            if (!isWithoutHolder(record)) {
                return Optional.empty();
            }
            return backends.journal()
                    .replace(record.withOwner(backends.self(), backends.clock().instant()))
                    .flatMap(owned -> new ResumeRun(backends, owned, workflow, deadline).execute())
                    .map(opened -> hold(
                            new Deployment(
                                    deployer,
                                    workflow.id(),
                                    workflow.name(),
                                    JrmNode.allOf(workflow),
                                    opened.tunnels()),
                            opened.session()));
        } finally {
            working.remove(record.name());
        }
    }

    /** Its process is gone, or it is this one and could not take up the tunnels before. */
    private boolean isWithoutHolder(DeploymentRecord record) {
        return backends.isKnownDead(record.owner())
                || (record.owner().equals(backends.self()) && !held.containsKey(record.name()));
    }

    /** From now on there is something to look after. */
    void beginToLookAfter() {
        housekeeping.begin();
    }

    void lookAfter() {
        housekeeping.tick();
    }

    /** Stops looking after them. Their tunnels are closed with the tunnel manager. */
    @Override
    public void close() {
        housekeeping.close();
        held.clear();
    }
}
