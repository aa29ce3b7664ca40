package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.JrmProcesses;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of JRMs that an agent has started as processes of its own host, as on FABRIC. The processes are real. */
class HostWithoutBatchSystemTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "test", "login01", "127.0.0.1");

    private final MutableClock clock = new MutableClock();
    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore(clock);
    private final LoopbackTunnelManager tunnels = new LoopbackTunnelManager();
    private final InMemoryBatchScheduler scheduler = new InMemoryBatchScheduler(clock);
    private final List<Process> processes = new ArrayList<>();
    private final JrmDeployer deployer = JrmDeployer.builder()
            .workflows(store)
            .tunnels(tunnels)
            .renderer(TestSites.NO_SCRIPTS)
            .scheduler(scheduler)
            .clock(clock)
            .settings(DeploymentSettings.DEFAULTS
                    .withBindAddress("127.0.0.1")
                    .withLaunchpad(Endpoint.localhost(17018))
                    .withPortRanges(new PortRange(14000, 14999), new PortRange(24000, 24999)))
            .build();

    @BeforeEach
    void haveNoBatchSystem() {
        scheduler.failWith(new BatchSchedulerException("squeue: command not found", false));
    }

    @AfterEach
    void close() {
        deployer.close();
        processes.forEach(Process::destroyForcibly);
    }

    private Deployment deploy() {
        return deployer.deploy(DeployRequest.of(TestSites.site(1, 17444)).withTimeout(TIMEOUT));
    }

    /** What a node script is to others: a process with a mark that names its node and itself. */
    private Process jrm(String node) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", "JRM_RUN=" + node + ".$$.1 exec sleep 600").start();
        processes.add(process);
        await().atMost(TIMEOUT).until(() -> running().contains(node));
        return process;
    }

    private List<String> running() {
        try (LoginSession session =
                tunnels.connect(TestSites.site(1, 17444).ssh().route(), TIMEOUT)) {
            return List.copyOf(JrmProcesses.nodes(session, TIMEOUT));
        }
    }

    private static String node(Deployment deployment) {
        return deployment.nodes().get(0).name();
    }

    @Test
    void releaseEndsThoseWhoseWorkflowSomebodyDeleted() throws IOException {
        Deployment deployment = deploy();
        Process jrm = jrm(node(deployment));
        Process other = jrm("jrm.of.others");
        store.delete(deployment.workflowId());

        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::action, ReconcileDecision::isFailed)
                .containsExactly(
                        tuple(ReconcileDecision.Action.CANCEL_JOB, false),
                        tuple(ReconcileDecision.Action.RELEASE, false));

        assertThat(jrm.isAlive()).isFalse();
        assertThat(other.isAlive()).isTrue();
        assertThat(tunnels.tunnels()).isEmpty();
        assertThat(store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void releaseNeedsNoneToFreeWhatSomebodyDeleted() {
        store.delete(deploy().workflowId());

        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::action)
                .containsExactly(ReconcileDecision.Action.RELEASE);

        assertThat(store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void deletionEndsThoseOfAWorkflowThatSomebodyStopped() throws IOException {
        Deployment deployment = deploy();
        Process jrm = jrm(node(deployment));
        store.defuse(deployment.workflowId());

        deployer.delete(deployment.workflowId());

        assertThat(jrm.isAlive()).isFalse();
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
    }

    /** A site that is known to be a plain host is not asked for a batch system. */
    @Test
    void asksTheHostAloneWhereTheRecordSaysThatItHasTheJob() throws IOException {
        SiteConfig site = TestSites.site(1, 17444);
        Deployment deployment = deployer.deploy(
                DeployRequest.of(new SiteConfig(site.slurm(), TestSites.onFabric(site.jrm()), site.ssh()))
                        .withTimeout(TIMEOUT));
        assertThat(store.deploymentJournal().list())
                .singleElement()
                .satisfies(record -> assertThat(record.batchSystem()).isEqualTo(DeploymentRecord.BatchSystem.HOST));
        Process jrm = jrm(node(deployment));
        store.defuse(deployment.workflowId());

        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::action, ReconcileDecision::isFailed)
                .containsExactly(
                        tuple(ReconcileDecision.Action.CANCEL_JOB, false),
                        tuple(ReconcileDecision.Action.RELEASE, false));

        assertThat(jrm.isAlive()).isFalse();
        assertThat(scheduler.queries()).isZero();
    }

    @Test
    void deletionAsksTheHostAloneWhereTheRecordSaysThatItHasTheJob() throws IOException {
        SiteConfig site = TestSites.site(1, 17444);
        Deployment deployment = deployer.deploy(
                DeployRequest.of(new SiteConfig(site.slurm(), TestSites.onFabric(site.jrm()), site.ssh()))
                        .withTimeout(TIMEOUT));
        Process jrm = jrm(node(deployment));
        store.defuse(deployment.workflowId());

        deployer.delete(deployment.workflowId());

        assertThat(jrm.isAlive()).isFalse();
        assertThat(scheduler.queries()).isZero();
    }

    @Test
    void keepsADeploymentThatIsSilentWhileItsJrmsRun() throws IOException {
        Deployment deployment = deploy();
        Process jrm = jrm(node(deployment));
        int launch = store.launchQueue()
                .reserve(WORKER, "/launch")
                .map(reservation -> reservation.launch().id())
                .orElseThrow();
        store.launchQueue().start(launch, WORKER);
        clock.advance(Duration.ofHours(5));

        assertThat(deployer.reconcile())
                .filteredOn(decision -> decision.action() != ReconcileDecision.Action.RENEW_PORTS)
                .singleElement()
                .satisfies(decision -> {
                    assertThat(decision.action()).isEqualTo(ReconcileDecision.Action.KEEP);
                    assertThat(decision.reason()).contains("no sign of life", node(deployment) + " runs on");
                });
        assertThat(jrm.isAlive()).isTrue();
    }
}
