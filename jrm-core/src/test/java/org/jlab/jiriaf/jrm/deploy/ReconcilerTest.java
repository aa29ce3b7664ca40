package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision.Action;
import org.jlab.jiriaf.jrm.deploy.internal.WorkflowDrafts;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pass concludes from workflows, batch jobs, nodes and leases together. */
class ReconcilerTest {

    private final World world = new World(1);
    private final World.Launcher process = world.processes.get(0);

    private Workflow running() {
        world.deploy(process, 1, null, null);
        world.launch(true);
        world.startJob(0);
        Workflow workflow = world.workflows().get(0);
        assertThat(workflow.state()).isEqualTo(WorkflowState.RUNNING);
        return workflow;
    }

    private static String job(Workflow workflow) {
        Launch launch = Objects.requireNonNull(workflow.launch());
        return Objects.requireNonNull(launch.jobId());
    }

    private List<ReconcileDecision> reconcile() {
        return process.reconcile();
    }

    @Test
    void closesARunWhoseJobEndedWithoutReporting() {
        Workflow workflow = running();
        world.scheduler.change(job(workflow), BatchJobState.TIMEOUT, "TimeLimit");
        world.pass(Duration.ofMinutes(2));

        assertThat(reconcile())
                .extracting(ReconcileDecision::action, ReconcileDecision::reason)
                .containsExactly(
                        tuple(
                                Action.CLOSE_RUN,
                                "workflow 1 is RUNNING, and job 1 is TIMEOUT (TimeLimit) without having reported it"),
                        tuple(
                                Action.RELEASE,
                                "workflow 1 is RUNNING, and job 1 is TIMEOUT (TimeLimit) without having reported it"));

        assertThat(world.workflows().get(0).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(world.store.portLeases().list()).isEmpty();
        assertThat(world.nodes.nodes())
                .extracting(NodeStatus::name)
                .containsExactlyInAnyOrderElementsOf(world.foreignNodes);
    }

    @Test
    void givesAJobThatJustEndedTimeToReport() {
        Workflow workflow = running();
        world.scheduler.change(job(workflow), BatchJobState.COMPLETED, null);

        assertThat(reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.KEEP);
        assertThat(world.workflows().get(0).state()).isEqualTo(WorkflowState.RUNNING);
    }

    @Test
    void knowsThatAJobIsOverWhoseNumberAnotherOneHas() {
        Workflow workflow = running();
        world.scheduler.forget(job(workflow), false);
        world.scheduler.addAs(job(workflow), "somebody-elses", null);

        assertThat(reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.CLOSE_RUN, Action.RELEASE);
        assertThat(reconcile()).isEmpty();
        assertThat(world.scheduler.cancelled()).isEmpty();
    }

    @Test
    void concludesNothingFromABatchSystemThatDoesNotAnswer() {
        running();
        world.scheduler.breakDown();
        world.clock.advance(Duration.ofHours(5));

        assertThat(reconcile()).allSatisfy(decision -> {
            assertThat(decision.action()).isIn(Action.KEEP, Action.RENEW_PORTS);
        });
        assertThat(world.workflows().get(0).state()).isEqualTo(WorkflowState.RUNNING);
    }

    @Test
    void keepsADeploymentThatIsSilentWhileItsJobRuns() {
        Workflow workflow = running();
        world.clock.advance(Duration.ofHours(5));

        assertThat(reconcile())
                .filteredOn(decision -> decision.action() == Action.KEEP)
                .extracting(ReconcileDecision::reason)
                .singleElement()
                .asString()
                .contains("no sign of life", "job " + job(workflow) + " is RUNNING");
        assertThat(world.workflows().get(0).state()).isEqualTo(WorkflowState.RUNNING);
    }

    @Test
    void keepsANodeThatIsNotReadyWhileItsJobRuns() {
        running();
        world.loseNode(0);

        assertThat(reconcile())
                .extracting(ReconcileDecision::action, ReconcileDecision::reason)
                .singleElement()
                .satisfies(decision -> assertThat(decision.toList().toString())
                        .contains("keep", "NodeStatusUnknown", "job 1 is RUNNING"));
        assertThat(world.nodes.nodes()).hasSize(3);
    }

    @Test
    void cancelsTheJobOfAWorkflowThatSomebodyStoppedByHand() {
        Workflow workflow = running();
        world.store.defuse(workflow.id());

        assertThat(reconcile())
                .extracting(ReconcileDecision::action)
                .containsExactly(Action.CANCEL_JOB, Action.RELEASE);
        assertThat(world.scheduler.cancelled()).containsExactly(job(workflow));
    }

    @Test
    void waitsForAnAnswerBeforeItReleasesWhatSomebodyDeletedByHand() {
        Workflow workflow = running();
        world.store.delete(workflow.id());
        world.scheduler.breakDown();

        assertThat(reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.KEEP);

        world.scheduler.failWith(null);
        assertThat(reconcile())
                .extracting(ReconcileDecision::action)
                .containsExactly(Action.CANCEL_JOB, Action.RELEASE);
        assertThat(world.scheduler.cancelled()).containsExactly(job(workflow));
    }

    @Test
    void cordonsNodesBeforeTheirWalltimeEndsAndThenDrainsThem() {
        Workflow workflow = running();
        assertThat(workflow.walltime()).isEqualTo("00:05:00");
        DeploymentSettings settings =
                DeploymentSettings.DEFAULTS.withEndOfWalltime(Duration.ofMinutes(1), Duration.ofSeconds(30));
        World.Launcher careful = world.launcher(settings);

        // The JRM ends a minute before its walltime does.
        world.pass(Duration.ofSeconds(170));
        assertThat(careful.reconcile()).isEmpty();
        world.pass(Duration.ofSeconds(11));
        assertThat(careful.reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.CORDON);
        assertThat(world.nodes.list(WorkflowDrafts.nodeNames(workflow)))
                .singleElement()
                .matches(NodeStatus::cordoned);
        assertThat(careful.reconcile()).isEmpty();
        world.pass(Duration.ofSeconds(30));
        assertThat(careful.reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.DRAIN);
    }

    @Test
    void leavesTheNodesOfAShortJobAloneForHalfOfItsTime() {
        Workflow workflow = running();
        assertThat(workflow.walltime()).isEqualTo("00:05:00");
        World.Launcher careful = world.launcher(DeploymentSettings.DEFAULTS);

        assertThat(careful.reconcile()).isEmpty();
        world.pass(Duration.ofSeconds(119));
        assertThat(careful.reconcile()).isEmpty();
        world.pass(Duration.ofSeconds(2));
        assertThat(careful.reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.CORDON);
        world.pass(Duration.ofSeconds(60));
        assertThat(careful.reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.DRAIN);
    }

    @Test
    void asksOnceForAllJobsOfALoginNode() {
        for (int i = 0; i < 5; i++) {
            world.deploy(process, 1, null, null);
            world.launch(true);
        }

        int before = world.scheduler.queries();

        assertThat(reconcile()).isEmpty();
        assertThat(world.scheduler.queries() - before).isEqualTo(1);
    }

    @Test
    void deletesANodeThatCameBackAfterItsDeploymentWasReleased() {
        Workflow workflow = running();
        String node = WorkflowDrafts.nodeNames(workflow).get(0);
        world.endJob(0, true, true);
        reconcile();
        world.nodes.register(new NodeStatus(
                node, false, "KubeletNotReady", null, false, null, 0, Map.of("type", "virtual-kubelet")));

        assertThat(reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.DELETE_NODES);
        assertThat(world.nodes.nodes()).extracting(NodeStatus::name).doesNotContain(node);
    }

    @Test
    void leavesANamesakeAloneThatIsNoJrm() {
        Workflow workflow = running();
        String node = WorkflowDrafts.nodeNames(workflow).get(0);
        world.nodes.register(new NodeStatus(node, false, null, null, false, null, 0, Map.of()));
        world.endJob(0, true, true);

        reconcile();

        assertThat(world.nodes.nodes()).extracting(NodeStatus::name).contains(node);
    }

    @Test
    void removesThePasswordOfAWorkflowThatSomebodyDeletedBeforeItWasLaunched() {
        world.deploy(process, 1, null, null);
        Workflow workflow = world.workflows().get(0);
        assertThat(passwords()).containsExactly(workflow.name());

        world.store.delete(workflow.id());
        world.processes.get(1).reconcile();

        assertThat(passwords()).isEmpty();
        assertThat(world.store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void removesThePasswordOfAJobThatCouldNot() {
        Workflow workflow = running();
        world.scheduler.change(job(workflow), BatchJobState.TIMEOUT, "NodeFail");
        world.pass(Duration.ofMinutes(2));

        reconcile();

        assertThat(passwords()).isEmpty();
    }

    @Test
    void anotherProcessRemovesThePasswordOfAWorkflowThatWaits() {
        world.deploy(process, 1, null, null);

        world.delete(world.processes.get(1), 0, null);

        assertThat(passwords()).isEmpty();
        assertThat(world.store.deploymentJournal().list()).isEmpty();
    }

    @Test
    void concludesNothingWhereItCannotLogInUntilSomebodyDeploysThere() {
        world.network.needPassword();
        world.deploy(process, 1, null, null);
        Workflow workflow = world.workflows().get(0);
        process.kill();
        world.store.delete(workflow.id());

        World.Launcher other = world.processes.get(1);
        assertThat(other.reconcile()).singleElement().satisfies(decision -> {
            assertThat(decision.action()).isEqualTo(Action.KEEP);
            assertThat(decision.reason()).contains("login01 wants a password");
        });
        assertThat(world.store.portLeases().list()).isNotEmpty();
        assertThat(passwords()).containsExactly(workflow.name());

        world.deploy(other, 1, null, null);
        assertThat(passwords()).containsExactly(world.workflows().get(0).name());
        assertThat(other.reconcile()).isEmpty();
    }

    /** A certificate that has expired says nothing of a job. */
    @Test
    void concludesNothingFromALoginThatIsRefused() {
        Workflow workflow = running();
        world.network.needPassword();
        process.kill();
        world.clock.advance(Duration.ofHours(5));

        World.Launcher other = world.processes.get(1);
        assertThat(other.reconcile())
                .allSatisfy(decision -> assertThat(decision.action()).isIn(Action.KEEP, Action.RENEW_PORTS))
                .filteredOn(decision -> decision.action() == Action.KEEP)
                .singleElement()
                .asString()
                .contains("no sign of life", "login01 wants a password");
        assertThat(world.workflows().get(0).state()).isEqualTo(WorkflowState.RUNNING);

        world.store.delete(workflow.id());
        assertThat(other.reconcile()).extracting(ReconcileDecision::action).containsExactly(Action.KEEP);
        assertThat(world.store.portLeases().list()).isNotEmpty();
    }

    @Test
    void deletionConcludesNothingFromALoginThatIsRefused() {
        Workflow workflow = running();
        world.network.needPassword();
        process.kill();
        world.store.defuse(workflow.id());

        assertThatThrownBy(() -> world.processes.get(1).delete(workflow.id()))
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining("login01 wants a password");

        assertThat(world.scheduler.queue()).extracting(BatchJobStatus::state).containsExactly(BatchJobState.RUNNING);
        assertThat(world.store.deploymentJournal().list()).hasSize(1);
        assertThat(world.workflows()).hasSize(1);
    }

    /** Three deployments: the first runs, the second has an id that no batch system gave, and the job of the third has ended. */
    private List<Workflow> oneOfThemWithAnIdThatCannotBeRead() {
        for (int i = 0; i < 3; i++) {
            world.deploy(process, 1, null, null);
        }
        world.launch(true);
        int launch = world.store
                .launchQueue()
                .reserve(World.WORKER, "/launch")
                .orElseThrow()
                .launch()
                .id();
        world.store.launchQueue().submitted(launch, "1234.server");
        world.store.launchQueue().start(launch, World.WORKER);
        world.launch(true);
        world.startJob(0);
        world.startJob(0);
        List<Workflow> workflows = world.workflows();
        world.scheduler.change(job(workflows.get(2)), BatchJobState.TIMEOUT, "TimeLimit");
        world.scheduler.forget(job(workflows.get(2)), true);
        world.pass(Duration.ofMinutes(2));
        return workflows;
    }

    @Test
    void anIdThatCannotBeReadFailsItsDeploymentAlone() {
        List<Workflow> workflows = oneOfThemWithAnIdThatCannotBeRead();

        assertThat(reconcile())
                .extracting(ReconcileDecision::deployment, ReconcileDecision::action)
                .containsExactly(
                        tuple(workflows.get(2).name(), Action.CLOSE_RUN),
                        tuple(workflows.get(2).name(), Action.RELEASE));

        assertThat(process.events())
                .filteredOn(event -> event.kind() == DeploymentEvent.Kind.FAILED)
                .extracting(DeploymentEvent::deployment)
                .containsExactly(workflows.get(1).name());
        assertThat(process.events())
                .filteredOn(event -> event.kind() == DeploymentEvent.Kind.FAILED)
                .extracting(DeploymentEvent::message)
                .allSatisfy(message -> assertThat(message).contains("'1234.server'"));
        assertThat(world.workflows())
                .extracting(Workflow::state)
                .containsExactly(WorkflowState.RUNNING, WorkflowState.RUNNING, WorkflowState.FIZZLED);
    }

    @Test
    void anIdThatCannotBeReadIsKeptHoweverLongItsDeploymentIsSilent() {
        String name = oneOfThemWithAnIdThatCannotBeRead().get(1).name();
        world.pass(Duration.ofHours(5));

        assertThat(process.plan())
                .extracting(ReconcileDecision::deployment, ReconcileDecision::action)
                .doesNotContain(tuple(name, Action.CLOSE_RUN), tuple(name, Action.RELEASE));
        assertThat(reconcile())
                .filteredOn(decision -> decision.action() == Action.KEEP)
                .singleElement()
                .satisfies(decision -> {
                    assertThat(decision.deployment()).isEqualTo(name);
                    assertThat(decision.reason()).contains("'1234.server'");
                });
    }

    @Test
    void anIdThatCannotBeReadKeepsNoOtherDeploymentFromDeletion() {
        List<Workflow> workflows = oneOfThemWithAnIdThatCannotBeRead();

        assertThatThrownBy(() -> process.delete(workflows.get(1).id()))
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining(workflows.get(1).name())
                .hasMessageContaining("'1234.server'");
        process.delete(workflows.get(0).id());
        process.delete(workflows.get(2).id());

        assertThat(world.scheduler.cancelled()).contains(job(workflows.get(0)));
        assertThat(world.workflows())
                .extracting(Workflow::name)
                .containsExactly(workflows.get(1).name());
        world.store.defuse(workflows.get(1).id());
        process.delete(workflows.get(1).id());
        assertThat(world.workflows()).isEmpty();
    }

    @Test
    void anIdThatCannotBeReadKeepsNoDeploymentFromBeingResumed() {
        List<Workflow> workflows = oneOfThemWithAnIdThatCannotBeRead();
        process.kill();

        World.Launcher other = world.processes.get(1);
        assertThat(other.resume())
                .extracting(Deployment::name)
                .contains(workflows.get(0).name(), workflows.get(1).name());
    }

    private List<String> passwords() {
        String prefix = ".jrm/password-";
        return world.network.files().stream()
                .filter(file -> file.startsWith(prefix))
                .map(file -> file.substring(prefix.length()))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRecordThatCannotBeReadKeepsItsDeploymentAsItIs(boolean named) {
        Workflow workflow = running();
        process.cannotRead(workflow.name(), named);
        List<PortLease> leases = world.store.portLeases().list();
        List<NodeStatus> nodes = List.copyOf(world.nodes.nodes());
        world.clock.advance(
                DeploymentSettings.DEFAULTS.leaseValidity().dividedBy(2).plusSeconds(1));

        assertThat(reconcile())
                .extracting(ReconcileDecision::deployment, ReconcileDecision::action, ReconcileDecision::isFailed)
                .containsExactly(
                        tuple(workflow.name(), Action.KEEP, false), tuple(workflow.name(), Action.RENEW_PORTS, false));

        assertThat(leases).isNotEmpty();
        assertThat(world.store.portLeases().list())
                .hasSameSizeAs(leases)
                .allSatisfy(lease ->
                        assertThat(lease.expiresAt()).isAfter(leases.get(0).expiresAt()));
        assertThat(world.nodes.nodes()).containsExactlyElementsOf(nodes);
        assertThat(world.scheduler.cancelled()).isEmpty();
    }
}
