package org.jlab.jiriaf.jrm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLoginNode;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.port.InMemoryPortLeaseStore;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {

    private static final String SITE = """
            slurm: {nodes: 2, walltime: "00:30:00", qos: debug, account: m3792, constraint: cpu}
            jrm: {nodename: jrm-test, site: test, config_class: perlmutter, apiserver_port: 38687, kubeconfig: /home/user/kubeconfig,
                  image: "docker:jlabtsai/vk-cmd:main", vkubelet_pod_ips: [172.17.0.1], custom_metrics_ports: [2221]}
            ssh: {remote: login33}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static SiteConfig site() {
        return SiteConfig.parse(SITE, "test");
    }

    @Test
    void renderScriptsPrintsTheBatchScript() {
        RenderScripts.print(site(), out);

        assertThat(printed()).startsWith("#!").contains("#SBATCH --nodes=2");
    }

    @Test
    void leasePortsGivesThePortsBack() {
        LeasePorts.lease(new LeasingPortAllocator(new InMemoryPortLeaseStore()), out);

        assertThat(printed().lines().filter(line -> line.startsWith("leased 1")))
                .hasSize(3);
        assertThat(printed()).endsWith("0 leases left\n");
    }

    @Test
    void openTunnelHoldsTheForward() throws IOException {
        InetAddress login = InetAddress.getByName("127.80.1.2");
        try (EmbeddedLoginNode host = new EmbeddedLoginNode(InetAddress.getByName("127.80.1.3"), login, Map.of())) {
            Path knownHosts = Files.writeString(folder.resolve("known_hosts"), host.knownHosts());
            Path key = Files.writeString(folder.resolve("key"), host.userKeyFile());
            try (SshjTunnelManager tunnels = SshjTunnelManager.builder()
                    .noSshConfig()
                    .knownHosts(knownHosts)
                    .build()) {
                SshRoute route = new SshRoute(
                        List.of(EmbeddedLoginNode.hop(host.jump()), EmbeddedLoginNode.hop(host.login())), key, null);
                OpenTunnel.open(tunnels, route, Forward.parse("-L 127.80.1.1:10001:localhost:10001"), out);

                assertThat(printed()).contains("-L 127.80.1.1:10001:localhost:10001 is UP");
            }
        }
    }

    @Test
    void deployAndWaitPrintsTheNodesAndTakesTheDeploymentDown() {
        InMemoryWorkflowStore store = new InMemoryWorkflowStore();
        InMemoryNodeManager nodes = new InMemoryNodeManager();
        try (JrmDeployer jrm = JrmDeployer.builder()
                .workflows(store)
                .tunnels(new LoopbackTunnelManager())
                .nodes(nodes)
                .settings(DeploymentSettings.DEFAULTS.withBindAddress("127.80.2.1"))
                .onEvent(event -> joinAsSoonAsStored(event, store, nodes))
                .build()) {
            DeployAndWait.deploy(jrm, site(), out);
        }
        assertThat(printed().lines()).hasSize(2).allMatch(line -> line.contains("kubelet 1"));
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(nodes.nodes()).isEmpty();
    }

    private static void joinAsSoonAsStored(
            DeploymentEvent event, InMemoryWorkflowStore store, InMemoryNodeManager nodes) {
        if (event.step() == DeploymentStep.STORE_WORKFLOW && event.kind() == DeploymentEvent.Kind.DONE) {
            store.list(WorkflowFilter.DEPLOYMENTS).stream()
                    .flatMap(workflow -> workflow.jrms() == null ? null : workflow.jrms().nodenames().stream())
                    .forEach(nodes::register);
        }
    }

    @Test
    void watchWorkflowsPrintsEachChangeOfState() throws Exception {
        InMemoryWorkflowStore store = new InMemoryWorkflowStore();
        CountDownLatch stop = new CountDownLatch(1);
        try (JrmDeployer jrm = JrmDeployer.builder().workflows(store).build()) {
            int id = jrm.deploy(site()).workflowId();
            CompletableFuture<Void> watching = CompletableFuture.runAsync(() -> {
                try {
                    WatchWorkflows.watch(store, Duration.ofMillis(10), stop, out);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            await().untilAsserted(() -> assertThat(printed()).contains(id + " ", " is READY"));
            store.launchQueue().reserve(new LaunchQueue.Worker("w", "test", "login33", "127.0.0.1"), "/launch");
            await().untilAsserted(() -> assertThat(printed()).contains(" is RESERVED"));

            stop.countDown();
            watching.get(10, TimeUnit.SECONDS);
        }
    }
}
