package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.script.BatchScriptRenderer;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever call on whatever backend fails: nothing stays behind, and the error says which step it was. */
class JrmDeployerFaultTest {

    private final Faults faults = new Faults();
    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore();
    private final LoopbackTunnelManager tunnels = new LoopbackTunnelManager(loginNode());
    private final List<DeploymentEvent> events = new ArrayList<>();
    private final InMemoryBatchScheduler scheduler = new InMemoryBatchScheduler(Clock.systemUTC());
    private final JrmDeployer deployer = JrmDeployer.builder()
            .workflows(faults.between(WorkflowStore.class, store))
            .tunnels(faults.between(TunnelManager.class, tunnels))
            .nodes(faults.between(NodeManager.class, new InMemoryNodeManager()))
            .renderer(faults.between(BatchScriptRenderer.class, TestSites.NO_SCRIPTS))
            .scheduler(scheduler)
            .settings(DeploymentSettings.DEFAULTS
                    .withBindAddress("127.0.0.1")
                    .withLaunchpad(Endpoint.localhost(17017))
                    .withPortRanges(new PortRange(13000, 13999), new PortRange(23000, 23999)))
            .hostName("cp01")
            .onEvent(events::add)
            .build();

    private static InetAddress loginNode() {
        try {
            return InetAddress.getByName("127.77.0.2");
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        faults.revive();
        deployer.close();
    }

    /** How many calls on backends a deployment makes. */
    static IntStream everyCall() {
        JrmDeployerFaultTest dry = new JrmDeployerFaultTest();
        dry.deploy();
        int calls = dry.faults.calls().size();
        dry.close();
        return IntStream.range(0, calls);
    }

    @ParameterizedTest
    @MethodSource("everyCall")
    void leavesNothingBehindWhenACallFails(int call) {
        faults.failAt(call);

        DeploymentException error = catchThrowableOfType(DeploymentException.class, this::deploy);

        assertThat(error).as("%s", faults.calls().get(call)).isNotNull();
        assertThat(error).hasMessageContaining("failed on purpose").hasMessageContaining(error.step() + " failed");
        assertNothingLeft();
    }

    @ParameterizedTest
    @MethodSource("everyCall")
    void leavesNothingBehindWhenABackendDiesAndComesBack(int call) {
        faults.dieAt(call);

        DeploymentException error = catchThrowableOfType(DeploymentException.class, this::deploy);
        faults.revive();
        deployer.reconcile();

        assertThat(error).as("%s", faults.calls().get(call)).isNotNull();
        assertNothingLeft();
    }

    @Test
    void keepsTheSessionOnlyWhileTheDeploymentIsThere() {
        Deployment deployment = deploy();
        assertThat(tunnels.tunnels()).hasSize(2 + 2 + 4);

        deployer.delete(deployment.workflowId());

        assertNothingLeft();
        assertThat(deployer.held()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everyCallOfADeletion")
    void finishesADeletionThatFailedHalfWay(int call) {
        Deployment deployment = deploy();
        faults.failAt(faults.calls().size() + call);

        JrmException error = catchThrowableOfType(JrmException.class, () -> deployer.delete(deployment.workflowId()));
        faults.revive();
        if (store.find(deployment.workflowId()).isPresent()) {
            deployer.delete(deployment.workflowId());
        } else {
            deployer.reconcile();
        }

        assertThat(error).as("call %d of a deletion", call).isNotNull();
        assertNothingLeft();
    }

    static IntStream everyCallOfADeletion() {
        JrmDeployerFaultTest dry = new JrmDeployerFaultTest();
        Deployment deployment = dry.deploy();
        int before = dry.faults.calls().size();
        dry.deployer.delete(deployment.workflowId());
        int calls = dry.faults.calls().size() - before;
        dry.close();
        return IntStream.range(0, calls);
    }

    private Deployment deploy() {
        return deployer.deploy(
                DeployRequest.of(TestSites.site(2, 17443, 2221, 1776)).withTimeout(Duration.ofSeconds(20)));
    }

    private void assertNothingLeft() {
        DeploymentJournal journal = store.deploymentJournal();
        assertThat(tunnels.tunnels()).isEmpty();
        assertThat(store.portLeases().list()).isEmpty();
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(journal.list()).isEmpty();
    }
}
