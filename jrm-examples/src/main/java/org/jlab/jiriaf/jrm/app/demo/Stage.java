package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedKubernetes;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLoginNode;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that a deployment finds when it begins: control plane, jump host, login node, batch system, compute nodes and an
 * agent that takes work, each on an address of its own.
 */
final class Stage implements AutoCloseable {

    /** Site name, FireWorks category and site label. */
    static final String SITE = "quickstart";

    private static final Logger LOG = LoggerFactory.getLogger(Stage.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final List<String> SITE_COMMANDS =
            List.of("bash", "conda", "rlaunch", "scancel", "shifter", "squeue", "srun", "ssh");
    private static final List<String> IMAGE_FILES = List.of("start.sh", "virtual-kubelet");

    private static final int OUTPUT_LINES = 20;
    private static final String PATH = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");

    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private final RunDirectory directory;
    private final EmbeddedLaunchpad launchpad;
    private final EmbeddedKubernetes kubernetes;
    private final StandInServer standIns;
    private final EmbeddedLoginNode loginNode;
    private final LocalBatchSystem batch;
    private final ProcessTable processes;

    private Stage(int nodes, List<Integer> customMetricsPorts) throws IOException {
        try {
            directory = opened(RunDirectory.create(RandomGenerator.getDefault()));
            LoopbackNetwork network = directory.network();
            network.requireBindable();
            launchpad = opened(EmbeddedLaunchpad.start(
                    folder("control-plane/launchpad"), network.controlPlane().getHostAddress(), 0));
            kubernetes = opened(new EmbeddedKubernetes(network.controlPlane(), 0));
            standIns = opened(new StandInServer(network.stage()));
            processes = new ProcessTable(standIns.mark());
            Map<String, String> environment = siteEnvironment();
            loginNode = opened(new EmbeddedLoginNode(network.jumpHost(), network.loginNode(), environment));
            batch = new LocalBatchSystem(environment, network.computeNode(0), processes);
            ScheduledExecutorService timer = executor(Executors.newScheduledThreadPool(2, Stage::daemon));
            ExecutorService metrics = executor(Executors.newCachedThreadPool(Stage::daemon));
            ComputeNodeSsh ssh = opened(new ComputeNodeSsh(loginNode, this::addressOf));
            opened(batch);
            SiteAgent agent = opened(new SiteAgent(
                    new LaunchpadConnection(network.loginNode(), launchpad.port()),
                    new LaunchQueue.Worker(
                            SITE, SITE, "login01", network.loginNode().getHostAddress()),
                    batch,
                    folder("site/launches")));
            VirtualKubelet.Shared shared = new VirtualKubelet.Shared(
                    HttpClient.newBuilder().executor(metrics).build(), metrics, timer, HEARTBEAT);
            standIns.register("ssh", ssh);
            standIns.register("srun", StandInCall::awaitHangUp);
            standIns.register("rlaunch", new Rocket(launchpad.port(), SITE, agent::launchOf, this::addressOf, timer));
            standIns.register(
                    "virtual-kubelet",
                    call -> new VirtualKubelet(
                                    VirtualKubelet.Settings.of(call, addressOf(call.host()), customMetricsPorts),
                                    shared)
                            .run(call));
            new SlurmCommands(batch).register(standIns);
            writeFiles(nodes, customMetricsPorts);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Sets everything up.
     *
     * @param nodes compute nodes that the site file asks for
     * @param customMetricsPorts ports of the applications on each node
     */
    static Stage open(int nodes, List<Integer> customMetricsPorts) {
        try {
            return new Stage(nodes, customMetricsPorts);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the files of the run: " + e.getMessage(), e);
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        closing.push(resource);
        return resource;
    }

    private <T extends ExecutorService> T executor(T executor) {
        closing.push(executor::shutdownNow);
        return executor;
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "quickstart-site");
        thread.setDaemon(true);
        return thread;
    }

    private InetAddress addressOf(String computeNode) {
        return network().computeNode(LocalBatchSystem.nodeIndex(computeNode));
    }

    private Path folder(String name) throws IOException {
        return Files.createDirectories(directory.path().resolve(name));
    }

    private Map<String, String> siteEnvironment() throws IOException {
        Path bin = folder("site/bin");
        Path image = folder("site/image");
        for (String command : SITE_COMMANDS) {
            install(command, bin);
        }
        for (String file : IMAGE_FILES) {
            install(file, folder("site/image/vk-cmd"));
        }
        install("hand-over", folder("site/lib"));
        Map<String, String> environment = new LinkedHashMap<>(standIns.environment());
        environment.put("PATH", bin + ":" + PATH);
        environment.put("TMPDIR", folder("site/tmp").toString());
        environment.put("HOME", folder("site/home").toString());
        environment.put("USER", EmbeddedLoginNode.USER);
        environment.put("LANG", "C.UTF-8");
        environment.put("TZ", "UTC");
        environment.put(
                "JRM_QUICKSTART_NETWORK",
                "127." + network().a() + "." + network().b());
        environment.put(
                "JRM_QUICKSTART_LIB", directory.path().resolve("site/lib").toString());
        environment.put("JRM_QUICKSTART_IMAGE", image.toString());
        return environment;
    }

    /** Copies a stand-in into a folder. */
    static void install(String name, Path folder) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, resource(name).replace("@bash@", findBash()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream resource = Stage.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("The program lacks its file " + name);
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String findBash() {
        for (String folder : PATH.split(":", -1)) {
            Path bash = Path.of(folder.isEmpty() ? "/bin" : folder, "bash");
            if (Files.isExecutable(bash)) {
                return bash.toString();
            }
        }
        throw new IllegalStateException(
                "There is no bash on the PATH, which the rendered scripts and the stand-ins need;" + " install it");
    }

    private void writeFiles(int nodes, List<Integer> customMetricsPorts) throws IOException {
        Files.writeString(knownHosts(), loginNode.knownHosts());
        Path key = folder("control-plane").resolve("id_ecdsa");
        Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, loginNode.userKeyFile());
        Files.writeString(
                launchpadFile(),
                "host: " + network().controlPlane().getHostAddress() + "\nport: " + launchpad.port() + "\nname: "
                        + LaunchpadConnection.DATABASE + "\nusername: null\npassword: null\n");
        Files.writeString(kubeconfig(), kubernetes.kubeconfig(kubernetes.url()));
        Path siteKubeconfig = folder("site/home").resolve("kubeconfig");
        Files.writeString(siteKubeconfig, kubernetes.kubeconfig(URI.create("http://localhost:" + kubernetes.port())));
        Files.writeString(
                siteFile(),
                resource("site.yaml")
                        .replace("@nodes@", Integer.toString(nodes))
                        .replace("@site@", SITE)
                        .replace("@control_plane@", network().controlPlane().getHostAddress())
                        .replace("@apiserver_port@", Integer.toString(kubernetes.port()))
                        .replace("@kubeconfig@", siteKubeconfig.toString())
                        .replace("@custom_metrics_ports@", customMetricsPorts.toString())
                        .replace(
                                "@jump@",
                                EmbeddedLoginNode.hop(loginNode.jump()).toString())
                        .replace(
                                "@login@",
                                EmbeddedLoginNode.hop(loginNode.login()).toString())
                        .replace("@key@", key.toString()));
    }

    LoopbackNetwork network() {
        return directory.network();
    }

    EmbeddedLaunchpad launchpad() {
        return launchpad;
    }

    Path launchpadDirectory() {
        return controlPlane("launchpad");
    }

    EmbeddedKubernetes kubernetes() {
        return kubernetes;
    }

    EmbeddedLoginNode loginNode() {
        return loginNode;
    }

    ProcessTable processes() {
        return processes;
    }

    Path siteFile() {
        return controlPlane("site.yaml");
    }

    Path knownHosts() {
        return controlPlane("known_hosts");
    }

    Path launchpadFile() {
        return controlPlane("my_launchpad.yaml");
    }

    Path kubeconfig() {
        return controlPlane("kubeconfig");
    }

    Path launches() {
        return directory.path().resolve("site/launches");
    }

    /** What the jobs have written, file by file; of long files the end. */
    List<String> jobOutput() {
        List<String> output = new ArrayList<>();
        try (Stream<Path> files = Files.walk(launches(), 4)) {
            for (Path file : files.filter(each -> each.toString().matches(".*\\.(out|log|exit)"))
                    .sorted()
                    .toList()) {
                output.add(launches().relativize(file) + ":");
                List<String> lines = Files.readAllLines(file);
                lines.stream().skip(Math.max(0, lines.size() - OUTPUT_LINES)).forEach(line -> output.add("  " + line));
            }
        } catch (IOException e) {
            output.add("The output of the jobs cannot be read: " + e);
        }
        return output;
    }

    private Path controlPlane(String file) {
        return directory.path().resolve("control-plane").resolve(file);
    }

    /** Takes everything down, last set up first, jobs before what they use. */
    @Override
    public void close() {
        while (!closing.isEmpty()) {
            AutoCloseable resource = closing.pop();
            try {
                resource.close();
            } catch (Exception e) {
                // The others have to be closed all the same; what stays behind is looked for afterwards.
                LOG.warn("Cannot close {}", resource, e);
            }
        }
    }
}
