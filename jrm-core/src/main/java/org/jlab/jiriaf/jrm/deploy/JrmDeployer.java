package org.jlab.jiriaf.jrm.deploy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmScheduler;
import org.jlab.jiriaf.jrm.deploy.internal.Backends;
import org.jlab.jiriaf.jrm.deploy.internal.DeployRun;
import org.jlab.jiriaf.jrm.deploy.internal.Housekeeping;
import org.jlab.jiriaf.jrm.deploy.internal.LocalDeployment;
import org.jlab.jiriaf.jrm.deploy.internal.LocalDeployments;
import org.jlab.jiriaf.jrm.deploy.internal.NodeReadyWait;
import org.jlab.jiriaf.jrm.deploy.internal.PortRangeRelease;
import org.jlab.jiriaf.jrm.deploy.internal.Reconciler;
import org.jlab.jiriaf.jrm.deploy.internal.SiteSessions;
import org.jlab.jiriaf.jrm.deploy.internal.TakeDown;
import org.jlab.jiriaf.jrm.deploy.internal.UndoStack;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.port.PortAllocator;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.script.BatchScriptRenderer;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deploys JRMs to sites and takes them down again. A deployment is a sequence of steps, each with its undo: whatever fails,
 * nothing stays behind.
 *
 * <p>Tunnels and their SSH connections belong to the process that opened them: {@link #close()} ends them. Everything else is
 * in the store, where another process can find and delete it. Thread-safe; deployments may run side by side.
 */
public final class JrmDeployer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JrmDeployer.class);

    private final Backends backends;
    private final List<UndoStack> pendingUndo = new ArrayList<>();
    private final LocalDeployments held;
    private final AtomicBoolean closed = new AtomicBoolean();

    private JrmDeployer(Backends backends, @Nullable Duration housekeepingInterval) {
        this.backends = backends;
        this.held = new LocalDeployments(this, backends, this::undoWhatIsLeft, this::reconcile, housekeepingInterval);
        if (!backends.settings().reconcileInterval().isZero()) {
            held.beginToLookAfter();
        }
    }

    /**
     * Starts to build a deployer.
     *
     * @return a builder, to be used by one thread
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Deploys to a site, like {@code deploy(DeployRequest.of(site))}.
     *
     * @param site the site
     * @return the deployment, its workflow stored and its tunnels up
     * @throws DeploymentException if a step fails; nothing stays behind
     */
    public Deployment deploy(SiteConfig site) {
        return deploy(DeployRequest.of(site));
    }

    /**
     * Deploys: notes the deployment in the journal, connects, leases ports, opens tunnels, renders and stores the workflow. Blocks
     * until an agent can take the workflow; {@link Deployment#awaitReady} waits for the nodes. Can be interrupted, which fails the
     * step that is under way.
     *
     * @param request what is asked for
     * @return the deployment, its workflow stored and its tunnels up
     * @throws DeploymentException if a step fails, nothing stays behind but a kubeconfig that was put on the site; or if another
     *     process works on a request of the same id
     */
    public Deployment deploy(DeployRequest request) {
        requireOpen();
        undoWhatIsLeft();
        SiteConfig site = request.site();
        Deadline deadline = Deadline.after(request.timeout());
        DeployRun run = new DeployRun(backends, request, deadline);
        run.rehearse();
        Deployment deployment;
        try {
            deployment = held.whileWorkingOn(
                    run.name(),
                    () -> begin(run)
                            .map(earlier -> held.earlier(earlier, site.ssh().route(), deadline))
                            .orElseGet(() -> held.hold(run.execute())));
        } catch (RuntimeException e) {
            remember(run.leftovers());
            throw e;
        }
        if (site.ssh().nodePassword()) {
            finishAt(site.ssh().route());
        }
        return deployment;
    }

    /** Passwords of earlier deployments that nobody could remove, because nobody could log in. */
    private void finishAt(SshRoute route) {
        try {
            reconciler().finishAt(route);
        } catch (JrmException e) {
            LOG.debug("Cannot finish now what is over at {}", route.describe(), e);
        }
    }

    /** Notes the deployment; gives the one that another request of the same id has made, if that is alive. */
    private Optional<DeploymentRecord> begin(DeployRun run) {
        Optional<DeploymentRecord> earlier = run.begin();
        return earlier.isPresent() && reconciler().recover(earlier.get()) ? run.begin() : earlier;
    }

    private SiteSessions sessions() {
        return SiteSessions.of(backends, held.byName());
    }

    private Reconciler reconciler() {
        return new Reconciler(backends, held.byName());
    }

    /**
     * Takes up the tunnels of every deployment that was made on this host, is not over and whose process is gone: what a process
     * does that replaces one which ended. One that cannot be taken up, because its login node is away or its port is in use, is
     * reported as an event and does not keep the others from being taken up.
     *
     * @param timeout how long it may take for each
     * @return the deployments taken up now
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    public List<Deployment> resume(Duration timeout) {
        requireOpen();
        reconcile();
        return held.resume(timeout);
    }

    /**
     * Tells why the tunnels of a deployment could not be opened again at the last attempt, by {@link #resume(Duration)} or by the
     * passes that {@link DeploymentSettings#reconcileInterval()} asks for. They try again: within seconds after a failure that may
     * pass, after 5 minutes if the login was refused.
     *
     * @param deployment name of the deployment
     * @return the failure; empty if its tunnels are here or were never tried
     */
    public Optional<JrmException> resumeFailure(String deployment) {
        return held.resumeFailure(deployment);
    }

    /**
     * Takes up the tunnels of one deployment; one whose tunnels are here already stays as it is.
     *
     * @param workflowId id of its workflow
     * @param timeout how long it may take
     * @return the deployment, its tunnels up
     * @throws DeploymentException if there is no such deployment, it is over, a process that may be alive holds its tunnels, or
     *     they cannot be opened
     */
    public Deployment resume(int workflowId, Duration timeout) {
        requireOpen();
        return held.resume(workflow(workflowId), null, timeout);
    }

    /**
     * Takes up the tunnels of one deployment as {@link #resume(int, Duration)} does, logging in as a site file says: for sites that
     * take a password, which is never stored.
     *
     * @param workflowId id of its workflow
     * @param site the site that it was deployed to; only its way to the login node counts
     * @param timeout how long it may take
     * @return the deployment, its tunnels up
     * @throws DeploymentException as with {@link #resume(int, Duration)}, or if the site file leads to another login node
     */
    public Deployment resume(int workflowId, SiteConfig site, Duration timeout) {
        requireOpen();
        return held.resume(workflow(workflowId), site.ssh().route(), timeout);
    }

    /**
     * Takes a deployment down: ends its batch job, closes its tunnels, frees its ports, deletes its nodes and its workflow, in
     * this order. A step that fails ends it; what is left stays recorded, so that a second call goes on where the first failed.
     * Tunnels that another process holds are closed by that process within seconds.
     *
     * @param workflowId id of its workflow
     * @throws DeploymentException if there is no such deployment, or a step fails
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be asked for it
     */
    public void delete(int workflowId) {
        requireOpen();
        undoWhatIsLeft();
        Workflow workflow = workflow(workflowId);
        String name = workflow.name();
        TakeDown.of(
                        backends,
                        workflow,
                        backends.journal().find(name),
                        held.byName().get(name),
                        sessions())
                .delete();
        held.byName().remove(name);
    }

    /**
     * Closes the tunnels of a deployment, frees its ports and deletes its nodes, as existing tools ask for before they delete a
     * workflow. Its job and its workflow stay. Tunnels that another process holds are left to it; {@link #resume(Duration)} of
     * this deployer leaves it alone from then on, {@link #resume(int, Duration)} does not.
     *
     * @param workflowId id of its workflow
     * @throws DeploymentException if there is no such deployment, or a step fails
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be asked for it
     */
    public void disconnect(int workflowId) {
        requireOpen();
        Workflow workflow = workflow(workflowId);
        String name = workflow.name();
        TakeDown takeDown = TakeDown.of(
                backends, workflow, backends.journal().find(name), held.byName().get(name), sessions());
        if (workflow.state().isOver()) {
            takeDown.undo();
        } else {
            held.leave(name);
            takeDown.free();
        }
        held.byName().remove(name);
    }

    /**
     * One pass of clean-up. Deployments that are over (COMPLETED, FIZZLED, DEFUSED, ARCHIVED) or whose workflow is gone give up
     * tunnels, ports and nodes; their workflows stay. What a process left that ended in the middle of a deployment or a deletion is
     * undone or finished. Leases without a deployment go. An agent that is writing down the end of a run is waited for, for 10 s at
     * most, before the tunnels that it needs are closed. What cannot be cleaned up now is reported as an event and does not keep
     * the rest from being cleaned up. Only what is in jrm's own journal is touched.
     *
     * @return what was decided, with what could not be done; deployments with which all is well are not in it
     * @throws JrmException if the store cannot be asked
     */
    public List<ReconcileDecision> reconcile() {
        requireOpen();
        undoWhatIsLeft();
        return reconciler().pass();
    }

    /**
     * Tells what {@link #reconcile()} would do now. Touches nothing.
     *
     * @return what would be done, and why
     * @throws JrmException if the store cannot be asked
     */
    public List<ReconcileDecision> planReconcile() {
        requireOpen();
        return reconciler().plan();
    }

    /**
     * Gives up what jrm holds on this host in a range of ports: forwards and leases, also those of deployments that live, whose
     * metrics cannot be reached any more on these ports. What does not belong to jrm on this host is named and left alone;
     * nothing is killed.
     *
     * @param range the ports
     * @return each port of the range that is leased or in use, and what became of it
     * @throws JrmException if the store cannot be asked, or refuses; the same call goes on where it failed
     */
    public List<PortReleaseOutcome> deletePorts(PortRange range) {
        requireOpen();
        return new PortRangeRelease(backends, held.byName()).close(range);
    }

    /**
     * Reads a workflow.
     *
     * @param workflowId its id
     * @return the workflow as it stands now
     * @throws DeploymentException if there is none
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    public Workflow workflow(int workflowId) {
        return backends.workflows()
                .find(workflowId)
                .orElseThrow(() -> new DeploymentException(
                        "workflow " + workflowId,
                        DeploymentStep.RECORD,
                        "there is no workflow " + workflowId + " in the store; list what there is and check the number",
                        null));
    }

    /**
     * Lists the JRM deployments of the store, whoever made them.
     *
     * @return the workflows, by id
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    public List<Workflow> workflows() {
        return backends.workflows().list(WorkflowFilter.DEPLOYMENTS);
    }

    /**
     * Lists the deployments whose tunnels this process holds.
     *
     * @return the deployments
     */
    public List<Deployment> held() {
        return held.byName().values().stream().map(LocalDeployment::deployment).toList();
    }

    /** What is otherwise done every few seconds. */
    void lookAfter() {
        held.lookAfter();
    }

    /** Whether an earlier failure left something that is still to be undone. */
    boolean hasLeftovers() {
        synchronized (pendingUndo) {
            return !pendingUndo.isEmpty();
        }
    }

    void awaitReady(Deployment deployment, Duration timeout) {
        requireOpen();
        new NodeReadyWait(backends, deployment).await(timeout);
    }

    /**
     * Closes the tunnels and their SSH connections and stops renewing leases. Workflows, jobs and nodes go on. Closing twice is
     * harmless.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        undoWhatIsLeft();
        held.close();
        TunnelManager tunnels = backends.tunnels();
        if (tunnels != null) {
            tunnels.close();
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("This deployer is closed");
        }
    }

    private void remember(UndoStack leftovers) {
        if (!leftovers.isEmpty()) {
            synchronized (pendingUndo) {
                pendingUndo.add(leftovers);
            }
            held.beginToLookAfter();
        }
    }

    /** Takes up what an earlier failure could not undo, because the store or the site was away. */
    private void undoWhatIsLeft() {
        synchronized (pendingUndo) {
            pendingUndo.removeIf(undo -> undo.unwind(
                    (step, what) -> LOG.debug("Undone at last: {}", what),
                    (failed, why) -> LOG.debug("Still cannot undo: {}", failed.what(), why)));
        }
    }

    /** Builds a {@link JrmDeployer}. Not thread-safe. */
    public static final class Builder {

        private @Nullable WorkflowStore workflows;
        private @Nullable TunnelManager tunnels;
        private @Nullable NodeManager nodes;
        private @Nullable Kubeconfig kubeconfig;
        private @Nullable PortAllocator ports;
        private @Nullable BatchScriptRenderer renderer;
        private @Nullable BatchScheduler scheduler;
        private DeploymentSettings settings = DeploymentSettings.DEFAULTS;
        private Consumer<DeploymentEvent> onEvent = event -> {};
        private Clock clock = Clock.systemUTC();
        private @Nullable String hostName;
        private @Nullable ProcessIdentity process;
        private @Nullable Predicate<ProcessIdentity> knownDead;
        private @Nullable Duration housekeepingInterval = Housekeeping.INTERVAL;

        private Builder() {}

        /**
         * Sets where workflows are stored. Required.
         *
         * @param store the store; not closed by the deployer
         * @return this
         */
        public Builder workflows(WorkflowStore store) {
            this.workflows = store;
            return this;
        }

        /**
         * Sets who opens tunnels. Without it none are opened, and jobs can be neither watched nor cancelled.
         *
         * @param manager the manager; closed with the deployer
         * @return this
         */
        public Builder tunnels(TunnelManager manager) {
            this.tunnels = manager;
            return this;
        }

        /**
         * Sets who looks after Kubernetes nodes. Without it nodes are neither awaited nor deleted.
         *
         * @param manager the manager; its client is not closed by the deployer
         * @return this
         */
        public Builder nodes(NodeManager manager) {
            this.nodes = manager;
            return this;
        }

        /**
         * Sets the kubeconfig that each deployment puts at {@code jrm.kubeconfig} of its site, for its owner alone, in the place
         * of what is there. It stays when the deployment is gone. If unset, it has to be there.
         *
         * @param config what JRMs join the cluster with
         * @return this
         */
        public Builder kubeconfig(Kubeconfig config) {
            this.kubeconfig = config;
            return this;
        }

        /**
         * Sets who hands out ports. If unset, ports are leased in the workflow store and probed on this host.
         *
         * @param allocator the allocator
         * @return this
         */
        public Builder ports(PortAllocator allocator) {
            this.ports = allocator;
            return this;
        }

        /**
         * Sets what renders scripts. If unset, jrm's own renderer.
         *
         * @param scriptRenderer the renderer
         * @return this
         */
        public Builder renderer(BatchScriptRenderer scriptRenderer) {
            this.renderer = scriptRenderer;
            return this;
        }

        /**
         * Sets how jobs are cancelled. If unset, by Slurm's commands on the login node.
         *
         * @param batchScheduler the batch system
         * @return this
         */
        public Builder scheduler(BatchScheduler batchScheduler) {
            this.scheduler = batchScheduler;
            return this;
        }

        /**
         * Sets where things listen on the control plane. If unset, {@link DeploymentSettings#DEFAULTS}.
         *
         * @param deploymentSettings the settings
         * @return this
         */
        public Builder settings(DeploymentSettings deploymentSettings) {
            this.settings = deploymentSettings;
            return this;
        }

        /**
         * Sets who is told what happens. Called from the thread that works, so it should be quick; what it throws is logged and
         * does not disturb the deployment.
         *
         * @param listener the listener
         * @return this
         */
        public Builder onEvent(Consumer<DeploymentEvent> listener) {
            this.onEvent = listener;
            return this;
        }

        /**
         * Sets the clock that events are stamped by. If unset, the system's.
         *
         * @param eventClock the clock
         * @return this
         */
        public Builder clock(Clock eventClock) {
            this.clock = eventClock;
            return this;
        }

        /**
         * Sets the name under which ports of this host are leased. If unset, the host's own name. Give one where several hosts
         * have the same name, or one host several.
         *
         * @param name name of this host
         * @return this
         */
        public Builder hostName(String name) {
            this.hostName = name;
            return this;
        }

        /**
         * For tests that play several processes in one: the deployer takes itself for one of them, and does not look after what
         * it holds unless {@link JrmDeployer#lookAfter} is called.
         */
        Builder simulated(ProcessIdentity self, Predicate<ProcessIdentity> isKnownDead) {
            this.process = self;
            this.knownDead = isKnownDead;
            this.housekeepingInterval = null;
            return this;
        }

        private PortAllocator leasing(WorkflowStore store) {
            return LeasingPortAllocator.builder(store.portLeases())
                    .validity(settings.leaseValidity())
                    .build();
        }

        private static String localHostName() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                throw new IllegalStateException("This host does not know its own name; set hostName", e);
            }
        }

        /**
         * Builds the deployer.
         *
         * @return the deployer, to be closed by the caller
         * @throws NullPointerException if no workflow store is set
         */
        public JrmDeployer build() {
            WorkflowStore store = Objects.requireNonNull(workflows, "workflows: a deployer needs a workflow store");
            ProcessIdentity self =
                    process == null ? ProcessIdentity.current(hostName == null ? localHostName() : hostName) : process;
            return new JrmDeployer(
                    new Backends(
                            store,
                            tunnels,
                            nodes,
                            kubeconfig,
                            ports == null ? leasing(store) : ports,
                            renderer == null ? new JrmScriptRenderer() : renderer,
                            scheduler == null ? new SlurmScheduler() : scheduler,
                            settings,
                            onEvent,
                            clock,
                            self,
                            knownDead == null ? other -> other.isKnownDead(self.host()) : knownDead),
                    housekeepingInterval);
        }
    }
}
