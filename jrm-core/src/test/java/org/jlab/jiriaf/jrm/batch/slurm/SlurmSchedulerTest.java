package org.jlab.jiriaf.jrm.batch.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jlab.jiriaf.jrm.batch.slurm.FakeSlurm.fails;
import static org.jlab.jiriaf.jrm.batch.slurm.FakeSlurm.prints;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.UnknownSubmissionException;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmSchedulerTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final BatchSubmission JOB = new BatchSubmission("/launch x", "#!/bin/sh\n", "jrm a", "token-5");

    private final FakeSlurm slurm = new FakeSlurm();
    private final SlurmScheduler scheduler = new SlurmScheduler();

    @Test
    void cancelsAWaitingJobOutright() {
        slurm.on("squeue", prints("PENDING\n"), prints("")).on("scancel", prints(""));
        scheduler.cancel(slurm, "77", TIMEOUT);
        assertThat(slurm.commands()).containsExactly("scancel 77");
    }

    @Test
    void letsARunningJobReportItsEndFirst() {
        slurm.on("squeue", prints("RUNNING\n"), prints("RUNNING\n"), prints("COMPLETING\n"), prints(""))
                .on("scancel", prints(""));
        scheduler.cancel(slurm, "77", TIMEOUT);
        assertThat(slurm.commands()).containsExactly("scancel --full --signal=INT 77");
    }

    @Test
    void cancelsARunningJobThatDoesNotReport() {
        slurm.on("squeue", prints("RUNNING\n")).on("scancel", prints(""));
        assertThatThrownBy(() -> scheduler.cancel(slurm, "77", Duration.ofMillis(600)))
                .isInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("Job 77 on login04")
                .hasMessageContaining("RUNNING")
                .matches(e -> ((BatchSchedulerException) e).isTransient());
        assertThat(slurm.commands()).containsExactly("scancel --full --signal=INT 77", "scancel 77");
    }

    @Test
    void leavesAJobAloneThatSlurmHasForgotten() {
        slurm.on("squeue", fails("slurm_load_jobs error: Invalid job id specified\n"));
        scheduler.cancel(slurm, "77", TIMEOUT);
        assertThat(slurm.commands()).isEmpty();
    }

    @Test
    void isContentWithAJobThatEndsMeanwhile() {
        slurm.on("squeue", prints("PENDING\n"), prints(""))
                .on(
                        "scancel",
                        fails("scancel: error: Kill job error on job id 77: Job/step already completing or"
                                + " completed"));
        scheduler.cancel(slurm, "77", TIMEOUT);
    }

    @Test
    void repeatsSlurmsOwnWordsWhenItRefuses() {
        slurm.on("squeue", prints("RUNNING\n"))
                .on("scancel", fails("scancel: error: Kill job error on job id 77: Access/permission denied\n"));
        assertThatThrownBy(() -> scheduler.cancel(slurm, "77", TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("login04")
                .hasMessageContaining("Access/permission denied")
                .matches(e -> !((BatchSchedulerException) e).isTransient());
    }

    @Test
    void aQueueThatMayNotBeSeenIsNoAnswerAndNotNoBatchSystem() {
        slurm.on("squeue", fails("slurm_load_jobs error: Access/permission denied\n"));
        assertThatThrownBy(() -> scheduler.jobs(slurm, TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .matches(e -> ((BatchSchedulerException) e).isTransient());
    }

    @Test
    void callsAControllerThatIsAwayTransient() {
        slurm.on("squeue", fails("slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n"));
        assertThatThrownBy(() -> scheduler.cancel(slurm, "77", TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .matches(e -> ((BatchSchedulerException) e).isTransient());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "77; touch pwned", "--user=root", "77 78"})
    void refusesWhatIsNoJobId(String jobId) {
        assertThatThrownBy(() -> scheduler.cancel(slurm, jobId, TIMEOUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(jobId);
    }

    @Test
    void readsAllJobsOfOneAnswer() {
        slurm.on(
                "squeue",
                prints("Welcome!\n" + record("77", "RUNNING", "None", "2026-11-23T03:00:00", "jrm-a", "token-1")
                        + record("78", "PENDING", "Priority", "N/A", "a|b", "(null)")
                        + record("79", "TIMEOUT", "TimeLimit", "2026-11-23T03:00:00", "two\nlines", "x")));
        List<BatchJobStatus> jobs = scheduler.jobs(slurm, TIMEOUT);
        assertThat(jobs)
                .containsExactly(
                        job("77", "jrm-a", "token-1", BatchJobState.RUNNING, null, "nid7"),
                        job("78", "a|b", null, BatchJobState.PENDING, "Priority", null),
                        job("79", "two\nlines", "x", BatchJobState.TIMEOUT, "TimeLimit", "nid7"));
        assertThat(slurm.all()).hasSize(1).first().asString().contains("--states=all", "TZ=UTC");
    }

    @Test
    void asksAccountingForWhatTheQueueNoLongerShows() {
        slurm.on("squeue", prints(record("77", "RUNNING", "None", "N/A", "jrm-a", "t")))
                .on(
                        "sacct",
                        prints(
                                "76\u001fuser\u001fCANCELLED by 20001\u001f0:15\u001fregular\u001f2026-11-23T02:54:07\u001f"
                                        + "2026-11-23T03:00:00\u001f2026-11-23T04:00:00\u001fjrm-b\u001ftoken-2\n"));
        Map<String, BatchJobStatus> found = scheduler.find(slurm, List.of("76", "77", "75"), TIMEOUT);
        assertThat(found).containsOnlyKeys("76", "77");
        assertThat(found.get("76"))
                .isEqualTo(job(
                        "76", "jrm-b", "token-2", BatchJobState.CANCELLED, "CANCELLED by 20001, exit code 0:15", null));
        assertThat(slurm.all()).hasSize(2).last().asString().contains("--jobs=75,76 ");
    }

    @Test
    void doesWithoutAccountingWhereThereIsNone() {
        slurm.on("squeue", prints(""))
                .on(
                        "sacct",
                        fails("Slurm accounting storage is disabled\n"),
                        new ExecResult(127, "", "sacct: not found"));
        assertThat(scheduler.find(slurm, List.of("76"), TIMEOUT)).isEmpty();
        assertThat(scheduler.find(slurm, List.of("76"), TIMEOUT)).isEmpty();
    }

    @Test
    void doesNotTakeAccountingThatIsAwayForNoJob() {
        slurm.on("squeue", prints(""))
                .on(
                        "sacct",
                        fails("sacct: error: slurm_persist_conn_open_without_init: failed to open persistent"
                                + " connection to host:dbd:6819: Connection refused\n"));
        assertThatThrownBy(() -> scheduler.find(slurm, List.of("76"), TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("Connection refused")
                .matches(e -> ((BatchSchedulerException) e).isTransient());
    }

    @Test
    void takesAStateThatItDoesNotKnowForAlive() {
        assertThat(SlurmRecords.state("POWER_UP_NODE")).isEqualTo(BatchJobState.UNKNOWN);
        assertThat(BatchJobState.UNKNOWN.isOver()).isFalse();
        assertThat(SlurmRecords.state("CANCELLED by 20001")).isEqualTo(BatchJobState.CANCELLED);
    }

    @Test
    void submitsWithNameAndTokenAndWithoutRequeue() {
        slurm.on("sbatch", prints("Site news\n4711;cluster\n"));
        assertThat(scheduler.submit(slurm, JOB, TIMEOUT)).isEqualTo("4711");
        assertThat(slurm.commands())
                .containsExactly("cd '/launch x' && timeout -s KILL 2 sbatch --parsable --no-requeue"
                        + " '--job-name=jrm a' '--comment=token-5' FW_submit.script");
        assertThat(slurm.written()).containsEntry("/launch x/FW_submit.script", "#!/bin/sh\n");
    }

    @Test
    void findsAJobAgainWhoseSubmissionWasNotAnswered() {
        for (ExecResult lost : List.of(
                new ExecResult(137, "", ""),
                new ExecResult(-1, "", ""),
                fails("sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"))) {
            FakeSlurm slow = new FakeSlurm()
                    .on("sbatch", lost)
                    .on("squeue", prints(""), prints(record("80", "PENDING", "None", "N/A", "jrm a", "token-5")));
            assertThat(scheduler.submit(slow, JOB, TIMEOUT)).isEqualTo("80");
            assertThat(slow.commands()).as("sbatch is run once").hasSize(1);
        }
    }

    @Test
    void findsAJobAgainAfterTheConnectionBroke() {
        slurm.breaksAt("sbatch").on("squeue", prints(record("80", "PENDING", "None", "N/A", "jrm a", "token-5")));
        assertThat(scheduler.submit(slurm, JOB, TIMEOUT)).isEqualTo("80");
    }

    @Test
    void saysThatNobodyKnowsWhetherAJobWasTaken() {
        slurm.on("sbatch", new ExecResult(137, "", "")).on("squeue", prints(""));
        assertThatThrownBy(() -> scheduler.submit(slurm, JOB, Duration.ofMillis(300)))
                .isInstanceOf(UnknownSubmissionException.class)
                .hasMessageContaining("login04")
                .hasMessageContaining("token-5");
        assertThat(slurm.commands()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "sbatch: error: QOSMaxSubmitJobPerUserLimit, true, others of your jobs",
        "sbatch: error: AssocMaxSubmitJobLimit, true, others of your jobs",
        "Required node not available (down or drained or reserved), true, announcements",
        "Requested partition configuration not available now, true, announcements",
        "System is down for maintenance, true, announcements",
        "Unable to contact slurm controller (connect failure), true, ''",
        "Invalid account or account/partition combination specified, false, slurm.account",
        "Invalid qos specification, false, slurm.qos",
        "invalid partition specified: bad, false, slurm.partition",
        "Requested reservation is invalid, false, slurm.reservation",
        "Invalid feature specification, false, slurm.constraint",
        "Requested time limit is invalid (missing or exceeds some limit), false, shorter walltime",
    })
    void refusesInSlurmsOwnWordsAndSaysWhatToDo(String words, boolean passes, String advice) {
        slurm.on("sbatch", fails("sbatch: error: " + words + "\nsbatch: error: Batch job submission failed\n"));
        assertThatThrownBy(() -> scheduler.submit(slurm, JOB, TIMEOUT))
                .isExactlyInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("login04")
                .hasMessageContaining("jrm a")
                .hasMessageContaining(words)
                .hasMessageContaining(advice)
                .matches(e -> ((BatchSchedulerException) e).isTransient() == passes);
    }

    @Test
    void refusesAScriptThatIsTooLargeBeforeSlurmDoes() {
        String script = "#".repeat(4 * 1024 * 1024 + 1);
        assertThatThrownBy(() -> scheduler.submit(slurm, new BatchSubmission("/l", script, "n", "t"), TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("4194305 bytes")
                .hasMessageContaining("fewer nodes per job");
        assertThat(slurm.all()).isEmpty();
        assertThat(slurm.written()).isEmpty();
    }

    private static String record(String id, String state, String reason, String times, String name, String comment) {
        return "\u001e"
                + String.join(
                        "\u001f",
                        id,
                        "user",
                        state,
                        reason,
                        times.equals("N/A") ? "n/a" : "nid7",
                        "2026-11-23T02:54:07",
                        times,
                        "2026-11-23T04:00:00",
                        name,
                        comment)
                + "\n";
    }

    private static BatchJobStatus job(
            String id,
            String name,
            @Nullable String comment,
            BatchJobState state,
            @Nullable String reason,
            @Nullable String host) {
        boolean started = state != BatchJobState.PENDING;
        return new BatchJobStatus(
                id,
                name,
                comment,
                "user",
                state,
                reason,
                host,
                Instant.parse("2026-11-23T02:54:07Z"),
                started ? Instant.parse("2026-11-23T03:00:00Z") : null,
                started ? Instant.parse("2026-11-23T04:00:00Z") : null);
    }
}
