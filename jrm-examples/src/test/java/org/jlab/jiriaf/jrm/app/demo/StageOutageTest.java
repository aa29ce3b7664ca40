package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.deploy.DeployRequest;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The embedded servers die between two steps of a deployment: it fails, says why, and leaves nothing. */
@Tag("slow")
class StageOutageTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** A lost connection is waited for as long as a deployment may take: this long here. */
    private static final Duration DEPLOY_TIMEOUT = Duration.ofSeconds(5);
    /**
     * How many steps a deployment reports as done before the last: scripts rehearsed, record, log-in, ports of the login node,
     * kubelet ports, custom metrics ports, tunnels, scripts.
     */
    private static final int STEPS_BEFORE_THE_LAST = 8;

    static IntStream betweenAnyTwoSteps() {
        return IntStream.rangeClosed(1, STEPS_BEFORE_THE_LAST);
    }

    @ParameterizedTest
    @MethodSource("betweenAnyTwoSteps")
    void failsCleanlyWhenTheLoginNodeDiesAfter(int steps) {
        try (Stage stage = Stage.open(1, List.of(2221))) {
            deployWhile(stage, steps, stage.loginNode()::close);

            try (MongoClient launchpad = launchpad(stage)) {
                assertNothingIn(store(launchpad));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("betweenAnyTwoSteps")
    void failsCleanlyWhenTheApiServerDiesAfter(int steps) {
        try (Stage stage = Stage.open(1, List.of(2221))) {
            deployWhile(stage, steps, stage.kubernetes()::close);

            try (MongoClient launchpad = launchpad(stage)) {
                assertNothingIn(store(launchpad));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("betweenAnyTwoSteps")
    void failsCleanlyWhenTheLaunchpadDiesAfter(int steps) {
        try (Stage stage = Stage.open(1, List.of(2221))) {
            deployWhile(stage, steps, stage.launchpad()::close);

            // What a dead store cannot forget it is asked to forget when it is back, by the next pass of anybody.
            try (EmbeddedLaunchpad again = EmbeddedLaunchpad.start(
                            stage.launchpadDirectory(),
                            stage.network().controlPlane().getHostAddress(),
                            stage.launchpad().port());
                    MongoClient launchpad = launchpad(stage);
                    JrmDeployer next = JrmDeployer.builder()
                            .workflows(store(launchpad))
                            .clock(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(5)))
                            .build()) {
                assertThat(again.port()).isEqualTo(stage.launchpad().port());
                next.reconcile();

                assertNothingIn(store(launchpad));
            }
        }
    }

    @Test
    void namesStepHostAndRemedy() {
        try (Stage stage = Stage.open(1, List.of(2221))) {
            stage.loginNode().close();

            assertThatExceptionOfType(DeploymentException.class)
                    .isThrownBy(() -> deploy(stage, event -> {}))
                    .withMessageContaining("connect failed")
                    .withMessageContaining(stage.network().jumpHost().getHostAddress())
                    .withMessageContaining("Check that the host is up");
        }
    }

    /** Deploys, and lets a server die when so many steps are done. */
    private static void deployWhile(Stage stage, int steps, Runnable death) {
        Set<String> threads = jrmThreads();
        Set<ListeningSockets.Listener> listeners = ListeningSockets.of(stage.network());
        AtomicInteger done = new AtomicInteger();

        assertThatExceptionOfType(DeploymentException.class)
                .isThrownBy(() -> deploy(stage, event -> {
                    if (event.kind() == DeploymentEvent.Kind.DONE && done.incrementAndGet() == steps) {
                        death.run();
                    }
                }))
                .satisfies(e -> assertThat(e.getMessage()).contains(e.step() + " failed"));

        assertThat(done).hasValueGreaterThanOrEqualTo(steps);
        assertThat(ListeningSockets.of(stage.network())).isSubsetOf(listeners);
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(jrmThreads()).isSubsetOf(threads));
    }

    private static void deploy(Stage stage, Consumer<DeploymentEvent> onEvent) {
        String controlPlane = stage.network().controlPlane().getHostAddress();
        try (MongoClient launchpad = launchpad(stage);
                JrmDeployer jrm = JrmDeployer.builder()
                        .workflows(store(launchpad))
                        .tunnels(SshjTunnelManager.builder()
                                .noSshConfig()
                                .knownHosts(stage.knownHosts())
                                .build())
                        .nodes(new Fabric8NodeManager(stage.kubernetes().client()))
                        .settings(DeploymentSettings.DEFAULTS
                                .withLaunchpad(new Endpoint(
                                        controlPlane, stage.launchpad().port()))
                                .withApiserverHost(controlPlane)
                                .withBindAddress(controlPlane))
                        .onEvent(onEvent)
                        .build()) {
            jrm.deploy(DeployRequest.of(SiteConfig.read(stage.siteFile())).withTimeout(DEPLOY_TIMEOUT));
        }
    }

    /** Gives up on a dead server sooner than a real program would, so that many deaths take little time. */
    private static MongoClient launchpad(Stage stage) {
        return MongoClients.create("mongodb://" + stage.network().controlPlane().getHostAddress() + ":"
                + stage.launchpad().port() + "/?serverSelectionTimeoutMS=300");
    }

    private static WorkflowStore store(MongoClient launchpad) {
        return new MongoWorkflowStore(launchpad.getDatabase(LaunchpadConnection.DATABASE));
    }

    private static Set<String> jrmThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("jrm-"))
                .collect(Collectors.toSet());
    }

    private static void assertNothingIn(WorkflowStore store) {
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(store.portLeases().list()).isEmpty();
        assertThat(store.deploymentJournal().list()).isEmpty();
    }
}
