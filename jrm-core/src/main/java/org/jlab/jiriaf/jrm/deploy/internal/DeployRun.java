package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.DeployRequest;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.port.PortRequest;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jspecify.annotations.Nullable;

/** One deployment being made, step by step. Used once, by one thread. */
public final class DeployRun {

    /** What leases of kubelet ports are for. */
    static final String KUBELET = "kubelet";

    /** What leases of mapped custom metrics ports are for. */
    static final String CUSTOM_METRICS = "custom metrics";

    /** How often ports are leased anew because somebody took one between the question and the forward. */
    private static final int PORT_ATTEMPTS = 5;

    /** How much longer than its time a deploying process is taken to be alive, for clocks that differ. */
    private static final Duration OWNERSHIP_MARGIN = Duration.ofMinutes(1);

    /** What has been made. */
    record Result(
            DeploymentRecord record,
            DeploymentPlan plan,
            List<Tunnel> tunnels,
            @Nullable LoginSession session) {

        int workflowId() {
            return Objects.requireNonNull(record.workflowId());
        }
    }

    /** Ports of a deployment. */
    private record Ports(List<PortLease> kubelet, List<PortLease> customMetrics) {

        List<PortLease> all() {
            List<PortLease> all = new ArrayList<>(kubelet);
            all.addAll(customMetrics);
            return all;
        }
    }

    private final Backends backends;
    private final SiteConfig site;
    private final @Nullable Kubeconfig kubeconfig;
    private final Deadline deadline;
    private final SshRoute route;
    private final List<String> nodeNames;
    private final String name;
    private final UndoStack undo = new UndoStack();
    private DeploymentRecord record;

    /** Prepares a run; nothing happens yet. */
    public DeployRun(Backends backends, DeployRequest request, Deadline deadline) {
        this.backends = backends;
        this.site = request.site();
        this.kubeconfig = request.kubeconfig().orElse(backends.kubeconfig());
        this.deadline = deadline;
        this.route = site.ssh().route();
        this.nodeNames = DeploymentPlan.names(
                site,
                number -> String.format(
                        java.util.Locale.ROOT,
                        "%08x",
                        ThreadLocalRandom.current().nextInt()));
        this.name = site.jrm().site() + "_" + nodeNames.get(0);
        this.record = newRecord(request.requestId().orElse(name));
    }

    private DeploymentRecord newRecord(String requestId) {
        Instant now = backends.clock().instant();
        return new DeploymentRecord(
                name,
                requestId,
                DeploymentRecord.Phase.DEPLOYING,
                backends.self(),
                now.plus(deadline.remaining()).plus(OWNERSHIP_MARGIN),
                null,
                route,
                List.of(),
                nodeNames,
                site.ssh().nodePassword(),
                batchSystem(site.jrm().profile()),
                now,
                0);
    }

    /** Null where compute nodes reach a login node and scripts are started by {@code sh}: such a site may have a batch system. */
    private static DeploymentRecord.@Nullable BatchSystem batchSystem(SiteProfile profile) {
        if (profile.scriptStart().isBatch()) {
            return DeploymentRecord.BatchSystem.SITE;
        }
        return profile.nodeTunnels() ? null : DeploymentRecord.BatchSystem.HOST;
    }

    /** Finds out before anything is touched whether the deployment can be rendered and stored, whatever ports it gets. */
    public void rehearse() {
        step(
                DeploymentStep.RENDER,
                () -> {
                    DeploymentPlan preview = DeploymentPlan.preview(site, backends.settings());
                    backends.workflows()
                            .checkFits(WorkflowDrafts.draft(
                                    preview, backends.renderer().render(preview.job())));
                    return nodeNames.size();
                },
                nodes -> nodes + " nodes can be rendered and stored");
    }

    /** The record that holds the request, if another deployment already has it. */
    public Optional<DeploymentRecord> begin() {
        // Before it is done, here and below: if the answer is lost, it may be done all the same.
        undo.push(
                DeploymentStep.RECORD,
                "removed the record",
                () -> backends.journal().remove(name));
        DeploymentRecord begun = undoing(() -> step(
                DeploymentStep.RECORD,
                () -> backends.journal().begin(record),
                found -> "in the journal as " + found.name()));
        if (!begun.name().equals(name)) {
            return Optional.of(begun);
        }
        record = begun;
        return Optional.empty();
    }

    public Result execute() {
        return undoing(this::steps);
    }

