package org.jlab.jiriaf.jrm.app.stress;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.deploy.DeployRequest;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;

/** One of several processes that deploy at once on the same store and the same host, to be killed. */
final class StressLauncher implements AutoCloseable {

    static final String HOST = "cp01";
    static final int NODES = 3;

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final PortRange KUBELET = new PortRange(13000, 16999);
    private static final PortRange CUSTOM = new PortRange(23000, 26999);

    private final MongoClient client;
    private final JrmDeployer jrm;
    private final SiteConfig site;

    /**
     * Connects.
     *
     * @param launchpadPort where the LaunchPad listens
     * @param number number of the launcher, from 1; each has a login node of its own, and all share the control plane
     */
    StressLauncher(int launchpadPort, int number) throws IOException {
        client = MongoClients.create("mongodb://127.0.0.1:" + launchpadPort);
        jrm = JrmDeployer.builder()
                .workflows(new MongoWorkflowStore(client.getDatabase("stress")))
                .tunnels(new LoopbackTunnelManager(InetAddress.getByName("127.91." + number + ".2")))
                .settings(DeploymentSettings.DEFAULTS
                        .withBindAddress("127.0.0.1")
                        .withLaunchpad(Endpoint.localhost(launchpadPort))
                        .withPortRanges(KUBELET, CUSTOM))
                .hostName(HOST)
                // This host may have Slurm's commands and no Slurm, which is an outage and not an empty queue.
                .scheduler(new InMemoryBatchScheduler(Clock.systemUTC()))
                .build();
        site = SiteConfig.parse("""
                slurm: {nodes: %d, walltime: "00:10:00"}
                jrm:
                  nodename: jrm-stress
                  site: stress
                  config_class: test
                  apiserver_port: 17445
                  kubeconfig: /home/user/kubeconfig
                  vkubelet_pod_ips: [172.17.0.1]
                  custom_metrics_ports: [2221]
                ssh: {remote: login%02d}
                """.formatted(NODES, number), "stress.yaml");
    }

    JrmDeployer jrm() {
        return jrm;
    }

    Deployment deploy() {
        return jrm.deploy(DeployRequest.of(site).withTimeout(TIMEOUT));
    }

    /** Arguments: port of the LaunchPad, number, deployments at once; 0 for one after the other, each deleted again. */
    public static void main(String[] args) throws Exception {
        int atOnce = Integer.parseInt(args[2]);
        try (StressLauncher launcher = new StressLauncher(Integer.parseInt(args[0]), Integer.parseInt(args[1]))) {
            System.out.println("ready");
            if (atOnce == 0) {
                while (true) {
                    launcher.jrm.delete(launcher.deploy().workflowId());
                    System.out.println("round");
                }
            }
            List<Integer> ids = launcher.deployMany(atOnce);
            System.out.println("deployed " + ids.size());
            while (System.in.read() >= 0) {
                // Whoever started this holds the other end.
            }
            ids.forEach(launcher.jrm::delete);
            System.out.println("deleted");
        }
    }

    private List<Integer> deployMany(int atOnce) throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(atOnce);
        try {
            List<Future<Deployment>> deploying = new ArrayList<>();
            for (int i = 0; i < atOnce; i++) {
                deploying.add(executor.submit(this::deploy));
            }
            List<Integer> ids = new ArrayList<>();
            for (Future<Deployment> each : deploying) {
                ids.add(each.get().workflowId());
            }
            return ids;
        } finally {
            executor.shutdownNow();
        }
    }

    /** Starts a process that does this. */
    static Process start(int launchpadPort, int number, int atOnce) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StressLauncher.class.getName(),
                        String.valueOf(launchpadPort),
                        String.valueOf(number),
                        String.valueOf(atOnce))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Override
    public void close() {
        jrm.close();
        client.close();
    }
}
