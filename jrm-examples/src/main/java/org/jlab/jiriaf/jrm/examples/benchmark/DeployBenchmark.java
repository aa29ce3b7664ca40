package org.jlab.jiriaf.jrm.examples.benchmark;

import com.mongodb.client.MongoClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.launch.LaunchEvent;
import org.jlab.jiriaf.jrm.launch.SiteLauncher;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SlurmSettings;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;

/**
 * How long it takes from {@code deploy} until {@code sbatch} has accepted the job, with a {@link SiteLauncher} that is at work as
 * {@code jrm launch} is: with a connection of its own to the site and to an embedded LaunchPad.
 *
 * <pre>{@code
 * java -cp jrm-examples/target/jrm.jar org.jlab.jiriaf.jrm.examples.benchmark.DeployBenchmark \
 *     SITE.yaml SSH_CONFIG KNOWN_HOSTS [ROUNDS [NODES...]]
 * }</pre>
 *
 * Jobs of 1, 10 and 100 nodes unless told otherwise, 5 rounds; the first round is shown by itself, since a command pays for
 * what the JVM learns in it. {@code first} logs in to the site anew, {@code next} shares the connection of a deployment that is
 * there. Put {@code hold} among {@code slurm.directives} if the jobs are not to run. All are deleted at once.
 */
public final class DeployBenchmark {

    private static final int ROUNDS = 5;
    private static final List<Integer> NODES = List.of(1, 10, 100);
    private static final Map<Integer, Double> EXISTING_LAUNCHER = Map.of(1, 9.9, 2, 13.9, 10, 45.0);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final SiteConfig site;
    private final Path sshConfig;
    private final Path knownHosts;
    private final LaunchpadConfig launchpad;
    private final Map<String, CompletableFuture<Long>> submitted = new ConcurrentHashMap<>();

    private DeployBenchmark(SiteConfig site, Path sshConfig, Path knownHosts, LaunchpadConfig launchpad) {
        this.site = site;
        this.sshConfig = sshConfig;
        this.knownHosts = knownHosts;
        this.launchpad = launchpad;
    }

    /**
     * Runs it.
     *
     * @param args site file, SSH configuration, known hosts, and perhaps rounds and numbers of nodes
     * @throws Exception if a deployment fails
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 3 ? Integer.parseInt(args[3]) : ROUNDS;
        List<Integer> nodes = args.length > 4
                ? List.of(args).subList(4, args.length).stream()
                        .map(Integer::valueOf)
                        .toList()
                : NODES;
        Path directory = Files.createTempDirectory("jrm-benchmark");
        try (EmbeddedLaunchpad server = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0)) {
            new DeployBenchmark(
                            SiteConfig.read(Path.of(args[0])),
                            Path.of(args[1]),
                            Path.of(args[2]),
                            LaunchpadConfig.of("127.0.0.1", server.port(), "jrm"))
                    .run(rounds, nodes);
        } finally {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private void run(int rounds, List<Integer> nodes) throws Exception {
        try (MongoClient mongo = launchpad.open();
                TunnelManager tunnels = tunnels();
                SiteLauncher launcher = SiteLauncher.builder()
                        .site(site)
                        .workflows(new MongoWorkflowStore(mongo.getDatabase(launchpad.databaseName())))
                        .tunnels(tunnels)
                        .onEvent(this::note)
                        .build()) {
            Thread launching = new Thread(launcher::run, "launcher");
            launching.start();
            System.out.printf(
                    "%6s %16s %16s %16s %16s %18s%n",
                    "nodes", "first, round 1", "next, round 1", "first, median", "next, median", "existing launcher");
            for (int count : nodes) {
                List<double[]> seconds = new ArrayList<>();
                for (int round = 0; round <= rounds; round++) {
                    seconds.add(round(count));
                }
                List<double[]> warm = seconds.subList(1, seconds.size());
                System.out.printf(
                        Locale.ROOT,
                        "%6d %14.2f s %14.2f s %14.2f s %14.2f s %18s%n",
                        count,
                        seconds.get(0)[0],
                        seconds.get(0)[1],
                        median(warm, 0),
                        median(warm, 1),
                        EXISTING_LAUNCHER.containsKey(count) ? EXISTING_LAUNCHER.get(count) + " s" : "-");
            }
            launching.interrupt();
            launching.join();
        }
    }

    /** A deployment with a new connection, and one beside it. */
    private double[] round(int nodes) throws Exception {
        SlurmSettings slurm = site.slurm();
        SiteConfig sized = new SiteConfig(
                new SlurmSettings(
                        nodes,
                        slurm.constraint(),
                        slurm.walltime(),
                        slurm.qos(),
                        slurm.account(),
                        slurm.reservation(),
                        slurm.options()),
                site.jrm(),
                site.ssh());
        try (MongoClient mongo = launchpad.open();
                JrmDeployer jrm = JrmDeployer.builder()
                        .workflows(new MongoWorkflowStore(mongo.getDatabase(launchpad.databaseName())))
                        .tunnels(tunnels())
                        .settings(DeploymentSettings.DEFAULTS.withLaunchpad(Endpoint.localhost(launchpad.port())))
                        .build()) {
            return new double[] {deploy(jrm, sized), deploy(jrm, sized)};
        }
    }

    private double deploy(JrmDeployer jrm, SiteConfig sized) throws Exception {
        long start = System.nanoTime();
        Deployment deployment = jrm.deploy(sized);
        try {
            long accepted = submission(deployment.name()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return (accepted - start) / 1e9;
        } finally {
            jrm.delete(deployment.workflowId());
        }
    }

    private void note(LaunchEvent event) {
        switch (event.kind()) {
            case SUBMITTED -> submission(event.subject()).complete(System.nanoTime());
            case RETURNED, RETRYING, FIZZLED -> System.err.println(event);
            default -> {}
        }
    }

    private CompletableFuture<Long> submission(String deployment) {
        return submitted.computeIfAbsent(deployment, name -> new CompletableFuture<>());
    }

    private TunnelManager tunnels() {
        return SshjTunnelManager.builder()
                .sshConfig(sshConfig)
                .knownHosts(knownHosts)
                .build();
    }

    private static double median(List<double[]> rounds, int which) {
        List<Double> sorted =
                new ArrayList<>(rounds.stream().map(round -> round[which]).toList());
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
