package org.jlab.jiriaf.jrm.batch.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmTestResult.Verdict;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmTestResultTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final SlurmScheduler scheduler = new SlurmScheduler();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0|sbatch: Job 7 to start at 2026-12-01T00:00:00 using 1 processors on nodes n1|ACCEPTED|''
            1|allocation failure: Invalid account or account/partition combination specified|REFUSED|ACCOUNT
            1|sbatch: error: Invalid feature specification//allocation failure: Invalid qos specification|REFUSED|QOS
            1|sbatch: error: QOSMaxWallDurationPerJobLimit//allocation failure: Unspecified error|REFUSED|LIMIT
            1|sbatch: error: Invalid qos specification//allocation failure: Protocol authentication error|UNREACHABLE|''
            1|allocation failure: Unable to contact slurm controller (connect failure)|UNREACHABLE|''
            1|sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received|UNREACHABLE|''
            1|sbatch: error: slurm_set_addr: Unable to resolve "ctl"//allocation failure: No route to host|UNREACHABLE|''
            1|allocation failure: Unspecified error|UNKNOWN|''
            1|allocation failure: System is down for maintenance|UNKNOWN|''
            1|something new|UNKNOWN|''
            127|sh: sbatch: Invalid qos specification|UNKNOWN|''
            137||UNKNOWN|''
            """)
    void tellsRefusalOutageAndUnknownApart(int exitCode, String error, Verdict verdict, String code) {
        String words = error == null ? "" : error.replace("//", "\n");
        FakeSlurm slurm = new FakeSlurm().on("sbatch --test-only", new ExecResult(exitCode, "", words));

        SlurmTestResult result = scheduler.test(slurm, "#!/bin/sh\ntrue", TIMEOUT);

        assertThat(result.verdict()).isEqualTo(verdict);
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.words()).isNotBlank();
        assertThat(result.advice().isBlank()).isEqualTo(!isAdvised(result));
    }

    private static boolean isAdvised(SlurmTestResult result) {
        return result.verdict() == Verdict.REFUSED
                || result.verdict() == Verdict.UNREACHABLE
                || result.words().contains("Unspecified")
                || result.words().contains("maintenance");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Slurm accounting storage is disabled", "sacct: error: slurmdbd: Operation not permitted"})
    void tellsWhyThereIsNoAccounting(String words) {
        FakeSlurm slurm = new FakeSlurm().on("sacct", FakeSlurm.fails(words));

        assertThat(scheduler.accountingFault(slurm, TIMEOUT)).contains(words);
    }

    @Test
    void accountingThatAnswersHasNoFaultAndOneThatIsAwayIsNotJudged() {
        FakeSlurm answering = new FakeSlurm().on("sacct", FakeSlurm.prints("end of answer\n"));
        FakeSlurm away = new FakeSlurm().on("sacct", FakeSlurm.fails("sacct: error: Connection refused"));

        assertThat(scheduler.accountingFault(answering, TIMEOUT)).isEmpty();
        assertThatThrownBy(() -> scheduler.accountingFault(away, TIMEOUT))
                .isInstanceOfSatisfying(
                        BatchSchedulerException.class,
                        e -> assertThat(e.isTransient()).isTrue());
    }
}
