package org.jlab.jiriaf.jrm.deploy.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jlab.jiriaf.jrm.deploy.DeployRequest;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.deploy.TestSites;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.site.JrmSettings;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SitePreparationTest {

    private static final int APISERVER_PORT = 17445;
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final List<DeploymentEvent> events = new CopyOnWriteArrayList<>();

    private JrmDeployer deployer() throws IOException {
        Path file = Files.writeString(folder.resolve("config"), """
                current-context: c
                clusters: [{name: c, cluster: {server: "https://cp01:6443"}}]
                users: [{name: u, user: {token: TOKEN-OF-THE-JRMS}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                """);
        return JrmDeployer.builder()
                .workflows(new InMemoryWorkflowStore())
                .tunnels(new LoopbackTunnelManager(InetAddress.getByName("127.78.0.3")))
                .renderer(TestSites.NO_SCRIPTS)
                .settings(DeploymentSettings.DEFAULTS
                        .withBindAddress("127.0.0.1")
                        .withLaunchpad(Endpoint.localhost(17019))
                        .withPortRanges(new PortRange(15000, 15099), new PortRange(25000, 25099)))
                .kubeconfig(Kubeconfig.read(file))
                .hostName("cp01")
                .onEvent(events::add)
                .build();
    }

    private static SiteConfig site(Path kubeconfig) {
        SiteConfig site = TestSites.site(1, APISERVER_PORT);
        JrmSettings jrm = site.jrm();
        JrmSettings changed = new JrmSettings(
                jrm.nodename(),
                jrm.site(),
                jrm.profile(),
                jrm.controlPlaneIp(),
                jrm.apiserverPort(),
                kubeconfig.toString(),
                jrm.image(),
                jrm.vkubeletPodIps(),
                jrm.customMetricsPorts());
        return new SiteConfig(site.slurm(), changed, site.ssh());
    }

    @Test
    void putsTheKubeconfigThereForItsOwnerAlone() throws IOException {
        Path there = folder.resolve("it's new/run vk/kubeconfig");
        try (JrmDeployer jrm = deployer()) {
            jrm.deploy(DeployRequest.of(site(there)).withTimeout(TIMEOUT));
        }
        assertThat(there)
                .content()
                .contains("https://localhost:" + APISERVER_PORT)
                .contains("TOKEN-OF-THE-JRMS");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there.getParent())))
                .isEqualTo("rwx------");
        assertThat(there.getParent())
                .isDirectoryContaining(there::equals)
                .isDirectoryNotContaining(file -> !file.equals(there));
        assertThat(events).extracting(DeploymentEvent::step).contains(DeploymentStep.PREPARE_SITE);
        assertThat(events.toString()).doesNotContain("TOKEN-OF-THE-JRMS");
    }

    @Test
    void takesThePlaceOfOneThatOthersCanRead() throws IOException {
        Path there = Files.writeString(folder.resolve("kubeconfig"), "old");
        Files.setPosixFilePermissions(there, PosixFilePermissions.fromString("rw-r--r--"));
        try (JrmDeployer jrm = deployer()) {
            jrm.deploy(DeployRequest.of(site(there)).withTimeout(TIMEOUT));
        }
        assertThat(there).content().contains("TOKEN-OF-THE-JRMS").doesNotContain("old");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there)))
                .isEqualTo("rw-------");
    }

    @Test
    void leavesNothingWhereItCannotGo() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        try (JrmDeployer jrm = deployer()) {
            assertThatThrownBy(() -> jrm.deploy(
                            DeployRequest.of(site(file.resolve("kubeconfig"))).withTimeout(TIMEOUT)))
                    .isInstanceOf(DeploymentException.class)
                    .hasMessageContaining("kubeconfig")
                    .hasMessageContaining("jrm.kubeconfig");
            assertThat(jrm.workflows()).isEmpty();
        }
    }
}
