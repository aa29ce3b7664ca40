package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.host.HostScheduler;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.port.SocketPortProbe;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SshSettings;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JrmDeployerTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "test", "login01", "127.0.0.1");
    private static final PortRange KUBELET = new PortRange(14000, 14999);
    private static final PortRange CUSTOM = new PortRange(24000, 24999);

    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore();
    private final InMemoryNodeManager nodes = new InMemoryNodeManager();
    private final List<DeploymentEvent> events = new CopyOnWriteArrayList<>();
    private final InMemoryBatchScheduler scheduler = new InMemoryBatchScheduler(Clock.systemUTC());
    private LoopbackTunnelManager tunnels;
    private JrmDeployer deployer;

    @BeforeEach
    void open() throws IOException {
        tunnels = new LoopbackTunnelManager(InetAddress.getByName("127.78.0.2"));
        deployer = deployer(tunnels).build();
    }

    @AfterEach
    void close() {
        deployer.close();
    }

    private JrmDeployer.Builder deployer(LoopbackTunnelManager manager) {
        return JrmDeployer.builder()
                .workflows(store)
                .tunnels(manager)
                .nodes(nodes)
                .renderer(TestSites.NO_SCRIPTS)
                .scheduler(scheduler)
                .settings(settings())
                .hostName("cp01")
                .onEvent(events::add);
    }

    private static DeploymentSettings settings() {
        return DeploymentSettings.DEFAULTS
                .withBindAddress("127.0.0.1")
                .withLaunchpad(Endpoint.localhost(17018))
                .withPortRanges(KUBELET, CUSTOM);
    }

    @Test
    void opensTheForwardsThatADeploymentNeeds() {
        Deployment deployment = deploy();

        String node = deployment.nodes().get(0).name();
        int kubelet = deployment.nodes().get(0).kubeletPort();
        int custom = deployment.nodes().get(0).customMetrics().get(0).mapped();
        assertThat(node).matches("jrm-test-[0-9a-f]{8}");
        assertThat(deployment.name()).isEqualTo("test_" + node);
        assertThat(deployment.tunnels())
                .extracting(Tunnel::forward)
                .extracting(Forward::toString)
                .containsExactly(
                        "-R localhost:17018:localhost:17018",
                        "-R localhost:17444:localhost:17444",
                        "-L 127.0.0.1:" + kubelet + ":localhost:" + kubelet,
                        "-L 127.0.0.1:" + custom + ":localhost:" + custom);
        assertThat(store.deploymentJournal()
                        .find(deployment.name())
                        .orElseThrow()
                        .forwards())
                .extracting(DeploymentForward::purpose)
                .containsExactly(
                        ForwardPurpose.LAUNCHPAD,
                        ForwardPurpose.API_SERVER,
                        ForwardPurpose.metrics(node),
                        ForwardPurpose.customMetrics(
                                node,
                                deployment.nodes().get(0).customMetrics().get(0).original()));
        assertThat(KUBELET.contains(kubelet)).isTrue();
        assertThat(CUSTOM.contains(custom)).isTrue();
    }

    @Test
    void storesWhatExistingToolsReleasePortsBy() {
        Deployment deployment = deploy();

        Workflow workflow = deployment.workflow();
        assertThat(workflow.state()).isEqualTo(WorkflowState.READY);
        JrmsInfo jrms = Objects.requireNonNull(workflow.jrms());
        SshInfo ssh = Objects.requireNonNull(workflow.ssh());
        assertThat(jrms.nodenames()).containsExactly(deployment.nodes().get(0).name());
        assertThat(jrms.jrmPorts()).containsExactly(deployment.nodes().get(0).kubeletPort());
        assertThat(ssh.metrics()).singleElement().satisfies(entry -> {
            assertThat(entry.port()).isEqualTo(deployment.nodes().get(0).kubeletPort());
            assertThat(entry.remote()).isEqualTo("login01");
        });
        assertThat(ssh.customMetrics())
                .singleElement()
                .satisfies(entry -> assertThat(entry.customMetricsPort()).isEqualTo(2221));
        assertThat(workflow.metadata()).isEmpty();
    }

    @Test
    void takesAnotherPortWhenSomebodyListensOnTheFirst() throws IOException {
        DeploymentSettings narrow = settings().withPortRanges(new PortRange(14500, 14501), new PortRange(24500, 24501));
        try (ServerSocket other = new ServerSocket()) {
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 14500));
            try (JrmDeployer careful = deployer(tunnels)
                    .settings(narrow)
                    // Says that every port is free, as a probe does that was asked a moment too early.
                    .ports(org.jlab.jiriaf.jrm.port.LeasingPortAllocator.builder(store.portLeases())
                            .probe(port -> true)
                            .build())
                    .build()) {
                Deployment deployment = careful.deploy(
                        DeployRequest.of(TestSites.site(1, 17444)).withTimeout(TIMEOUT));

                assertThat(deployment.nodes().get(0).kubeletPort()).isEqualTo(14501);
                assertThat(store.portLeases().list())
                        .extracting(PortLease::port)
                        .containsExactly(14501);
            }
        }
    }

    @Test
    void givesTheSameDeploymentForTheSameRequest() {
        Deployment first = deployer.deploy(DeployRequest.of(TestSites.site(1, 17444))
                .withRequestId("request-1")
                .withTimeout(TIMEOUT));
        Deployment second = deployer.deploy(DeployRequest.of(TestSites.site(1, 17444))
                .withRequestId("request-1")
                .withTimeout(TIMEOUT));

        assertThat(second).isSameAs(first);
        assertThat(store.list(WorkflowFilter.ALL)).hasSize(1);
    }

    @Test
    void takesUpTheTunnelsOfAProcessThatEnded() throws IOException {
        Deployment deployment = deployer.deploy(DeployRequest.of(TestSites.site(2, 17444, 2221))
                .withRequestId("request-1")
                .withTimeout(TIMEOUT));
        dieWithoutCleaningUp();

        try (JrmDeployer next = deployer(new LoopbackTunnelManager(InetAddress.getByName("127.78.0.2")))
                .build()) {
            List<Deployment> resumed = next.resume(TIMEOUT);

            assertThat(resumed).singleElement().satisfies(again -> {
                assertThat(again.workflowId()).isEqualTo(deployment.workflowId());
                assertThat(again.nodes()).isEqualTo(deployment.nodes());
                assertThat(again.tunnels())
                        .extracting(Tunnel::forward)
                        .isEqualTo(deployment.tunnels().stream()
                                .map(Tunnel::forward)
                                .toList());
            });
            assertThat(next.deploy(DeployRequest.of(TestSites.site(2, 17444, 2221))
                            .withRequestId("request-1")
                            .withTimeout(TIMEOUT)))
                    .isSameAs(resumed.get(0));
        }
    }

    @Test
    void takesTunnelsUpLaterThatCannotBeTakenUpNow() throws IOException {
        Deployment deployment =
                deployer.deploy(DeployRequest.of(TestSites.site(1, 17444, 2221)).withTimeout(TIMEOUT));
        dieWithoutCleaningUp();
        int kubelet = deployment.nodes().get(0).kubeletPort();

        try (JrmDeployer next = deployer(new LoopbackTunnelManager(InetAddress.getByName("127.78.0.2")))
                .build()) {
            try (ServerSocket inTheWay = new ServerSocket()) {
                inTheWay.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), kubelet));
                assertThat(next.resume(TIMEOUT)).isEmpty();
            }

            assertThat(next.resume(TIMEOUT))
                    .extracting(Deployment::workflowId)
                    .containsExactly(deployment.workflowId());
            assertThat(next.resume(TIMEOUT)).isEmpty();
        }
    }

    @Test
    void closesFreesAndTakesUpOneDeploymentOnDemand() {
        Deployment deployment = deploy();

        deployer.disconnect(deployment.workflowId());

        assertThat(tunnels.tunnels()).isEmpty();
        assertThat(store.portLeases().list()).isEmpty();
        assertThat(store.find(deployment.workflowId())).isPresent();
        assertThat(deployer.resume(TIMEOUT)).as("not asked for").isEmpty();

        Deployment again = deployer.resume(deployment.workflowId(), TIMEOUT);

        assertThat(again.tunnels()).hasSameSizeAs(deployment.tunnels());
        assertThat(store.portLeases().list()).hasSize(2);
        assertThat(deployer.resume(deployment.workflowId(), TIMEOUT)).isSameAs(again);
    }

    @Test
    void takesUpTunnelsByPasswordOnlyWithTheSiteFile() throws IOException {
        SiteConfig site = withPassword(TestSites.site(1, 17444, 2221), "login01");
        Deployment deployment = deployer.deploy(DeployRequest.of(site).withTimeout(TIMEOUT));
        dieWithoutCleaningUp();

        TunnelManager loginNode = new LoopbackTunnelManager(InetAddress.getByName("127.78.0.2"));
        try (JrmDeployer next = deployer(new LoopbackTunnelManager())
                .tunnels(new PasswordTunnelManager(loginNode))
                .build()) {
            assertThat(next.resume(TIMEOUT)).isEmpty();
            assertThat(events).last().asString().contains("password is never stored", "with its site file");
            assertThatExceptionOfType(DeploymentException.class)
                    .isThrownBy(() -> next.resume(deployment.workflowId(), TIMEOUT))
                    .withMessageContaining("password is never stored");
            assertThatExceptionOfType(DeploymentException.class)
                    .isThrownBy(() -> next.resume(
                            deployment.workflowId(), withPassword(TestSites.site(1, 17444, 2221), "login02"), TIMEOUT))
                    .withMessageContaining("it is at login01, and the site file leads to login02");

            Deployment again = next.resume(deployment.workflowId(), site, TIMEOUT);

            assertThat(again.tunnels()).hasSameSizeAs(deployment.tunnels());
        }
    }

    private static SiteConfig withPassword(SiteConfig site, String login) {
        return new SiteConfig(
                site.slurm(),
                site.jrm(),
                new SshSettings(SshHop.parse(login), null, null, Secret.of("correct horse"), null));
    }

    /** A login node that lets in who has a password. */
    private record PasswordTunnelManager(TunnelManager loginNode) implements TunnelManager {

        @Override
        public LoginSession connect(SshRoute route, Duration timeout) {
            if (route.password() == null) {
                throw new TunnelException(
                        TunnelException.Reason.AUTHENTICATION_REFUSED, null, route.describe() + " refuses us", null);
            }
            return loginNode.connect(route, timeout);
        }

        @Override
        public List<Tunnel> tunnels() {
            return loginNode.tunnels();
        }

        @Override
        public Map<SshRoute, ConnectionState> connections() {
            return loginNode.connections();
        }

        @Override
        public void close() {
            loginNode.close();
        }
    }

    @Test
    void takesNothingUpThatALivingProcessHolds() {
        Deployment deployment = deploy();

        try (JrmDeployer other =
                deployer(new LoopbackTunnelManager()).hostName("cp02").build()) {
            assertThatExceptionOfType(DeploymentException.class)
                    .isThrownBy(() -> other.resume(deployment.workflowId(), TIMEOUT))
                    .withMessageContaining("DEPLOYED in process")
                    .withMessageContaining("cp01");
        }
    }

    @Test
    void leavesTheTunnelsOfALivingProcessAlone() {
        deploy();

        try (JrmDeployer other = deployer(new LoopbackTunnelManager()).build()) {
            assertThat(other.resume(TIMEOUT)).isEmpty();
        }
    }

    @Test
    void undoesWhatADeadProcessBegan() {
        DeploymentRecord record = record(DeploymentRecord.Phase.DEPLOYING, deadProcess());
        store.deploymentJournal().begin(record);
        store.portLeases()
                .acquire(List.of("cp01", "login01"), List.of(14001, 24001), 2, record.name(), "kubelet", TIMEOUT);

        assertThat(deployer.reconcile())
                .containsExactly(new ReconcileDecision(
                        record.name(),
                        ReconcileDecision.Action.UNDO,
                        "it is half made and process " + record.owner().pid() + " on cp01 is gone"));

        assertThat(store.portLeases().list()).isEmpty();
        assertThat(store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void keepsADeploymentWhoseProcessDiedRightAfterStoringIt() {
        Deployment deployment = deploy();
        DeploymentRecord stored =
                store.deploymentJournal().find(deployment.name()).orElseThrow();
        store.deploymentJournal()
                .replace(stored.withPhase(DeploymentRecord.Phase.DEPLOYING).withOwner(deadProcess(), Instant.now()));

        deployer.reconcile();

        assertThat(store.find(deployment.workflowId())).isPresent();
        assertThat(store.portLeases().list()).isNotEmpty();
        assertThat(store.deploymentJournal().find(deployment.name()))
                .map(DeploymentRecord::phase)
                .contains(DeploymentRecord.Phase.DEPLOYED);
    }

    @Test
    void finishesADeletionThatADeadProcessBegan() {
        Deployment deployment = deploy();
        DeploymentRecord stored =
                store.deploymentJournal().find(deployment.name()).orElseThrow();
        store.deploymentJournal()
                .replace(stored.withPhase(DeploymentRecord.Phase.DELETING).withOwner(deadProcess(), Instant.now()));

        deployer.reconcile();

        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(store.portLeases().list()).isEmpty();
        assertThat(store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void leavesAloneWhatALivingProcessIsDeploying() {
        DeploymentRecord record = record(DeploymentRecord.Phase.DEPLOYING, ProcessIdentity.current("cp01"));
        store.deploymentJournal().begin(record);
        store.portLeases().acquire(List.of("cp01"), List.of(14001), 1, record.name(), "kubelet", TIMEOUT);

        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::action)
                .containsExactly(ReconcileDecision.Action.KEEP);

        assertThat(store.portLeases().list()).hasSize(1);
    }

    @Test
    void leavesPortsAloneThatAreLeasedForNoDeployment() {
        store.portLeases()
                .acquire(List.of("cp01"), List.of(14001), 1, PortLease.NO_DEPLOYMENT + "tool", "a while", TIMEOUT);
        store.portLeases().acquire(List.of("cp01"), List.of(14002), 1, "test_gone", "kubelet", TIMEOUT);

        assertThat(deployer.reconcile()).hasSize(1);

        assertThat(store.portLeases().list()).extracting(PortLease::port).containsExactly(14001);
    }

    @Test
    void releasesWhatIsOverAndKeepsItsWorkflow() {
        Deployment deployment = deploy();
        String node = deployment.nodes().get(0).name();
        nodes.register(node);
        run(WorkflowState.COMPLETED);

        assertThat(deployer.reconcile())
                .containsExactly(new ReconcileDecision(
                        deployment.name(), ReconcileDecision.Action.RELEASE, "workflow 1 is COMPLETED"));

        assertThat(tunnels.tunnels()).isEmpty();
        assertThat(store.portLeases().list()).isEmpty();
        assertThat(nodes.list(List.of(node))).isEmpty();
        assertThat(store.find(deployment.workflowId())).isPresent();
        assertThat(deployer.reconcile()).isEmpty();
    }

    @Test
    void closesALostRunAndReleasesIt() {
        Deployment deployment = deploy();
        int launch = store.launchQueue()
                .reserve(WORKER, "/launch")
                .map(reservation -> reservation.launch().id())
                .orElseThrow();
        store.launchQueue().start(launch, WORKER);
        try (JrmDeployer later = deployer(tunnels)
                .clock(Clock.offset(Clock.systemUTC(), Duration.ofHours(5)))
                .build()) {
            assertThat(later.reconcile())
                    .extracting(ReconcileDecision::deployment, ReconcileDecision::action)
                    .containsExactly(
                            tuple(deployment.name(), ReconcileDecision.Action.CLOSE_RUN),
                            tuple(deployment.name(), ReconcileDecision.Action.RELEASE));
        }

        assertThat(deployment.workflow().state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void refusesWhatDoesNotFitBeforeAnythingIsTouched() {
        try (JrmDeployer narrow = deployer(tunnels)
                .settings(settings().withPortRanges(new PortRange(14500, 14501), CUSTOM))
                .build()) {
            assertThatExceptionOfType(DeploymentException.class)
                    .isThrownBy(() -> narrow.deploy(
                            DeployRequest.of(TestSites.site(3, 17444)).withTimeout(TIMEOUT)))
                    .withMessageContaining("14500-14501");
        }
        assertThat(events).noneMatch(event -> event.step() == DeploymentStep.CONNECT);
    }

    @Test
    void releasesADeploymentWhoseWorkflowSomebodyDeleted() {
        Deployment deployment = deploy();
        store.delete(deployment.workflowId());

        deployer.reconcile();

        assertThat(store.portLeases().list()).isEmpty();
        assertThat(tunnels.tunnels()).isEmpty();
    }

    @Test
    void givesBackLeasesThatNobodyStandsFor() {
        store.portLeases().acquire(List.of("cp01"), List.of(14001), 1, "test_gone", "kubelet", TIMEOUT);

        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::deployment, ReconcileDecision::action)
                .containsExactly(tuple("test_gone", ReconcileDecision.Action.RELEASE_PORTS));

        assertThat(store.portLeases().list()).isEmpty();
    }

    @Test
    void aDryRunShowsWhatWouldBeReleasedAndTouchesNothing() {
        Deployment deployment = deploy();
        run(WorkflowState.FIZZLED);
        store.portLeases().acquire(List.of("cp01"), List.of(14001), 1, "test_gone", "kubelet", TIMEOUT);
        List<PortLease> leases = store.portLeases().list();
        List<DeploymentRecord> records = store.deploymentJournal().list();
        events.clear();

        assertThat(deployer.planReconcile())
                .extracting(ReconcileDecision::toString)
                .containsExactlyInAnyOrder(
                        deployment.name() + ": release: workflow 1 is FIZZLED",
                        "test_gone: release ports: 1 ports are leased for it, and neither the journal nor the LaunchPad"
                                + " knows it");

        assertThat(store.portLeases().list()).isEqualTo(leases);
        assertThat(store.deploymentJournal().list()).isEqualTo(records);
        assertThat(deployer.held()).hasSize(1);
        assertThat(events).isEmpty();
    }

    @Test
    void everyDecisionIsAnEventThatSaysWhy() {
        Deployment deployment = deploy();
        run(WorkflowState.COMPLETED);

        deployer.reconcile();

        assertThat(events)
                .filteredOn(event -> event.step() == DeploymentStep.RECONCILE)
                .extracting(DeploymentEvent::toString)
                .containsExactly(deployment.name() + ": reconcile progress: release: workflow 1 is COMPLETED");
    }

    @Test
    void leasesAnewWhatExpiredWhileTheDeploymentLived() {
        Deployment deployment = deploy();
        store.portLeases().release(store.portLeases().list());

        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::deployment, ReconcileDecision::action)
                .containsExactly(tuple(deployment.name(), ReconcileDecision.Action.RENEW_PORTS));

        assertThat(store.portLeases().list())
                .extracting(PortLease::owner, PortLease::port)
                .contains(tuple(deployment.name(), deployment.nodes().get(0).kubeletPort()))
                .hasSize(2);
        assertThat(deployer.reconcile()).isEmpty();
    }

    @Test
    void closesWhatItHoldsInARangeAndNamesWhatBelongsToOthers() throws IOException {
        Deployment deployment = deploy();
        int kubelet = deployment.nodes().get(0).kubeletPort();
        int others = KUBELET.contains(kubelet + 1) ? kubelet + 1 : kubelet - 1;
        int leasedElsewhere = KUBELET.contains(kubelet + 2) ? kubelet + 2 : kubelet - 2;
        store.portLeases().acquire(List.of("cp02"), List.of(leasedElsewhere), 1, "ornl_x", "kubelet", TIMEOUT);
        try (ServerSocket foreign = new ServerSocket()) {
            foreign.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), others));

            assertThat(deployer.deletePorts(KUBELET))
                    .extracting(PortReleaseOutcome::port, PortReleaseOutcome::owner, PortReleaseOutcome::closed)
                    .contains(
                            tuple(kubelet, deployment.name(), true),
                            tuple(others, null, false),
                            tuple(leasedElsewhere, "ornl_x", false));

            assertThat(foreign.isClosed()).isFalse();
            assertThat(new SocketPortProbe().isFree(others)).isFalse();
        }
        assertThat(new SocketPortProbe().isFree(kubelet)).isTrue();
        assertThat(store.portLeases().list())
                .extracting(PortLease::port)
                .containsExactlyInAnyOrder(
                        leasedElsewhere,
                        deployment.nodes().get(0).customMetrics().get(0).mapped());
        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::deployment)
                .as("a port that was closed on request is not leased again")
                .doesNotContain(deployment.name());
        deployer.delete(deployment.workflowId());
        assertThat(store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void closesPortsThatAnotherProcessHoldsForwardsOf() {
        Deployment deployment = deploy();
        int kubelet = deployment.nodes().get(0).kubeletPort();
        try (JrmDeployer other = deployer(new LoopbackTunnelManager()).build()) {
            assertThat(other.deletePorts(KUBELET))
                    .filteredOn(PortReleaseOutcome::closed)
                    .extracting(PortReleaseOutcome::port)
                    .containsExactly(kubelet);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> new SocketPortProbe().isFree(kubelet));
        assertThat(deployer.held()).containsExactly(deployment);
    }

    @Test
    void cleansUpByItselfWhenItIsToldTo() {
        try (JrmDeployer service = deployer(new LoopbackTunnelManager())
                .settings(settings().withReconcileInterval(Duration.ofMillis(50)))
                .build()) {
            store.portLeases().acquire(List.of("cp01"), List.of(14001), 1, "test_gone", "kubelet", TIMEOUT);

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> store.portLeases().list().isEmpty());
            assertThat(service.held()).isEmpty();
        }
    }

    @Test
    void cancelsTheJobOfADeploymentThatIsDeleted() {
        Deployment deployment = deploy();
        LaunchQueue.Reservation reservation =
                store.launchQueue().reserve(WORKER, "/launch").orElseThrow();
        store.launchQueue().submitted(reservation.launch().id(), "4711");

        deployer.delete(deployment.workflowId());

        assertThat(scheduler.cancelled()).containsExactly("4711");
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
    }

    @Test
    void closesTheTunnelsOfADeploymentThatAnotherProcessDeletes() {
        Deployment deployment = deploy();
        try (JrmDeployer other = deployer(new LoopbackTunnelManager()).build()) {
            other.delete(deployment.workflowId());
        }
        // The owner is this process for both deployers, so the record has to be gone for it to be noticed.
        await().atMost(Duration.ofSeconds(15)).until(() -> tunnels.tunnels().isEmpty());
        assertThat(deployer.held()).isEmpty();
    }

    @Test
    void endsWaitingWhenTheWorkflowFizzles() {
        Deployment deployment = deploy();
        run(WorkflowState.FIZZLED);

        assertThatExceptionOfType(DeploymentException.class)
                .isThrownBy(() -> deployment.awaitReady(TIMEOUT))
                .withMessageContaining("FIZZLED")
                .satisfies(e -> assertThat(e.step()).isEqualTo(DeploymentStep.AWAIT_NODES));
    }

    @Test
    void waitsUntilAllNodesAreReady() {
        Deployment deployment = deploy();
        deployment.nodes().forEach(node -> nodes.register(node.name()));

        deployment.awaitReady(TIMEOUT);

        assertThat(events)
                .anyMatch(event ->
                        event.step() == DeploymentStep.AWAIT_NODES && event.kind() == DeploymentEvent.Kind.DONE);
    }

    @Test
    void saysWhatItLeavesOutWithoutTunnelsAndNodes() {
        try (JrmDeployer bare = JrmDeployer.builder()
                .workflows(store)
                .renderer(TestSites.NO_SCRIPTS)
                .scheduler(scheduler)
                .hostName("cp01")
                .onEvent(events::add)
                .build()) {
            Deployment deployment =
                    bare.deploy(DeployRequest.of(TestSites.site(1, 17444)).withTimeout(TIMEOUT));
            deployment.awaitReady(TIMEOUT);
            bare.delete(deployment.workflowId());
        }

        assertThat(events)
                .filteredOn(event -> event.kind() == DeploymentEvent.Kind.SKIPPED)
                .extracting(DeploymentEvent::step)
                .contains(
                        DeploymentStep.CONNECT,
                        DeploymentStep.OPEN_TUNNELS,
                        DeploymentStep.AWAIT_NODES,
                        DeploymentStep.DELETE_NODES);
    }

    @Test
    void namesTheWorkflowThatIsNotThere() {
        assertThatExceptionOfType(DeploymentException.class)
                .isThrownBy(() -> deployer.delete(12345))
                .withMessageContaining("12345");
    }

    /** Until the launcher has seen it run, the LaunchPad knows nothing of a job on a host without batch system. */
    @Test
    void deletingEndsAJobOfAHostWithoutBatchSystemThatIsNotYetKnownToRun(@TempDir Path folder) {
        Deployment deployment = deploy();
        assertThat(store.launchQueue().reserve(WORKER, "/launch")).isPresent();
        HostScheduler host = new HostScheduler();
        try (LoginSession session =
                tunnels.connect(TestSites.site(1, 17444).ssh().route(), TIMEOUT)) {
            BatchSubmission job =
                    new BatchSubmission(folder.toString(), "#!/bin/sh\nexec sleep 600\n", deployment.name(), "token");
            String id = host.submit(session, job, TIMEOUT);
            scheduler.breakDown();

            deployer.delete(deployment.workflowId());

            assertThat(host.find(session, List.of(id), TIMEOUT)).isEmpty();
        }
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
    }

    @Test
    void interruptionFailsTheDeploymentAndLeavesNothing() {
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(DeploymentException.class).isThrownBy(this::deploy);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(tunnels.tunnels()).isEmpty();
        assertThat(store.portLeases().list()).isEmpty();
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(store.deploymentJournal().list()).isEmpty();
    }

    private Deployment deploy() {
        return deployer.deploy(DeployRequest.of(TestSites.site(1, 17444, 2221)).withTimeout(TIMEOUT));
    }

    private void run(WorkflowState end) {
        int launch = store.launchQueue()
                .reserve(WORKER, "/launch")
                .map(reservation -> reservation.launch().id())
                .orElseThrow();
        store.launchQueue().start(launch, WORKER);
        store.launchQueue().complete(launch, end, "");
    }

    /** What {@code kill -9} leaves: the listeners are gone, the store knows nothing of it. */
    private void dieWithoutCleaningUp() {
        deployer.close();
        for (DeploymentRecord record : store.deploymentJournal().list()) {
            Optional<DeploymentRecord> orphaned =
                    store.deploymentJournal().replace(record.withOwner(deadProcess(), Instant.now()));
            assertThat(orphaned).isPresent();
        }
    }

    private static ProcessIdentity deadProcess() {
        ProcessIdentity self = ProcessIdentity.current("cp01");
        return new ProcessIdentity("cp01", self.pid(), self.startedAt().minusSeconds(60));
    }

    private static DeploymentRecord record(DeploymentRecord.Phase phase, ProcessIdentity owner) {
        return new DeploymentRecord(
                "test_jrm-test-00000001",
                "request-1",
                phase,
                owner,
                Instant.now().plusSeconds(600),
                null,
                TestSites.site(1, 17444).ssh().route(),
                List.of(),
                List.of("jrm-test-00000001"),
                false,
                null,
                Instant.now(),
                0);
    }
}
