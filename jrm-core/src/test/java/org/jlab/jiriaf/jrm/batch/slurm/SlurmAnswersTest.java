package org.jlab.jiriaf.jrm.batch.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jlab.jiriaf.jrm.batch.slurm.FakeSlurm.prints;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The conclusions that jrm draws from the output of Slurm's commands. The lines marked 22.05 are as Debian's Slurm 22.05
 * printed them; the others have texts of slurm_strerror() and of sites' documentation.
 */
class SlurmAnswersTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final BatchSubmission JOB = new BatchSubmission("/launch", "#!/bin/sh\n", "jrm-a", "token-5");
    private static final String WHOLE =
            "RS%s FS alice FS %s FS None FS n1 FS 2026-11-30T20:00:00 FS 2026-11-30T20:01:00"
                    + " FS N/A FS jrm-a FS token-5\n";

    private final FakeSlurm slurm = new FakeSlurm();
    private final SlurmScheduler scheduler = new SlurmScheduler();

    /** A failed sbatch: its exit code, its standard error with `/` for a line break, and the refusal or - for none known. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            # Refusals, 22.05
            1|sbatch: error: Invalid account or account/partition combination specified: x//sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified|ACCOUNT
            1|sbatch: error: Batch job submission failed: Invalid qos specification|QOS
            1|sbatch: error: invalid partition specified: nowhere//sbatch: error: Batch job submission failed: Invalid partition name specified|PARTITION
            1|sbatch: error: Batch job submission failed: Invalid feature specification|CONSTRAINT
            1|sbatch: error: Batch job submission failed: Requested reservation is invalid|RESERVATION
            1|sbatch: error: Batch job submission failed: Node count specification invalid|NODES
            255|sbatch: error: "x" is not a valid node count|NODES
            255|sbatch: error: Invalid --time specification|WALLTIME
            1|sbatch: error: Invalid generic resource (gres) specification|RESOURCES
            1|sbatch: error: Batch job submission failed: Invalid license specification|RESOURCES
            1|sbatch: error: Memory specification can not be satisfied//sbatch: error: Batch job submission failed: Requested node configuration is not available|CONSTRAINT
            255|sbatch: unrecognized option '--foo'//Try "sbatch --help" for more information|DIRECTIVE
            1|sbatch: error: Batch job submission failed: Invalid node name specified|CONSTRAINT
            1|sbatch: error: QOSMaxWallDurationPerJobLimit: debug takes at most 30 minutes//sbatch: error: Batch job submission failed: Unspecified error|LIMIT
            1|sbatch: error: Batch script contains DOS line breaks (\\r\\n)//sbatch: error: instead of expected UNIX line breaks (\\n).|DIRECTIVE
            # Refusals, other versions and settings
            1|sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)|WALLTIME
            1|sbatch: error: Batch job submission failed: Time limit specification required, but not provided|WALLTIME
            1|sbatch: error: Batch job submission failed: User's group not permitted to use this partition|PARTITION
            1|sbatch: error: Batch job submission failed: No partition specified or system default partition|PARTITION
            1|sbatch: error: Batch job submission failed: Requested nodes not in this partition|PARTITION
            1|sbatch: error: Batch job submission failed: Access denied to requested reservation|RESERVATION
            1|sbatch: error: Batch job submission failed: More processors requested than permitted|RESOURCES
            1|sbatch: error: Batch job submission failed: CPU count specification invalid|RESOURCES
            1|sbatch: error: Batch job submission failed: Pathname of a file, directory or other parameter too long|SCRIPT
            1|sbatch: error: AssocMaxNodePerJobLimit//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|LIMIT
            1|sbatch: error: QOSMaxCpuMinutesPerJobLimit//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|LIMIT
            1|sbatch: error: QOSMinGRES//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|LIMIT
            1|sbatch: warning: the project ends soon//sbatch: error: Batch job submission failed: Invalid qos specification|QOS
            1|stty: standard input: Inappropriate ioctl for device//sbatch: error: Batch job submission failed: Invalid qos specification|QOS
            # Outages, 22.05
            1|sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)|-
            1|sbatch: error: Munge encode failed: Failed to access "run"//sbatch: error: Batch job submission failed: Protocol authentication error|-
            1|sbatch: error: ClusterName needs to be specified//sbatch: fatal: Unable to process configuration file|-
            1|sbatch: error: Problem talking to database//sbatch: error: 'x' can't be reached now, or it is an invalid entry for --cluster.|-
            1|sbatch: error: Unable to open file FW_submit.script|-
            1|sbatch: error: Batch script is empty!|-
            1|sbatch: error: This does not look like a batch script.  The first|-
            # Outages, other versions and settings
            1|sbatch: error: Batch job submission failed: Slurm backup controller in standby mode|-
            1|sbatch: error: Batch job submission failed: Controller is in standby mode, try a different controller|-
            1|sbatch: fatal: Could not establish a configuration source|-
            1|sbatch: error: Batch job submission failed: Network is unreachable|-
            1|sbatch: error: Batch job submission failed: No route to host|-
            127|sh: 1: sbatch: not found|-
            127|bash: sbatch: command not found|-
            127|bash: sbatch: Befehl nicht gefunden|-
            126|bash: sbatch: Permission denied|-
            125|timeout: failed to run command|-
            1|sh: 1: cd: can't cd to folder: Stale file handle|-
            1|sbatch: error: Batch job submission failed: I/O error writing script/environment to file|-
            1|sbatch: error: Batch job submission failed: Unable to create job record, try again|-
            1|sbatch: error: Batch job submission failed: Resource temporarily unavailable|-
            1|sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.|-
            1|sbatch: error: Batch job submission failed: Disk quota exceeded|-
            1|sbatch: error: Batch job submission failed: Required node not available (down, drained or reserved)|-
            1|sbatch: error: Batch job submission failed: Required partition not available (inactive or drain)|-
            1|sbatch: error: Batch job submission failed: Requested partition configuration not available now|-
            1|sbatch: error: Batch job submission failed: Requested reservation not usable now|-
            1|sbatch: error: Batch job submission failed: Invalid user id|-
            1|sbatch: error: Batch job submission failed: Access/permission denied|-
            # Limits that leave room another time, or may
            1|sbatch: error: QOSMaxSubmitJobPerUserLimit//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|-
            1|sbatch: error: AssocMaxSubmitJobLimit//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|-
            1|sbatch: error: QOSGrpSubmitJobsLimit//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|-
            1|sbatch: error: AssocGrpCPUMinutesLimit//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|-
            1|sbatch: error: QOSMaxNodePerUserLimit//sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|-
            1|sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)|-
            1|sbatch: error: Batch job submission failed: Requested account has breached requested QOS usage threshold|-
            # Words of the site
            1|sbatch: error: lua: submission is closed until Monday//sbatch: error: Batch job submission failed: Unspecified error|-
            1|sbatch: error: Job request does not match any supported policy.//sbatch: error: Batch job submission failed: Unspecified error|-
            1|sbatch: error: cli_filter plugin terminated with error|-
            255|sbatch: unrecognized option '--parsable'//Try "sbatch --help" for more information|-
            # Words of a refusal that are none
            1|sbatch: warning: Invalid account, taking the default//sbatch: error: Batch job submission failed: Slurm backup controller in standby mode|-
            1|sbatch: error: Invalid feature specification//sbatch: error: Batch job submission failed: Protocol authentication error|-
            127|sbatch: error: Batch job submission failed: Invalid qos specification|-
            139|sbatch: error: Batch job submission failed: Invalid qos specification|-
            -1|sbatch: error: Batch job submission failed: Invalid qos specification|-
            """)
    void onlyAKnownRefusalIsOne(int exitCode, String error, String refusal) {
        ExecResult result = new ExecResult(exitCode, "", error.replace("//", "\n") + "\n");
        assertThat(SlurmRefusal.of(result).map(Enum::name).orElse("-")).isEqualTo(refusal);
    }

    /** A state in Slurm's words, and what it is. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            RUNNING, RUNNING
            'RUNNING ', RUNNING
            SIGNALING, RUNNING
            STAGE_OUT, RUNNING
            RESIZING, RUNNING
            SUSPENDED, RUNNING
            SPECIAL_EXIT, PENDING
            REQUEUE_HOLD, PENDING
            CONFIGURING, PENDING
            COMPLETING, COMPLETING
            COMPLETED, COMPLETED
            COMPLETED+COMPLETING, COMPLETING
            'CANCELLED,COMPLETING', COMPLETING
            CANCELLED+, CANCELLED
            CANCELLED by 1000, CANCELLED
            OUT_OF_MEMORY, FAILED
            COMPLETED+SOMETHING_NEW, UNKNOWN
            REVOKED, UNKNOWN
            POWER_UP_NODE, UNKNOWN
            RUNN, UNKNOWN
            COMPLET, UNKNOWN
            (null), UNKNOWN
            N/A, UNKNOWN
            '', UNKNOWN
            """)
    void aStateThatIsNotKnownEndsNoJob(String words, BatchJobState state) {
        assertThat(SlurmRecords.state(words)).isEqualTo(state);
        assertThat(BatchJobState.UNKNOWN.isOver()).isFalse();
    }

    private static String answer(String text) {
        return text.replace("RS", "\u001e").replace(" FS ", "\u001f");
    }

    private List<BatchJobStatus> jobs(String text) {
        return scheduler.jobs(new FakeSlurm().on("squeue", prints(answer(text))), TIMEOUT);
    }

    @ParameterizedTest
    @CsvSource({"(null)", "N/A", "Unknown", "None", "INVALID", "''", "yesterday"})
    void aFieldThatCannotBeReadIsUnknownAndItsJobIsThere(String nothing) {
        BatchJobStatus job = jobs("RS101 FS " + nothing + " FS RUNNING FS " + nothing + " FS n1 FS " + nothing + " FS "
                        + nothing + " FS " + nothing + " FS jrm-a FS token-5\n")
                .get(0);
        assertThat(job.id()).isEqualTo("101");
        assertThat(job.comment()).isEqualTo("token-5");
        assertThat(job.state()).isEqualTo(BatchJobState.RUNNING);
        assertThat(job.submittedAt()).isNull();
        assertThat(job.startedAt()).isNull();
        assertThat(job.canBe("jrm-a", Instant.parse("2026-11-30T19:59:00Z"))).isTrue();
        assertThat(job.canBe("another", Instant.parse("2026-11-30T19:59:00Z"))).isFalse();
    }

    @Test
    void aRecordThatIsCutOffKeepsItsJobAlive() {
        for (String cut : List.of("RS101", "RS101 FS alice FS RUN", "RS101 FS alice FS RUNNING FS None FS n1")) {
            String text = cut + (cut.contains("FS") ? "" : " FS ");
            BatchJobStatus job = jobs(text + "\n").get(0);
            assertThat(job.id()).isEqualTo("101");
            assertThat(job.state().isOver()).isFalse();
            assertThat(job.canHaveName("jrm-a")).isTrue();
        }
    }

    @Test
    void aRecordWithoutAJobLeavesItOpenWhichJobsThereAre() {
        for (String id : List.of("(null)", "", "N/A", "-1", "jrm")) {
            assertThatThrownBy(() -> jobs(WHOLE.formatted("100", "RUNNING") + WHOLE.formatted(id, "RUNNING")))
                    .isInstanceOf(BatchSchedulerException.class)
                    .hasMessageNotContaining("null")
                    .matches(e -> ((BatchSchedulerException) e).isTransient());
        }
    }

    @Test
    void headersOfClustersBelongToNoJob() {
        List<BatchJobStatus> jobs = jobs("CLUSTER: alpha\n" + WHOLE.formatted("101", "RUNNING") + "\nCLUSTER: beta\n"
                + "\nCLUSTER: gamma\n" + WHOLE.formatted("102", "PENDING") + "\nCLUSTER: delta\n");
        assertThat(jobs).extracting(BatchJobStatus::id).containsExactly("101", "102");
        assertThat(jobs).extracting(BatchJobStatus::comment).containsOnly("token-5");
    }

    @ParameterizedTest
    @CsvSource({"12,12_3", "12,12_[1-5%2]", "12,12+1", "12_3,12_[1-5%2]", "12+1,12+1"})
    void aPartOfAJobKeepsItAlive(String asked, String listed) {
        String others = WHOLE.formatted("121", "FAILED") + WHOLE.formatted("12_9", "FAILED");
        slurm.on("squeue", prints(answer(others + WHOLE.formatted(listed, "PENDING"))));
        Map<String, BatchJobStatus> found = scheduler.find(slurm, List.of(asked), TIMEOUT);
        assertThat(found).containsOnlyKeys(asked);
        assertThat(found)
                .extractingByKey(asked)
                .extracting(BatchJobStatus::state)
                .isEqualTo(BatchJobState.PENDING);
    }

    @Test
    void aComplaintIsNoEmptyQueueWhateverTheExitCode() {
        for (String error : List.of(
                "slurm_load_jobs error: Socket timed out on send/recv operation\n",
                "squeue: error: Munge encode failed\n",
                "noise\nslurm_load_jobs error: something new\n")) {
            FakeSlurm silent = new FakeSlurm()
                    .on("--format=%T", new ExecResult(0, "", error))
                    .on("squeue", new ExecResult(0, "", error));
            assertThatThrownBy(() -> scheduler.jobs(silent, TIMEOUT))
                    .isInstanceOf(BatchSchedulerException.class)
                    .matches(e -> ((BatchSchedulerException) e).isTransient());
            assertThatThrownBy(() -> scheduler.cancel(silent, "77", TIMEOUT))
                    .isInstanceOf(BatchSchedulerException.class);
            assertThat(silent.commands()).isEmpty();
        }
    }

    @Test
    void noiseOfAShellIsNoComplaint() {
        slurm.on("squeue", new ExecResult(0, "", "bash: warning: setlocale: error\nmesg: ttyname failed\n"));
        assertThat(scheduler.jobs(slurm, TIMEOUT)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1|Slurm accounting storage is disabled
            1|SLURM accounting storage is disabled
            1|sacct: error: slurmdbd: Operation not permitted
            1|sacct: error: Problem talking to the database: Access/permission denied
            1|You are not running a supported accounting_storage plugin
            127|sh: 1: sacct: not found
            126|sh: 1: sacct: Permission denied
            """)
    void accountingThatNeverAnswersTellsNothing(int exitCode, String error) {
        slurm.on("squeue", prints("")).on("sacct", new ExecResult(exitCode, "", error));
        assertThat(scheduler.find(slurm, List.of("76"), TIMEOUT)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1, sacct: error: Munge encode failed: Permission denied",
        "1, sacct: error: Problem talking to the database: Connection refused",
        "1, something new",
        "0, sacct: error: Problem talking to the database: Connection refused"
    })
    void accountingThatIsAwayIsNoAnswer(int exitCode, String error) {
        slurm.on("squeue", prints("")).on("sacct", new ExecResult(exitCode, "", error));
        assertThatThrownBy(() -> scheduler.find(slurm, List.of("76"), TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .matches(e -> ((BatchSchedulerException) e).isTransient());
    }

    @Test
    void theIdAmongOtherNumbersIsFoundByTheTokenOfItsJob() {
        slurm.on("sbatch", prints("2026\n101;alpha\n7\n"))
                .on("squeue", prints(answer(WHOLE.formatted("101", "PENDING"))));
        assertThat(scheduler.submit(slurm, JOB, TIMEOUT)).isEqualTo("101");
    }

    @Test
    void cancelsAcrossHeadersOfClusters() {
        slurm.on("squeue", prints("CLUSTER: alpha\n\nCLUSTER: beta\nPENDING\n"), prints("CLUSTER: alpha\n"))
                .on("scancel", prints(""));
        scheduler.cancel(slurm, "77", TIMEOUT);
        assertThat(slurm.commands()).containsExactly("scancel 77");
    }

    @Test
    void doesNotCancelTheJobsOfTwoClusters() {
        slurm.on("squeue", prints("CLUSTER: alpha\nRUNNING\n\nCLUSTER: beta\nPENDING\n"));
        assertThatThrownBy(() -> scheduler.cancel(slurm, "77", TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("scancel --clusters");
        assertThat(slurm.commands()).isEmpty();
    }
}
