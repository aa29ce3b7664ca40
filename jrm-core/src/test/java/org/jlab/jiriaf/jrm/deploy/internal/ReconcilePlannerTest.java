package org.jlab.jiriaf.jrm.deploy.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision;
import org.jlab.jiriaf.jrm.deploy.TestSites;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decisions that follow from observations, one row each. A walltime of an hour gives JRMs 59 minutes. */
class ReconcilePlannerTest {

    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final String NAME = "test_jrm-test-00000001";
    private static final String NODE = "jrm-test-00000001";
    private static final ProcessIdentity ALIVE = new ProcessIdentity("cp01", 1, NOW);
    private static final ProcessIdentity DEAD = new ProcessIdentity("cp01", 2, NOW);

    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore();
    private final Backends backends = new Backends(
            store,
            null,
            new InMemoryNodeManager(),
            null,
            LeasingPortAllocator.builder(store.portLeases()).build(),
            TestSites.NO_SCRIPTS,
            new InMemoryBatchScheduler(Clock.systemUTC()),
            DeploymentSettings.DEFAULTS,
            event -> {},
            Clock.fixed(NOW, ZoneOffset.UTC),
            ALIVE,
            DEAD::equals);

    /** {@code LATE} is an owner that may live and is past its time; {@code SILENT} has not been heard of for 15 days. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DEPLOYING | ALIVE | -               | NONE          | -        | 0  | KEEP
            DEPLOYING | DEAD  | -               | NONE          | -        | 0  | UNDO
            DEPLOYING | DEAD  | READY           | NONE          | -        | 0  | ADOPT
            DEPLOYING | LATE  | -               | NONE          | -        | 0  | UNDO
            DEPLOYING | LATE  | RUNNING         | ALIVE         | ready    | 1  | ADOPT
            DELETING  | ALIVE | READY           | NONE          | -        | 0  | KEEP
            DELETING  | DEAD  | READY           | NONE          | -        | 0  | FINISH_DELETION
            DELETING  | DEAD  | -               | NONE          | -        | 0  | FINISH_DELETION
            DELETING  | LATE  | RUNNING         | ALIVE         | ready    | 1  | FINISH_DELETION
            DEPLOYED  | ALIVE | -               | ALIVE         | ready    | 0  | CANCEL_JOB RELEASE
            DEPLOYED  | ALIVE | -               | NO_ANSWER     | -        | 0  | KEEP
            DEPLOYED  | ALIVE | -               | OVER          | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | -               | NONE          | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | -               | NOBODY_TO_ASK | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | COMPLETED       | OVER          | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | COMPLETED       | NO_ANSWER     | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | FIZZLED         | ALIVE         | ready    | 0  | CANCEL_JOB RELEASE
            DEPLOYED  | ALIVE | FIZZLED         | NO_ANSWER     | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | DEFUSED         | ALIVE         | ready    | 0  | CANCEL_JOB RELEASE
            DEPLOYED  | ALIVE | DEFUSED         | NO_ANSWER     | -        | 0  | KEEP
            DEPLOYED  | ALIVE | DEFUSED         | NONE          | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | ARCHIVED        | NO_ANSWER     | -        | 0  | KEEP
            DEPLOYED  | ALIVE | ARCHIVED        | OVER          | -        | 0  | RELEASE
            DEPLOYED  | ALIVE | READY           | NONE          | -        | 0  |
            DEPLOYED  | DEAD  | READY           | NONE          | -        | 0  |
            DEPLOYED  | ALIVE | RESERVED        | ALIVE         | -        | 0  |
            DEPLOYED  | ALIVE | RESERVED        | NONE          | -        | 0  |
            DEPLOYED  | ALIVE | RESERVED        | OVER          | -        | 0  | CLOSE_RUN RELEASE
            DEPLOYED  | ALIVE | RESERVED SILENT | NONE          | -        | 0  | CLOSE_RUN RELEASE
            DEPLOYED  | ALIVE | RESERVED SILENT | ALIVE         | -        | 0  | KEEP
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | ready    | 1  |
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | notready | 1  | KEEP
            DEPLOYED  | ALIVE | RUNNING         | NO_ANSWER     | notready | 1  |
            DEPLOYED  | ALIVE | RUNNING         | NONE          | -        | 1  |
            DEPLOYED  | ALIVE | RUNNING         | OVER          | ready    | 1  | CLOSE_RUN RELEASE
            DEPLOYED  | ALIVE | RUNNING         | JUST_OVER     | ready    | 1  | KEEP
            DEPLOYED  | ALIVE | RUNNING SILENT  | ALIVE         | ready    | 1  | KEEP
            DEPLOYED  | ALIVE | RUNNING SILENT  | NO_ANSWER     | -        | 1  | KEEP
            DEPLOYED  | ALIVE | RUNNING SILENT  | NONE          | ready    | 1  | KEEP
            DEPLOYED  | ALIVE | RUNNING SILENT  | NONE          | notready | 1  | CLOSE_RUN RELEASE
            DEPLOYED  | ALIVE | RUNNING SILENT  | NOBODY_TO_ASK | -        | 1  | CLOSE_RUN RELEASE
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | ready    | 48 |
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | ready    | 49 | CORDON
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | cordoned | 49 |
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | cordoned | 54 | DRAIN
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | -        | 54 |
            DEPLOYED  | ALIVE | RUNNING         | ALIVE         | ready    | 59 |
            """)
    void decides(
            DeploymentRecord.Phase phase,
            String owner,
            String workflow,
            String job,
            String node,
            int minutes,
            @Nullable String expected) {
        DeploymentRecord record = record(phase, owner);

        List<ReconcileDecision> decisions = plan(record, workflow(workflow, minutes), job(job), node(node), List.of());

        assertThat(decisions)
                .extracting(ReconcileDecision::action)
                .isEqualTo(
                        expected == null
                                ? List.of()
                                : Arrays.stream(expected.split(" ", -1))
                                        .map(ReconcileDecision.Action::valueOf)
                                        .toList());
        assertThat(decisions).allMatch(decision -> decision.deployment().equals(NAME));
    }

    @Test
    void renewsLeasesThatNobodyRenews() {
        Duration half = DeploymentSettings.DEFAULTS.leaseValidity().dividedBy(2);
        DeploymentRecord record = record(DeploymentRecord.Phase.DEPLOYED, "ALIVE");
        Workflow ready = workflow("READY", 0);

        assertThat(plan(record, ready, JobObservation.NONE, null, List.of(lease(NAME, NOW.plus(half)))))
                .isEmpty();
        assertThat(plan(
                        record,
                        ready,
                        JobObservation.NONE,
                        null,
                        List.of(lease(NAME, NOW.plus(half).minusMillis(1)))))
                .extracting(ReconcileDecision::action)
                .containsExactly(ReconcileDecision.Action.RENEW_PORTS);
    }

    @Test
    void releasesLeasesOfADeploymentThatNobodyKnows() {
        ObservedState seen = new ObservedState(
                NOW,
                Map.of("gone", List.of(lease("gone", NOW)), "~tool", List.of(lease("~tool", NOW))),
                new JournalContents(List.of(), List.of()),
                Map.of(),
                Map.of(),
                Map.of());

        assertThat(new ReconcilePlanner(backends, seen).all(record -> true))
                .extracting(ReconcileDecision::deployment, ReconcileDecision::action)
                .containsExactly(tuple("gone", ReconcileDecision.Action.RELEASE_PORTS));
    }

    @Test
    void aDeploymentWithAnUnreadableRecordKeepsEverything() {
        ObservedState seen = new ObservedState(
                NOW,
                Map.of(NAME, List.of(lease(NAME, NOW))),
                new JournalContents(List.of(), List.of(new JournalContents.Unreadable(NAME, "phase is 7"))),
                Map.of(),
                Map.of(),
                Map.of());

        assertThat(new ReconcilePlanner(backends, seen).all(record -> true))
                .extracting(ReconcileDecision::action)
                .containsExactly(ReconcileDecision.Action.KEEP, ReconcileDecision.Action.RENEW_PORTS);
    }

    private List<ReconcileDecision> plan(
            DeploymentRecord record,
            @Nullable Workflow workflow,
            JobObservation job,
            @Nullable NodeStatus node,
            List<PortLease> leases) {
        ObservedState seen = new ObservedState(
                NOW,
                leases.isEmpty() ? Map.of() : Map.of(NAME, leases),
                new JournalContents(List.of(record), List.of()),
                workflow == null ? Map.of() : Map.of(NAME, workflow),
                Map.of(NAME, job),
                node == null ? Map.of() : Map.of(NODE, node));
        return new ReconcilePlanner(backends, seen).all(each -> true);
    }

    private static DeploymentRecord record(DeploymentRecord.Phase phase, String owner) {
        return new DeploymentRecord(
                NAME,
                NAME,
                phase,
                owner.equals("DEAD") ? DEAD : ALIVE,
                owner.equals("LATE") ? NOW : NOW.plusSeconds(60),
                null,
                TestSites.site(1, 6443).ssh().route(),
                List.of(),
                List.of(NODE),
                false,
                DeploymentRecord.BatchSystem.SITE,
                NOW.minusSeconds(60),
                1);
    }

    private static @Nullable Workflow workflow(String state, int minutes) {
        if (state.equals("-")) {
            return null;
        }
        WorkflowState known = WorkflowState.valueOf(state.replace(" SILENT", ""));
        Instant heard = state.endsWith("SILENT") ? NOW.minus(Duration.ofDays(15)) : NOW;
        boolean launched = known == WorkflowState.RUNNING || known == WorkflowState.RESERVED;
        Instant started = known == WorkflowState.RUNNING ? NOW.minus(Duration.ofMinutes(minutes)) : null;
        Launch launch = new Launch(1, 1, known, "/l", "n1", "17", started, null, heard, null);
        return new Workflow(
                1, NAME, known, "test", NOW, NOW, "01:00:00", null, null, launched ? launch : null, Map.of());
    }

    private static JobObservation job(String kind) {
        return switch (kind) {
            case "OVER" -> new JobObservation(JobObservation.Kind.OVER, ended(Duration.ofHours(1)), "it is over");
            case "JUST_OVER" ->
                new JobObservation(JobObservation.Kind.OVER, ended(Duration.ofSeconds(1)), "it is over");
            default -> new JobObservation(JobObservation.Kind.valueOf(kind), null, "words");
        };
    }

    private static BatchJobStatus ended(Duration ago) {
        return new BatchJobStatus(
                "17", NAME, null, "user", BatchJobState.COMPLETED, null, null, null, null, NOW.minus(ago));
    }

    private static @Nullable NodeStatus node(String state) {
        return state.equals("-")
                ? null
                : new NodeStatus(
                        NODE, !state.equals("notready"), null, NOW, state.equals("cordoned"), null, 10000, Map.of());
    }

    private static PortLease lease(String owner, Instant end) {
        return new PortLease(List.of("cp01"), 10000, owner, "kubelet", 1, end);
    }
}