    private <T> T undoing(Supplier<T> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            undo.unwind(
                    (step, what) -> backends.event(name, step, DeploymentEvent.Kind.UNDONE, what), (failed, why) -> {
                        e.addSuppressed(why);
                        backends.event(
                                name,
                                failed.step(),
                                DeploymentEvent.Kind.FAILED,
                                "cannot undo: " + failed.what() + ": " + why.getMessage());
                    });
            throw e;
        }
    }

    public String name() {
        return name;
    }

    /** After a failure: what could not be undone. */
    public UndoStack leftovers() {
        return undo;
    }

    private Result steps() {
        LoginSession session = connect();
        Set<Integer> taken = session == null
                ? Set.of()
                : step(
                        DeploymentStep.CONNECT,
                        () -> session.listeningPorts(deadline.remaining()),
                        ports -> "the login node listens on " + ports.size() + " ports");
        prepareSite(session);
        DeploymentPlan plan = null;
        List<Tunnel> tunnels = List.of();
        List<PortLease> leases = List.of();
        taken = new HashSet<>(taken);
        taken.addAll(portsOfOthers());
        undo.push(DeploymentStep.LEASE_PORTS, "gave back its ports", this::giveBackPorts);
        for (int attempt = 1; plan == null; attempt++) {
            Ports ports = leasePorts(taken);
            DeploymentPlan candidate = plan(ports);
            try {
                tunnels = openTunnels(session, candidate);
                plan = candidate;
                leases = ports.all();
            } catch (DeploymentException e) {
                Forward forward = metricsPortTaken(e);
                if (forward == null || attempt == PORT_ATTEMPTS) {
                    throw e;
                }
                taken.add(forward.bind().port());
                backends.ports().release(ports.all());
                backends.event(
                        name,
                        DeploymentStep.OPEN_TUNNELS,
                        DeploymentEvent.Kind.PROGRESS,
                        "port " + forward.bind().port() + " has been taken meanwhile; taking others");
            }
        }
        DeploymentPlan made = plan;
        List<Tunnel> opened = tunnels;
        List<PortLease> leased = leases;
        BatchScripts scripts = step(
                DeploymentStep.RENDER,
                () -> backends.renderer().render(made.job()),
                rendered -> rendered.nodeScripts().size() + " node scripts");
        step(
                DeploymentStep.STORE_WORKFLOW,
                () -> store(made, scripts, leased, opened, session),
                stored -> "workflow " + stored);
        return new Result(record, made, opened, session);
    }

    private @Nullable LoginSession connect() {
        TunnelManager tunnels = backends.tunnels();
        if (tunnels == null) {
            backends.event(name, DeploymentStep.CONNECT, DeploymentEvent.Kind.SKIPPED, "no tunnel manager");
            return null;
        }
        LoginSession session = step(
                DeploymentStep.CONNECT,
                () -> tunnels.connect(route, deadline.remaining()),
                connected -> "logged in to " + route.describe());
        undo.push(DeploymentStep.CONNECT, "closed the session with " + route.describe(), session::close);
        return session;
    }

    private void prepareSite(@Nullable LoginSession session) {
        SitePreparation preparation = new SitePreparation(name, site, kubeconfig);
        if (session == null || !preparation.isNeeded()) {
            return;
        }
        undo.push(
                DeploymentStep.PREPARE_SITE,
                "removed what it had put on the site",
                () -> preparation.undo(session, TakeDown.CANCEL_TIMEOUT));
        step(DeploymentStep.PREPARE_SITE, () -> preparation.put(session, deadline), done -> done);
    }

    private Ports leasePorts(Set<Integer> taken) {
        DeploymentSettings settings = backends.settings();
        int nodes = site.slurm().nodes();
        int custom = nodes * site.jrm().customMetricsPorts().size();
        List<PortLease> kubelet = lease(KUBELET, nodes, settings.kubeletPorts(), taken);
        List<PortLease> mapped =
                custom == 0 ? List.of() : lease(CUSTOM_METRICS, custom, settings.customMetricsPorts(), taken);
        return new Ports(kubelet, mapped);
    }

    private List<PortLease> lease(String purpose, int count, PortRange range, Set<Integer> taken) {
        List<String> hosts = List.of(backends.hostName(), route.login().host());
        return step(
                DeploymentStep.LEASE_PORTS,
                () -> backends.ports().allocate(new PortRequest(hosts, name, purpose, count, range, taken)),
                given -> count + " " + purpose + " ports of " + range);
    }

    private void giveBackPorts() {
        backends.ports()
                .release(backends.ports().leases().stream()
                        .filter(lease -> lease.owner().equals(name))
                        .toList());
    }

    /**
     * The ports of other deployments on these hosts. They are leased as a rule; but when their process is gone and nobody made a
     * pass of clean-up for long, the leases have expired and the nodes go on using the ports.
     */
    private Set<Integer> portsOfOthers() {
        return step(
                DeploymentStep.LEASE_PORTS,
                () -> backends.journal().list().stream()
                        .filter(other -> other.owner().host().equals(backends.hostName())
                                || other.route()
                                        .login()
                                        .host()
                                        .equals(route.login().host()))
                        .flatMap(other -> other.forwards().stream())
                        .filter(DeploymentForward::isLocal)
                        .map(DeploymentForward::port)
                        .collect(Collectors.toSet()),
                ports -> "other deployments have " + ports.size() + " ports");
    }

    private DeploymentPlan plan(Ports ports) {
        return DeploymentPlan.of(
                site,
                nodeNames,
                ports.kubelet().stream().map(PortLease::port).toList(),
                ports.customMetrics().stream().map(PortLease::port).toList(),
                backends.settings());
    }

    private List<Tunnel> openTunnels(@Nullable LoginSession session, DeploymentPlan plan) {
        if (session == null) {
            backends.event(name, DeploymentStep.OPEN_TUNNELS, DeploymentEvent.Kind.SKIPPED, "no tunnel manager");
            return List.of();
        }
        List<Tunnel> tunnels = step(
                DeploymentStep.OPEN_TUNNELS,
                () -> session.open(
                        plan.forwards().stream().map(DeploymentForward::forward).toList(), deadline.remaining()),
                opened -> opened.size() + " forwards up");
        undo.push(
                DeploymentStep.OPEN_TUNNELS,
                "closed " + tunnels.size() + " forwards",
                () -> tunnels.forEach(Tunnel::close));
        return tunnels;
    }

    /** The metrics forward whose port somebody took between the question and the forward, if that is what went wrong. */
    private static @Nullable Forward metricsPortTaken(DeploymentException e) {
        if (e.getCause() instanceof TunnelException tunnel
                && tunnel.reason() == TunnelException.Reason.PORT_TAKEN
                && tunnel.forward()
                        .filter(f -> f.direction() == Forward.Direction.LOCAL)
                        .isPresent()) {
            return tunnel.forward().get();
        }
        return null;
    }

    /**
     * Stores the workflow, having looked that everything it will need still stands: from the moment it is stored an agent may
     * take it.
     */
    private int store(
            DeploymentPlan plan,
            BatchScripts scripts,
            List<PortLease> leases,
            List<Tunnel> tunnels,
            @Nullable LoginSession session) {
        for (Tunnel tunnel : tunnels) {
            if (!tunnel.state().isUp()) {
                throw new TunnelException(
                        TunnelException.Reason.UNREACHABLE,
                        tunnel.forward(),
                        "the forward " + tunnel.forward() + " of " + route.describe() + " went down: "
                                + tunnel.state().reason() + "; check the login node and deploy again",
                        null);
            }
        }
        if (session != null) {
            session.check(deadline.remaining());
        }
        if (backends.nodes() != null) {
            backends.nodes().check(deadline.remaining());
        }
        if (deadline.isOver() || Thread.currentThread().isInterrupted()) {
            throw new JrmException(
                    deadline.isOver()
                            ? "the time for the deployment is over; deploy again with a longer timeout"
                            : "the deploying thread was interrupted",
                    null,
                    true);
        }
        requireLeases(leases);
        record = replaced(record.withForwards(plan.forwards()));
        undo.push(DeploymentStep.STORE_WORKFLOW, "deleted its workflow", () -> deleteWorkflow(session));
        int id = backends.workflows().add(WorkflowDrafts.draft(plan, scripts));
        record = replaced(record.withWorkflowId(id).withPhase(DeploymentRecord.Phase.DEPLOYED));
        return id;
    }

    /** A deployment that took longer than its leases are good for may have lost them, even to a deployment that is over again. */
    private void requireLeases(List<PortLease> leases) {
        Set<Long> tokens = backends.ports().renew(name, backends.settings().leaseValidity()).stream()
                .map(PortLease::token)
                .collect(Collectors.toSet());
        List<Integer> lost = leases.stream()
                .filter(lease -> !tokens.contains(lease.token()))
                .map(PortLease::port)
                .toList();
        if (!lost.isEmpty()) {
            throw new JrmException(
                    "the leases of ports " + lost
                            + " expired before the deployment was made; deploy again, or set a longer"
                            + " leaseValidity than "
                            + backends.settings().leaseValidity(),
                    null,
                    true);
        }
    }

    /** An agent may have taken it already: then it is a deployment like any other, and its job and nodes go with it. */
    private void deleteWorkflow(@Nullable LoginSession session) {
        backends.workflows()
                .findByName(name)
                .ifPresent(workflow -> TakeDown.of(backends, record, workflow, null, SiteSessions.of(backends, session))
                        .delete());
    }

    private DeploymentRecord replaced(DeploymentRecord changed) {
        return backends.journal()
                .replace(changed)
                .orElseThrow(() -> new JrmException(
                        "somebody else has changed the record of this deployment, because this process was thought dead;"
                                + " deploy again",
                        null,
                        true));
    }

    private <T> T step(DeploymentStep step, Supplier<T> action, Function<T, String> outcome) {
        backends.event(name, step, DeploymentEvent.Kind.STARTED, "");
        try {
            if (deadline.isOver()) {
                throw new JrmException(
                        "the time for the deployment is over; deploy again with a longer timeout", null, true);
            }
            T result = action.get();
            backends.event(name, step, DeploymentEvent.Kind.DONE, outcome.apply(result));
            return result;
        } catch (RuntimeException e) {
            backends.event(name, step, DeploymentEvent.Kind.FAILED, String.valueOf(e.getMessage()));
            throw new DeploymentException(name, step, String.valueOf(e.getMessage()), e);
        }
    }
}
