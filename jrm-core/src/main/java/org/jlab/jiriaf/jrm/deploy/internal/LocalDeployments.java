package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** The deployments whose tunnels this process holds, and how it comes to hold those of a process that is gone. Thread-safe. */
public final class LocalDeployments implements AutoCloseable {

    private final JrmDeployer deployer;
    private final Backends backends;
    private final Map<String, LocalDeployment> held = new ConcurrentHashMap<>();

    /** Deployments that a thread of this process makes or takes up at the moment. */
    private final Set<String> working = ConcurrentHashMap.newKeySet();

    /** Deployments that were disconnected on demand, and are taken up on demand alone. */
    private final Set<String> left = ConcurrentHashMap.newKeySet();

    private final TunnelResumption resumption;
    private final Housekeeping housekeeping;

    /**
     * Makes it.
     *
     * @param undo takes back what earlier failures left
     * @param reconciliation a pass of clean-up
     * @param interval how often it is looked after what is held, or null for only when asked
     */
    public LocalDeployments(
            JrmDeployer deployer,
            Backends backends,
            Runnable undo,
            Runnable reconciliation,
            @Nullable Duration interval) {
        this.deployer = deployer;
        this.backends = backends;
        this.resumption = new TunnelResumption(backends, this);
        this.housekeeping = new Housekeeping(backends, held, undo, reconciliation, resumption, interval);
    }

    /** By name. */
    public Map<String, LocalDeployment> byName() {
        return held;
    }

    /** Keeps others of this process from a deployment while it is being made. */
    public <T> T whileWorkingOn(String name, Supplier<T> work) {
        working.add(name);
        try {
            return work.get();
        } finally {
            working.remove(name);
        }
    }

    public Deployment hold(DeployRun.Result made) {
        DeploymentPlan plan = made.plan();
        return hold(
                new Deployment(deployer, made.workflowId(), plan.name(), plan.nodes(), made.tunnels()), made.session());
    }

    private Deployment hold(Deployment deployment, @Nullable LoginSession session) {
        held.put(deployment.name(), new LocalDeployment(deployment, session));
        housekeeping.begin();
        return deployment;
    }

    /**
     * The deployment that an earlier request of the same id made.
     *
     * @param login the way to the login node as this request has it
     */
    public Deployment earlier(DeploymentRecord record, SshRoute login, Deadline deadline) {
        LocalDeployment here = held.get(record.name());
        if (here != null) {
            return here.deployment();
        }
        String request = "request " + record.requestId();
        if (record.phase() != DeploymentRecord.Phase.DEPLOYED) {
            throw new DeploymentException(
                    record.name(),
                    DeploymentStep.RECORD,
                    request + " is " + record.phase() + " in process "
                            + record.owner().pid() + " on " + record.owner().host() + "; wait for it",
                    null);
        }
        Workflow workflow = backends.workflows().findByName(record.name()).orElse(null);
        if (workflow == null || workflow.state().isOver()) {
            throw new DeploymentException(
                    record.name(),
                    DeploymentStep.OPEN_TUNNELS,
                    request + " has been deployed and is over; use another request id",
                    null);
        }
        SshRoute route = login.hops().equals(record.route().hops()) ? login : record.route();
        return takeOverOrThrow(record, workflow, route, deadline);
    }

    /** Takes up whatever on this host has lost its process; an event tells why one could not be taken up. */
    public List<Deployment> resume(Duration timeout) {
        return resumption.resumeAll(timeout);
    }

    /** Why the tunnels of a deployment could not be opened again at the last attempt. */
    public Optional<JrmException> resumeFailure(String name) {
        return resumption.failure(name);
    }

    /**
     * Takes up one that somebody asks for.
     *
     * @param login the way to the login node with what there is to log in with, or null for what is recorded
     */
    public Deployment resume(Workflow workflow, @Nullable SshRoute login, Duration timeout) {
        left.remove(workflow.name());
        LocalDeployment here = held.get(workflow.name());
        if (here != null) {
            return here.deployment();
        }
        DeploymentRecord record = backends.journal()
                .find(workflow.name())
                .orElseThrow(() -> cannotOpen(workflow, "jrm has no record of how its site is reached", null));
        if (workflow.state().isOver()) {
            throw cannotOpen(workflow, "it is " + workflow.state() + " and needs none", null);
        }
        if (login != null && !login.hops().equals(record.route().hops())) {
            throw cannotOpen(
                    workflow,
                    "it is at " + record.route().describe() + ", and the site file leads to " + login.describe(),
                    null);
        }
        if (record.phase() != DeploymentRecord.Phase.DEPLOYED || !isWithoutHolder(record)) {
            throw cannotOpen(
                    workflow,
                    "it is " + record.phase() + " in process " + record.owner().pid() + " on "
                            + record.owner().host() + ", which may be alive",
                    null);
        }
        return takeOverOrThrow(record, workflow, login == null ? record.route() : login, Deadline.after(timeout));
    }

    private Deployment takeOverOrThrow(DeploymentRecord record, Workflow workflow, SshRoute route, Deadline deadline) {
        Optional<Deployment> taken;
        try {
            taken = takeOver(record, workflow, route, deadline);
        } catch (JrmException e) {
            throw cannotOpen(workflow, String.valueOf(e.getMessage()), e);
        }
        return taken.orElseThrow(() -> cannotOpen(workflow, "somebody else takes them up or holds them", null));
    }

    private static DeploymentException cannotOpen(Workflow workflow, String why, @Nullable JrmException cause) {
        return new DeploymentException(
                workflow.name(),
                DeploymentStep.OPEN_TUNNELS,
                "no tunnels for workflow " + workflow.id() + ": " + why,
                cause);
    }

    /** Whether a deployment is left alone until somebody asks for it. */
    boolean isLeft(String name) {
        return left.contains(name);
    }

    /** Leaves a deployment alone until somebody asks for it. */
    public void leave(String name) {
        left.add(name);
    }

    /** Makes this process the owner of a deployment and opens its tunnels; empty if it is over or somebody else is faster. */
    Optional<Deployment> takeOver(DeploymentRecord record, Workflow workflow, SshRoute route, Deadline deadline) {
        if (workflow.state().isOver() || !working.add(record.name())) {
            return Optional.empty();
        }
        try {
            if (!isWithoutHolder(record)) {
                return Optional.empty();
            }
            return backends.journal()
                    .replace(record.withOwner(backends.self(), backends.clock().instant()))
                    .map(owned -> new ResumeRun(backends, owned, workflow, route, deadline).execute())
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
    boolean isWithoutHolder(DeploymentRecord record) {
        return backends.isKnownDead(record.owner())
                || (record.owner().equals(backends.self()) && !held.containsKey(record.name()));
    }

    /** From now on there is something to look after. */
    public void beginToLookAfter() {
        housekeeping.begin();
    }

    public void lookAfter() {
        housekeeping.tick();
    }

    /** Stops looking after them. Their tunnels are closed with the tunnel manager. */
    @Override
    public void close() {
        housekeeping.close();
        held.clear();
    }
}
