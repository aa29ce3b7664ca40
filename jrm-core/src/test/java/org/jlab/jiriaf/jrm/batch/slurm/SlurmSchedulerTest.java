package org.jlab.jiriaf.jrm.batch.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jlab.jiriaf.jrm.batch.slurm.FakeSlurm.fails;
import static org.jlab.jiriaf.jrm.batch.slurm.FakeSlurm.prints;

import java.time.Duration;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmSchedulerTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

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
    void takesAStateThatItDoesNotKnowForAlive() {
        assertThat(SlurmJobState.of("POWER_UP_NODE")).isEqualTo(SlurmJobState.UNKNOWN);
        assertThat(SlurmJobState.UNKNOWN.isOver()).isFalse();
        assertThat(SlurmJobState.of("CANCELLED by 20001")).isEqualTo(SlurmJobState.CANCELLED);
    }
}
