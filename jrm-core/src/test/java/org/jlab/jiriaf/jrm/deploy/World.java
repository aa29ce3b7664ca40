package org.jlab.jiriaf.jrm.deploy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.deploy.internal.WorkflowDrafts;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Everything around a deployment, simulated: three processes of jrm on two control planes, one login node with its batch system,
 * a LaunchPad with an agent, a cluster, other people, and a clock. It knows what its people asked for, to which
 * {@link Invariants} holds what is there.
 */
final class World {

    static final String LOGIN = "login01";
    static final PortRange KUBELET = new PortRange(10000, 10023);
    static final PortRange CUSTOM = new PortRange(20000, 20023);

    /** Without cordon and drain, which change nothing that invariants look at. */
    private static final DeploymentSettings UNPREPARED =
            DeploymentSettings.DEFAULTS.withEndOfWalltime(Duration.ZERO, Duration.ZERO);

    static final Duration TIMEOUT = Duration.ofMinutes(2);
    static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "test", "node01", "10.0.0.1");

    /** A process of jrm, which can be killed and started again. */
    final class Launcher {

        final String host;
        private int incarnation;
        ProcessIdentity identity;
        SimulatedNetwork.Manager tunnels;
        private Faults faults = new Faults();
        private final List<DeploymentEvent> events = new ArrayList<>();
        private JrmDeployer deployer;
        boolean alive = true;

        /** The last deployment that failed and was not undone at once. */
        @Nullable
        String notUndone;

        private final DeploymentSettings settings;

        Launcher(String host, int number, DeploymentSettings settings) {
            this.host = host;
            this.settings = settings.withPortRanges(KUBELET, CUSTOM);
            this.incarnation = number * 1000;
            this.identity = identify();
            this.tunnels = network.manager(host, "process " + identity.pid());
            this.deployer = deployer();
        }

        void start() {
            if (alive) {
                return;
            }
            alive = true;
            identity = identify();
            tunnels = network.manager(host, "process " + identity.pid());
            faults = new Faults();
            deployer = deployer();
        }

        private ProcessIdentity identify() {
            ProcessIdentity next = new ProcessIdentity(host, ++incarnation, Instant.EPOCH);
            living.add(next);
            return next;
        }

        private JrmDeployer deployer() {
            return deployer(faults.between(WorkflowStore.class, store));
        }

        /** Its journal cannot read the record of a deployment any more. */
        void cannotRead(String deployment, boolean named) {
            UnreadableJournal journal = new UnreadableJournal(store.deploymentJournal(), deployment, named);
            deployer = deployer((WorkflowStore) Proxy.newProxyInstance(
                    WorkflowStore.class.getClassLoader(),
                    new Class<?>[] {WorkflowStore.class},
                    (self, method, arguments) ->
                            method.getName().equals("deploymentJournal") ? journal : method.invoke(store, arguments)));
        }

        private JrmDeployer deployer(WorkflowStore spoiledStore) {
            return JrmDeployer.builder()
                    .workflows(spoiledStore)
                    .tunnels(faults.between(TunnelManager.class, tunnels))
                    .nodes(faults.between(NodeManager.class, nodes))
                    .scheduler(faults.between(BatchScheduler.class, scheduler))
                    .ports(LeasingPortAllocator.builder(spoiledStore.portLeases())
                            .probe(network.probe(host))
                            .random(random)
                            .build())
                    .renderer(TestSites.NO_SCRIPTS)
                    .settings(settings)
                    .onEvent(events::add)
                    .clock(clock)
                    .simulated(identity, process -> process.host().equals(host) && !living.contains(process))
                    .build();
        }

        /** Whether a failure has left something that is undone by a later call. */
        boolean hasLeftovers() {
            return deployer.hasLeftovers();
        }

        List<ReconcileDecision> reconcile() {
            return deployer.reconcile();
        }

        /** What it would do now, but for what it leaves as it is. */
        List<ReconcileDecision> plan() {
            return deployer.planReconcile().stream()
                    .filter(decision -> decision.action() != ReconcileDecision.Action.KEEP)
                    .toList();
        }

        void delete(int workflowId) {
            deployer.delete(workflowId);
        }

        List<Deployment> resume() {
            return deployer.resume(TIMEOUT);
        }

        /** What the present deployer has told. */
        List<DeploymentEvent> events() {
            return List.copyOf(events);
        }

        List<Deployment> held() {
            return deployer.held();
        }

        void kill() {
            if (alive) {
                alive = false;
                living.remove(identity);
                tunnels.kill();
                if (hasLeftovers() && notUndone != null) {
                    // Nobody is left who knows that it failed; if it was stored, it is as good as one that was made.
                    asked(notUndone).failed = false;
                }
            }
        }

        /** Has it do something, with one call spoiled; an exception of jrm is an outcome, anything else is a bug. */
        Optional<JrmException> run(@Nullable Fault fault, Consumer<JrmDeployer> work) {
            if (!alive) {
                return Optional.empty();
            }
            if (fault != null) {
                faults.spoil(faults.calls().size() + fault.call(), fault.kind());
                faults.othersDo(fault.others());
            }
            try {
                work.accept(deployer);
                return Optional.empty();
            } catch (JrmException e) {
                return Optional.of(e);
            } catch (Faults.Killed e) {
                kill();
                return Optional.empty();
            } finally {
                faults.revive();
            }
        }
    }

    /** What people have done to a deployment. */
    static final class Asked {

        boolean deployed;
        boolean failed;
        boolean deletion;
        boolean ended;
        boolean removed;

        @Override
        public String toString() {
            return (deployed ? "deployed " : "")
                    + (failed ? "failed " : "")
                    + (deletion ? "deletion asked " : "")
                    + (ended ? "ended " : "")
                    + (removed ? "removed" : "");
        }
    }

    /** Something to be done by a process. */
    interface Consumer<T> {
        void accept(T process);
    }

    /** Which call is spoiled, counted from the next one, how, and what others do then if they step in. */
    record Fault(int call, Faults.Kind kind, Runnable others) {}

    final MutableClock clock = new MutableClock();
    final Random random;
    final InMemoryWorkflowStore store = new InMemoryWorkflowStore(clock);
    final InMemoryNodeManager nodes = new InMemoryNodeManager();
    final InMemoryBatchScheduler scheduler = new InMemoryBatchScheduler(clock);
    final SimulatedNetwork network = new SimulatedNetwork();
    final Set<ProcessIdentity> living = new HashSet<>();
    final Map<String, Asked> asked = new HashMap<>();
    final Set<Endpoint> foreignListeners = new HashSet<>();
    final Set<String> foreignNodes = Set.of("worker-1", "jrm-others-00000001");
    private final Map<String, Integer> launches = new HashMap<>();
    /** Jobs that run, with their nodes. */
    final Map<String, List<String>> running = new HashMap<>();

    final List<Launcher> processes;

    World(long seed) {
        random = new Random(seed);
        processes = List.of(
                new Launcher("cp01", 1, UNPREPARED),
                new Launcher("cp01", 2, UNPREPARED),
                new Launcher("cp02", 3, UNPREPARED));
        nodes.register(new NodeStatus("worker-1", true, null, null, false, null, 10250, Map.of()));
        nodes.register("jrm-others-00000001");
    }

    /** One more process on the first control plane. */
    Launcher launcher(DeploymentSettings settings) {
        return new Launcher("cp01", 9, settings);
    }

    Asked asked(String name) {
        return asked.computeIfAbsent(name, key -> new Asked());
    }

    // What processes of jrm do.

    void deploy(Launcher process, int nodeCount, @Nullable String requestId, @Nullable Fault fault) {
        Deployment[] made = new Deployment[1];
        List<DeploymentRecord> before = store.deploymentJournal().list();
        DeployRequest unnamed = DeployRequest.of(TestSites.withPassword(TestSites.site(nodeCount, 6443, 2221)))
                .withTimeout(TIMEOUT);
        DeployRequest request = requestId == null ? unnamed : unnamed.withRequestId(requestId);
        process.run(fault, jrm -> made[0] = jrm.deploy(request)).ifPresent(e -> {
            // Unless it is that of another process, with the same request id.
            if (e instanceof DeploymentException failure
                    && before.stream().noneMatch(record -> record.name().equals(failure.deployment()))) {
                asked(failure.deployment()).failed = true;
                process.notUndone = process.hasLeftovers() ? failure.deployment() : null;
            }
        });
        if (made[0] != null) {
            asked(made[0].name()).deployed = true;
            made[0].tunnels()
                    .forEach(tunnel -> Invariants.requireNotForeign(
                            this, process.host, tunnel.forward().bind().port()));
        }
    }

    void delete(Launcher process, int which, @Nullable Fault fault) {
        pick(workflows(), which).filter(workflow -> process.alive).ifPresent(workflow -> {
            work(process, fault, jrm -> jrm.delete(workflow.id()));
            // Whoever is killed before he has noted the deletion has not begun it.
            asked(workflow.name()).deletion |= workflow(workflow.name()).isEmpty()
                    || store.deploymentJournal()
                            .find(workflow.name())
                            .filter(record -> record.phase() == DeploymentRecord.Phase.DELETING)
                            .isPresent();
        });
    }

    void work(Launcher process, @Nullable Fault fault, Consumer<JrmDeployer> work) {
        // That it fails is an outcome as good as any.
        var unused = process.run(fault, work);
    }

    /** Everybody comes back, and looks after what there is until nothing is left to do. */
    void settle() {
        network.setLoginNodesUp(true);
        // By then whoever was at work on another host and is not heard of is taken for dead.
        pass(Duration.ofHours(3));
        for (int round = 0; round < 2; round++) {
            for (Launcher process : processes) {
                process.start();
                work(process, null, JrmDeployer::reconcile);
                work(process, null, jrm -> jrm.resume(TIMEOUT));
                work(process, null, JrmDeployer::lookAfter);
                buryJobs();
            }
        }
    }

    // What the agent and the jobs do.

    void launch(boolean submits) {
        store.launchQueue().reserve(WORKER, "/launch").ifPresent(reservation -> {
            if (submits) {
                String job = scheduler.add(reservation.name(), null);
                launches.put(job, reservation.launch().id());
                store.launchQueue().submitted(reservation.launch().id(), job);
            }
        });
    }

    void startJob(int which) {
        pick(jobs(BatchJobState.PENDING), which).ifPresent(job -> {
            scheduler.start(job.id());
            try {
                store.launchQueue().start(Objects.requireNonNull(launches.get(job.id())), WORKER);
            } catch (WorkflowStoreException e) {
                // Its workflow has been taken back: FireWorks' rocket finds nothing to do and ends.
                scheduler.change(job.id(), BatchJobState.COMPLETED, null);
                return;
            }
            workflow(job.name()).ifPresent(workflow -> {
                running.put(job.id(), WorkflowDrafts.nodeNames(workflow));
                portsOfNodes(workflow).forEach(port -> network.listen(LOGIN, port, "job " + job.id()));
                WorkflowDrafts.nodeNames(workflow).forEach(nodes::register);
            });
        });
    }

    void endJob(int which, boolean reports, boolean well) {
        pick(jobs(BatchJobState.RUNNING), which).ifPresent(job -> {
            if (reports) {
                try {
                    store.launchQueue()
                            .complete(
                                    Objects.requireNonNull(launches.get(job.id())),
                                    well ? WorkflowState.COMPLETED : WorkflowState.FIZZLED,
                                    "");
                } catch (WorkflowStoreException e) {
                    // Deleted meanwhile.
                }
            }
            asked(job.name()).ended = true;
            if (well) {
                network.files().removeIf(file -> file.endsWith("-" + job.name()));
            }
            scheduler.change(job.id(), well ? BatchJobState.COMPLETED : BatchJobState.TIMEOUT, null);
        });
    }

    /** What the end of a job does to what ran in it, whoever ended it. */
    void buryJobs() {
        Map<String, BatchJobStatus> listed = new HashMap<>();
        allJobs().forEach(job -> listed.put(job.id(), job));
        running.entrySet().removeIf(entry -> {
            BatchJobStatus job = listed.get(entry.getKey());
            if (job != null && !job.state().isOver()) {
                return false;
            }
            network.listeners().values().removeIf(who -> who.equals("job " + entry.getKey()));
            nodes.list(entry.getValue()).forEach(node -> nodes.setReady(node.name(), false, "KubeletNotReady"));
            return true;
        });
    }

    void loseNode(int which) {
        List<NodeStatus> mine = nodes.nodes().stream()
                .filter(node -> node.ready() && !foreignNodes.contains(node.name()))
                .toList();
        pick(mine, which).ifPresent(node -> nodes.setReady(node.name(), false, "NodeStatusUnknown"));
    }

    // What people and time do.

    void userActs(int which, Consumer<Workflow> action) {
        pick(workflows(), which).ifPresent(workflow -> {
            asked(workflow.name()).ended = true;
            action.accept(workflow);
        });
    }

    /** Deletes a workflow with FireWorks' own tools. */
    void remove(int which) {
        pick(workflows(), which).ifPresent(workflow -> {
            asked(workflow.name()).ended = true;
            asked(workflow.name()).removed = true;
            store.delete(workflow.id());
        });
    }

    /** Somebody else begins to listen on a port of jrm's ranges, or ends it. */
    void foreign(int which, int host) {
        String name = List.of("cp01", "cp02", LOGIN).get(host % 3);
        PortRange range = which % 2 == 0 ? KUBELET : CUSTOM;
        Endpoint port = new Endpoint(name, range.first() + which / 2 % range.size());
        if (foreignListeners.remove(port)) {
            network.stopListening(port.host(), port.port(), SimulatedNetwork.FOREIGN);
        } else if (network.listen(port.host(), port.port(), SimulatedNetwork.FOREIGN)) {
            foreignListeners.add(port);
        }
    }

    void pass(Duration time) {
        clock.advance(time);
        for (BatchJobStatus job : network.areLoginNodesUp() ? jobs(BatchJobState.RUNNING) : List.<BatchJobStatus>of()) {
            store.launchQueue().ping(Objects.requireNonNull(launches.get(job.id())));
        }
        Instant forgotten = clock.instant().minus(Duration.ofMinutes(5));
        for (BatchJobStatus job : allJobs()) {
            if (job.state().isOver() && Objects.requireNonNull(job.endedAt()).isBefore(forgotten)) {
                scheduler.forget(job.id(), job.id().hashCode() % 2 == 0);
            }
        }
    }

    // What there is.

    List<Workflow> workflows() {
        return store.list(WorkflowFilter.DEPLOYMENTS);
    }

    Optional<Workflow> workflow(String name) {
        return store.findByName(name);
    }

    /** The ports that the nodes of a deployment use on the login node. */
    static List<Integer> portsOfNodes(Workflow workflow) {
        List<Integer> ports = new ArrayList<>();
        for (JrmNode node : JrmNode.allOf(workflow)) {
            ports.add(node.kubeletPort());
            node.customMetrics().forEach(port -> ports.add(port.mapped()));
        }
        return ports;
    }

    List<BatchJobStatus> allJobs() {
        return scheduler.queue();
    }

    private List<BatchJobStatus> jobs(BatchJobState state) {
        return allJobs().stream().filter(job -> job.state() == state).toList();
    }

    private static <T> Optional<T> pick(List<T> things, int which) {
        return things.isEmpty() ? Optional.empty() : Optional.of(new ArrayList<>(things).get(which % things.size()));
    }
}
