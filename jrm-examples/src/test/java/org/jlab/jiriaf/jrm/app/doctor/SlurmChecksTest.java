package org.jlab.jiriaf.jrm.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;
import org.jlab.jiriaf.jrm.ssh.sshj.NeedsOpenSsh;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the doctor says of Slurm's answers, at a login node whose commands give them. */
@NeedsOpenSsh
class SlurmChecksTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private ExaminedSite site;

    @BeforeEach
    void start() throws IOException {
        site = new ExaminedSite(folder, "bash");
    }

    @AfterEach
    void stop() {
        site.close();
    }

    private Finding only(Status status) throws InterruptedException {
        List<Finding> findings = site.examine();
        List<Finding> remarkable = findings.stream()
                .filter(finding -> finding.status() == Status.FAILURE || finding.status() == Status.WARNING)
                .toList();
        assertThat(remarkable).as(findings.toString()).hasSize(1);
        assertThat(remarkable.get(0).status()).isEqualTo(status);
        return remarkable.get(0);
    }

    private void refusing(String words) throws IOException {
        site.command("sbatch", "[ \"$1\" = --version ] && exit 0\ncat >/dev/null\necho \"" + words + "\" >&2; exit 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified | ACCOUNT | slurm.account
            allocation failure: Invalid qos specification | QOS | slurm.qos
            allocation failure: Requested node configuration is not available | CONSTRAINT | slurm.constraint
            sbatch: error: QOSMaxNodePerJobLimit: at most 8 | LIMIT | fewer nodes
            sbatch: unrecognized option '--gpu-kind=a' | DIRECTIVE | slurm.directives
            """)
    void aRefusalHasItsCodeAndItsRemedy(String words, String code, String remedy) throws Exception {
        refusing(words);

        Finding finding = only(Status.FAILURE);

        assertThat(finding.check()).isEqualTo("batch job");
        assertThat(finding.message()).contains("(" + code + ")", words, remedy);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)
            sbatch: error: Batch job submission failed: Slurm backup controller in standby mode
            sbatch: error: Munge encode failed: Failed to access '/run/munge/munge.socket.2': No such file or directory
            sbatch: error: Batch job submission failed: Protocol authentication error
            sbatch: fatal: Could not establish a configuration source
            allocation failure: Network is unreachable
            allocation failure: Socket timed out on send/recv operation
            """)
    void anOutageIsNoRefusal(String words) throws Exception {
        refusing(words);

        Finding finding = only(Status.FAILURE);

        assertThat(finding.check()).isEqualTo("batch job");
        assertThat(finding.message())
                .contains("controller cannot be reached", words, "scontrol ping")
                .doesNotContain("slurm.", "site file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sbatch: error: The moon is in the wrong quarter
            allocation failure: Unspecified error
            sbatch: error: AssocMaxSubmitJobLimit
            """)
    void anyOtherAnswerIsUnknown(String words) throws Exception {
        refusing(words);

        Finding finding = only(Status.WARNING);

        assertThat(finding.check()).isEqualTo("batch job");
        assertThat(finding.message()).contains("not known", words).doesNotContain("site file");
    }

    @ParameterizedTest
    @CsvSource({
        "1, slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
        "1, slurm_load_jobs error: Slurm backup controller in standby mode",
        "0, slurm_load_jobs error: Socket timed out on send/recv operation",
    })
    void aControllerThatIsAwayIsTheOnlyFault(int exitCode, String words) throws Exception {
        site.command("squeue", "echo '" + words + "' >&2; exit " + exitCode);

        Finding finding = only(Status.FAILURE);

        assertThat(finding.check()).isEqualTo("slurm controller");
        assertThat(finding.message()).contains(words, "scontrol ping");
        assertThat(ExaminedSite.of(site.examine(), Status.SKIPPED))
                .extracting(Finding::check)
                .containsExactly("batch job");
    }

    @ParameterizedTest
    @CsvSource({"Slurm accounting storage is disabled", "sacct: error: slurmdbd: Operation not permitted"})
    void withoutAccountingExitFilesDecide(String words) throws Exception {
        site.command("sacct", "echo '" + words + "' >&2; exit 1");

        Finding finding = only(Status.WARNING);

        assertThat(finding.check()).isEqualTo("slurm accounting");
        assertThat(finding.message()).contains(words, "exit files");
    }

    @Test
    void accountingThatIsAwayIsNotKnownToBeForbidden() throws Exception {
        String words =
                "sacct: error: slurm_persist_conn_open_without_init: failed to open persistent connection to host:"
                        + "db:6819: Connection refused";
        site.command("sacct", "echo '" + words + "' >&2; exit 1");

        Finding finding = only(Status.WARNING);

        assertThat(finding.check()).isEqualTo("slurm accounting");
        assertThat(finding.message()).contains("not known", words).doesNotContain("exit files");
    }

    @ParameterizedTest
    @CsvSource({"SLURM_CLUSTERS", "SBATCH_CLUSTERS"})
    void aVariableThatChoosesClustersIsNamedWithItsValue(String name) throws Exception {
        site.setEnvironment(name + "='alpha,beta'; export " + name);

        Finding finding = only(Status.WARNING);

        assertThat(finding.check()).isEqualTo("slurm clusters");
        assertThat(finding.message()).contains(name + "=alpha,beta");
    }
}
