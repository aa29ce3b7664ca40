package org.jlab.jiriaf.jrm.examples.benchmark;

import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;

/**
 * How long a pass of clean-up takes and how many requests it makes, with deployments of ten nodes each: a pass that finds all
 * well, and one that releases every deployment since all have ended. Workflows, journal and leases are in memory, or in the
 * embedded LaunchPad behind MongoDB's wire protocol; nodes and batch jobs are in memory, and their requests are counted.
 *
 * <pre>{@code
 * java -cp jrm-examples/target/jrm.jar org.jlab.jiriaf.jrm.examples.benchmark.ReconcileBenchmark [ROUNDS [WORKFLOWS...]]
 * }</pre>
 */
public final class ReconcileBenchmark {

    private static final List<Integer> WORKFLOWS = List.of(10, 100, 1000);
    private static final int NODES = 10;
    private static final String HOST = "control-plane";
    private static final String LOGIN = "login01";
    private static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "site", LOGIN, "127.0.0.1");

    private final int rounds;
    private final List<Integer> sizes;

    private ReconcileBenchmark(int rounds, List<Integer> sizes) {
        this.rounds = rounds;
        this.sizes = sizes;
    }

    /**
     * Runs it.
     *
     * @param args rounds, default 5, of which the first is not counted; and numbers of workflows, default 10, 100 and 1000
     * @throws IOException if the embedded LaunchPad has no place
     */
    public static void main(String... args) throws IOException {
        List<Integer> numbers = Stream.of(args).map(Integer::valueOf).toList();
        int rounds = numbers.isEmpty() ? 5 : numbers.get(0);
        new ReconcileBenchmark(rounds, numbers.size() > 1 ? numbers.subList(1, numbers.size()) : WORKFLOWS).run();
    }

    private void run() throws IOException {
        System.out.printf(Locale.ROOT, "Median of %d rounds after one to warm up%n", rounds - 1);
        System.out.println(
                "store             | workflows |  nodes | all well: ms, requests | releasing all: ms, requests");
        for (int workflows : sizes) {
            Requests requests = new Requests();
            measure("in memory", workflows, requests, InMemoryWorkflowStore::new);
        }
        Path directory = Files.createTempDirectory("reconcile-benchmark");
        try {
            for (int workflows : sizes) {
                onLaunchpad(directory, workflows);
            }
        } finally {
            delete(directory);
        }
    }

    private void onLaunchpad(Path directory, int workflows) throws IOException {
        Requests requests = new Requests();
        int[] round = {0};
        Path place = Files.createTempDirectory(directory, "launchpad");
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(place, "127.0.0.1", 0);
                MongoClient client = MongoClients.create(MongoClientSettings.builder()
                        .applyToClusterSettings(cluster ->
                                cluster.hosts(List.of(new com.mongodb.ServerAddress("127.0.0.1", launchpad.port()))))
                        .addCommandListener(requests)
                        .build())) {
            measure(
                    "embedded LaunchPad",
                    workflows,
                    requests,
                    () -> new MongoWorkflowStore(client.getDatabase("round" + round[0]++)));
        }
    }

    private interface Stores {
        WorkflowStore open();
    }

    private void measure(String name, int workflows, Requests requests, Stores stores) {
        List<Double> well = new ArrayList<>();
        List<Double> ended = new ArrayList<>();
        String wellRequests = "";
        String endedRequests = "";
        for (int round = 0; round < rounds; round++) {
            WorkflowStore store = stores.open();
            Site site = new Site(store, requests);
            site.fill(workflows);
            try (JrmDeployer jrm = site.deployer()) {
                requests.counts.clear();
                double millis = pass(jrm, 0);
                wellRequests = requests.toString();
                site.endAll();
                requests.counts.clear();
                double endMillis = pass(jrm, workflows);
                endedRequests = requests.toString();
                if (round > 0) {
                    well.add(millis);
                    ended.add(endMillis);
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%-18s | %9d | %6d | %7.0f, %s | %7.0f, %s%n",
                name,
                workflows,
                workflows * NODES,
                median(well),
                wellRequests,
                median(ended),
                endedRequests);
    }

    private static double pass(JrmDeployer jrm, int released) {
        long start = System.nanoTime();
        List<ReconcileDecision> decisions = jrm.reconcile();
        double millis = (System.nanoTime() - start) / 1e6;
        if (decisions.size() != released || decisions.stream().anyMatch(ReconcileDecision::isFailed)) {
            throw new IllegalStateException("Expected " + released + " releases, got " + decisions);
        }
        return millis;
    }

    private static double median(List<Double> values) {
        Collections.sort(values);
        return values.get(values.size() / 2);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Deployments that live, with their nodes and jobs. */
    private static final class Site {

        private final WorkflowStore store;
        private final Requests requests;
        private final InMemoryNodeManager nodes = new InMemoryNodeManager();
        private final List<BatchJobStatus> jobs = new ArrayList<>();
        private final List<Integer> launches = new ArrayList<>();

        Site(WorkflowStore store, Requests requests) {
            this.store = store;
            this.requests = requests;
        }

        void fill(int workflows) {
            Instant now = Instant.now();
            List<WorkflowDraft> drafts = new ArrayList<>();
            for (int i = 0; i < workflows; i++) {
                drafts.add(draft(i));
            }
            List<Integer> ids = store.addAll(drafts);
            for (int i = 0; i < workflows; i++) {
                WorkflowDraft draft = drafts.get(i);
                List<Integer> ports = draft.jrms().jrmPorts();
                store.portLeases()
                        .acquire(List.of(HOST, LOGIN), ports, NODES, draft.name(), "kubelet", Duration.ofHours(1));
                DeploymentRecord begun = store.deploymentJournal()
                        .begin(new DeploymentRecord(
                                draft.name(),
                                draft.name(),
                                DeploymentRecord.Phase.DEPLOYING,
                                ProcessIdentity.current(HOST),
                                now.plusSeconds(600),
                                ids.get(i),
                                new SshRoute(List.of(SshHop.parse(LOGIN)), null, null),
                                ports.stream()
                                        .map(port -> new DeploymentForward(
                                                Forward.local(new Endpoint("*", port), Endpoint.localhost(port)),
                                                ForwardPurpose.metrics(
                                                        draft.jrms().nodenames().get(ports.indexOf(port)))))
                                        .toList(),
                                draft.jrms().nodenames(),
                                false,
                                DeploymentRecord.BatchSystem.SITE,
                                now,
                                0));
                var unused = store.deploymentJournal().replace(begun.withPhase(DeploymentRecord.Phase.DEPLOYED));
                draft.jrms().nodenames().forEach(nodes::register);
            }
            for (int i = 0; i < workflows; i++) {
                LaunchQueue.Reservation reservation =
                        store.launchQueue().reserve(WORKER, "/launch").orElseThrow();
                int launch = reservation.launch().id();
                String job = String.valueOf(1000 + i);
                store.launchQueue().submitted(launch, job);
                store.launchQueue().start(launch, WORKER);
                launches.add(launch);
                jobs.add(new BatchJobStatus(
                        job, reservation.name(), null, "user", BatchJobState.RUNNING, null, null, now, now, null));
            }
        }

        private static WorkflowDraft draft(int number) {
            List<String> names = new ArrayList<>();
            List<Integer> ports = new ArrayList<>();
            List<String> ips = new ArrayList<>();
            for (int node = 0; node < NODES; node++) {
                names.add(String.format(Locale.ROOT, "jrm-%08x", number * NODES + node));
                ports.add(10000 + number * NODES + node);
                ips.add("172.17.0.1");
            }
            String name = "site_" + names.get(0);
            return new WorkflowDraft(
                    name,
                    "site",
                    new QueueSettings(name, "12:00:00", NODES, null, null, null, null, null),
                    List.of(new ScriptTask("true")),
                    new JrmsInfo(names, ports, 35679, "/kubeconfig", HOST, ips, "site", "image", new TreeMap<>()),
                    new SshInfo(List.of(), null, null, List.of()),
                    Map.of());
        }

        void endAll() {
            launches.forEach(launch -> store.launchQueue().complete(launch, WorkflowState.COMPLETED, ""));
            jobs.clear();
        }

        JrmDeployer deployer() {
            return JrmDeployer.builder()
                    .workflows(store)
                    .tunnels(new LoopbackTunnelManager())
                    .nodes(new CountedNodes(nodes, requests))
                    .scheduler(new Queue(jobs, requests))
                    .hostName(HOST)
                    .build();
        }
    }

    /** What was asked, and how often. */
    private static final class Requests implements CommandListener {

        private final Map<String, AtomicInteger> counts = Collections.synchronizedMap(new TreeMap<>());

        void count(String what) {
            counts.computeIfAbsent(what, key -> new AtomicInteger()).incrementAndGet();
        }

        @Override
        public void commandStarted(CommandStartedEvent event) {
            count("store " + event.getCommandName());
        }

        @Override
        public String toString() {
            return counts.toString();
        }
    }

    /** The queue of a batch system that shows these jobs. */
    private record Queue(List<BatchJobStatus> jobs, Requests requests) implements BatchScheduler {

        @Override
        public String submit(LoginSession session, BatchSubmission job, Duration timeout) {
            throw new UnsupportedOperationException("a pass submits nothing");
        }

        @Override
        public List<BatchJobStatus> jobs(LoginSession session, Duration timeout) {
            requests.count("batch jobs");
            return jobs;
        }

        @Override
        public Map<String, BatchJobStatus> find(LoginSession session, Collection<String> jobIds, Duration timeout) {
            requests.count("batch find");
            return Map.of();
        }

        @Override
        public void cancel(LoginSession session, String jobId, Duration timeout) {
            requests.count("batch cancel");
        }
    }

    /** Counts calls. */
    private record CountedNodes(NodeManager nodes, Requests requests) implements NodeManager {

        @Override
        public void check(Duration timeout) {
            nodes.check(timeout);
        }

        @Override
        public List<NodeStatus> list(Collection<String> names) {
            requests.count("nodes list");
            return nodes.list(names);
        }

        @Override
        public NodeWatch watch(NodeListener listener) {
            return nodes.watch(listener);
        }

        @Override
        public void awaitReady(Collection<String> names, Duration timeout, Consumer<NodeStatus> onChange) {
            nodes.awaitReady(names, timeout, onChange);
        }

        @Override
        public List<String> cordon(Collection<String> names) {
            requests.count("nodes cordon");
            return nodes.cordon(names);
        }

        @Override
        public void drain(Collection<String> names, Duration timeout) {
            requests.count("nodes drain");
            nodes.drain(names, timeout);
        }

        @Override
        public List<String> delete(Collection<String> names) {
            requests.count("nodes delete");
            return nodes.delete(names);
        }
    }
}
