package org.jlab.jiriaf.jrm.deploy.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.deploy.DeployRequest;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision;
import org.jlab.jiriaf.jrm.deploy.TestSites;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An agent that writes down how a run ended keeps its tunnels and its workflow until it is done. */
class AgentReportWaitTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "test", "login01", "127.0.0.1");

    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore();
    private final LoopbackTunnelManager tunnels = new LoopbackTunnelManager();
    private final List<DeploymentEvent> events = new CopyOnWriteArrayList<>();
    private final Set<Integer> locked = new HashSet<>();

    /** What the agent does each time that somebody looks at the store. */
    private Runnable agent = () -> {};

    private final JrmDeployer deployer = JrmDeployer.builder()
            .workflows(storeWithAgent())
            .tunnels(tunnels)
            .renderer(TestSites.NO_SCRIPTS)
            .scheduler(new InMemoryBatchScheduler(Clock.systemUTC()))
            .settings(settings())
            .onEvent(events::add)
            .build();

    private static DeploymentSettings settings() {
        return DeploymentSettings.DEFAULTS
                .withBindAddress("127.0.0.1")
                .withLaunchpad(Endpoint.localhost(17018))
                .withPortRanges(new PortRange(14000, 14999), new PortRange(24000, 24999));
    }

    /** The store in memory knows no locks; this one does, and lets the agent work while it is looked at. */
    private WorkflowStore storeWithAgent() {
        return (WorkflowStore) Proxy.newProxyInstance(
                WorkflowStore.class.getClassLoader(),
                new Class<?>[] {WorkflowStore.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("locked")) {
                        agent.run();
                        Set<Integer> both = new HashSet<>(locked);
                        both.retainAll((Collection<?>) arguments[0]);
                        return both;
                    }
                    if (method.getName().equals("find")) {
                        agent.run();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @AfterEach
    void close() {
        deployer.close();
    }

    private Deployment deploy() {
        return deployer.deploy(DeployRequest.of(TestSites.site(1, 17444)).withTimeout(TIMEOUT));
    }

    private int start() {
        int launch = store.launchQueue()
                .reserve(WORKER, "/launch")
                .map(reservation -> reservation.launch().id())
                .orElseThrow();
        store.launchQueue().start(launch, WORKER);
        return launch;
    }

    /** An agent that has written down the end, holds the lock, and lets it go when somebody has looked three times. */
    private void endUnderLock(Deployment deployment, List<Integer> tunnelsSeen) {
        store.launchQueue().complete(start(), WorkflowState.COMPLETED, "");
        locked.add(deployment.workflowId());
        agent = () -> {
            tunnelsSeen.add(tunnels.tunnels().size());
            assertThat(store.find(deployment.workflowId())).isPresent();
            if (tunnelsSeen.size() == 3) {
                locked.clear();
            }
        };
    }

    @Test
    void releaseWaitsForTheLock() {
        Deployment deployment = deploy();
        int forwards = tunnels.tunnels().size();
        List<Integer> seen = new ArrayList<>();
        endUnderLock(deployment, seen);

        assertThat(deployer.reconcile())
                .extracting(ReconcileDecision::action)
                .containsExactly(ReconcileDecision.Action.RELEASE);

        assertThat(seen).containsExactly(forwards, forwards, forwards);
        assertThat(tunnels.tunnels()).isEmpty();
    }

    @Test
    void deletionWaitsForTheLock() {
        Deployment deployment = deploy();
        int forwards = tunnels.tunnels().size();
        List<Integer> seen = new ArrayList<>();
        endUnderLock(deployment, seen);

        deployer.delete(deployment.workflowId());

        assertThat(seen).containsExactly(forwards, forwards, forwards);
        assertThat(tunnels.tunnels()).isEmpty();
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
    }

    /** Where there is no batch system the agent outlives the JRMs that a deletion has ended, and finds that they failed. */
    @Test
    void deletionWaitsForTheAgentOfAHostWithoutBatchSystem() {
        Deployment deployment = deploy();
        int forwards = tunnels.tunnels().size();
        int launch = start();
        List<Integer> seen = new ArrayList<>();
        agent = () -> {
            seen.add(tunnels.tunnels().size());
            if (seen.size() == 3) {
                store.launchQueue().complete(launch, WorkflowState.FIZZLED, "told to stop");
            }
        };

        deployer.delete(deployment.workflowId());

        assertThat(seen).hasSizeGreaterThanOrEqualTo(3).containsOnly(forwards);
        assertThat(tunnels.tunnels()).isEmpty();
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(events)
                .filteredOn(
                        event -> event.step() == DeploymentStep.CANCEL_JOB && event.kind() == DeploymentEvent.Kind.DONE)
                .extracting(DeploymentEvent::message)
                .containsExactly("the processes of launch " + launch + ", which is no batch job");
    }

    @Test
    void doesNotWaitForGoodForAnAgentThatIsGone() {
        Workflow workflow = deploy().workflow();
        locked.add(workflow.id());

        new AgentReportWait(backends(), Duration.ofMillis(120)).awaitUnlocked(List.of(workflow));

        assertThat(events)
                .filteredOn(event -> event.step() == DeploymentStep.CLOSE_TUNNELS)
                .extracting(DeploymentEvent::message)
                .singleElement()
                .asString()
                .startsWith("workflow " + workflow.id() + " has been locked");
        assertThat(new AgentReportWait(backends(), Duration.ofMillis(120)).awaitOver(workflow))
                .isFalse();
    }

    @Test
    void interruptionEndsTheWait() {
        Workflow workflow = deploy().workflow();
        locked.add(workflow.id());
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> new AgentReportWait(backends()).awaitUnlocked(List.of(workflow)))
                    .isInstanceOf(JrmException.class)
                    .hasMessageContaining("Interrupted");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private Backends backends() {
        return new Backends(
                storeWithAgent(),
                tunnels,
                null,
                null,
                LeasingPortAllocator.builder(store.portLeases()).build(),
                TestSites.NO_SCRIPTS,
                new InMemoryBatchScheduler(Clock.systemUTC()),
                settings(),
                events::add,
                Clock.systemUTC(),
                ProcessIdentity.current("cp01"),
                process -> false);
    }
}
