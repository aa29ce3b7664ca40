package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.junit.jupiter.api.Test;

/** What a deployer does by itself if its settings have an interval. */
class HousekeepingTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final DeploymentSettings SETTINGS = DeploymentSettings.DEFAULTS
            .withBindAddress("127.0.0.1")
            .withLaunchpad(Endpoint.localhost(17019))
            .withPortRanges(new PortRange(13000, 13499), new PortRange(13500, 13999));

    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore();

    @Test
    void resumesAtOnceWhatADeadProcessLeft() throws IOException {
        Deployment left;
        try (JrmDeployer dying = deployer(SETTINGS)) {
            left = dying.deploy(DeployRequest.of(TestSites.site(1, 17444)).withTimeout(TIMEOUT));
        }
        orphan(left);

        try (JrmDeployer next = deployer(SETTINGS.withReconcileInterval(Duration.ofDays(1)))) {
            await().atMost(TIMEOUT)
                    .untilAsserted(() ->
                            assertThat(next.held()).extracting(Deployment::name).containsExactly(left.name()));
            assertThat(next.resumeFailure(left.name())).isEmpty();
        }
    }

    @Test
    void aDeploymentThatCannotBeResumedDelaysNoOtherAndIsTriedAgain() throws IOException {
        Deployment blocked;
        Deployment free;
        try (JrmDeployer dying = deployer(SETTINGS)) {
            blocked = dying.deploy(DeployRequest.of(TestSites.site(1, 17444)).withTimeout(TIMEOUT));
            free = dying.deploy(DeployRequest.of(TestSites.site(1, 17444)).withTimeout(TIMEOUT));
        }
        orphan(blocked);
        orphan(free);
        int port = blocked.nodes().get(0).kubeletPort();

        try (JrmDeployer next =
                deployer(SETTINGS.withReconcileInterval(Duration.ofDays(1)), port, blocked.name(), free.name())) {
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(next.held())
                            .extracting(Deployment::name)
                            .containsExactlyInAnyOrder(blocked.name(), free.name()));
            assertThat(next.resumeFailure(blocked.name())).isEmpty();
        }
    }

    /** A deployer beside a process that has a port, until the deployer has met it and resumed the others. */
    private JrmDeployer deployer(DeploymentSettings settings, int port, String blocked, String free)
            throws IOException {
        try (ServerSocket occupant = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            JrmDeployer next = deployer(settings);
            await().atMost(TIMEOUT).untilAsserted(() -> {
                assertThat(next.held()).extracting(Deployment::name).containsExactly(free);
                assertThat(next.resumeFailure(blocked).orElseThrow())
                        .hasMessageContaining("" + occupant.getLocalPort());
            });
            return next;
        }
    }

    private JrmDeployer deployer(DeploymentSettings settings) throws IOException {
        return JrmDeployer.builder()
                .workflows(store)
                .tunnels(new LoopbackTunnelManager(InetAddress.getByName("127.78.0.9")))
                .nodes(new InMemoryNodeManager())
                .renderer(TestSites.NO_SCRIPTS)
                .scheduler(new InMemoryBatchScheduler(Clock.systemUTC()))
                .settings(settings)
                .hostName("cp01")
                .build();
    }

    /** What {@code kill -9} leaves in the journal. */
    private void orphan(Deployment deployment) {
        ProcessIdentity self = ProcessIdentity.current("cp01");
        ProcessIdentity dead =
                new ProcessIdentity("cp01", self.pid(), self.startedAt().minusSeconds(60));
        DeploymentRecord record =
                store.deploymentJournal().find(deployment.name()).orElseThrow();
        assertThat(store.deploymentJournal().replace(record.withOwner(dead, Instant.now())))
                .isPresent();
    }
}
