package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks before a deployment, where all is well and where something is not. */
class DoctorOnStageTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    @SuppressWarnings("NullAway.Init")
    private Stage stage;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void setUp() {
        stage = Stage.open(1, List.of(2221));
    }

    @AfterEach
    void takeDown() {
        stage.close();
    }

    private int doctor(Path site, String... more) {
        out.getBuffer().setLength(0);
        String controlPlane = stage.network().controlPlane().getHostAddress();
        List<String> all = new ArrayList<>(List.of("doctor", site.toString()));
        all.addAll(List.of("--launchpad", stage.launchpadFile().toString()));
        all.addAll(List.of("--kubeconfig", stage.kubeconfig().toString()));
        all.addAll(List.of(
                "--ssh-config", "none", "--known-hosts", stage.knownHosts().toString()));
        all.addAll(List.of("--bind-address", controlPlane, "--apiserver-host", controlPlane));
        all.addAll(List.of(more));
        return Jrm.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    /** The site file with something changed; there is no Slurm here, so the profile without one. */
    private Path site(String text, String replacement) throws IOException {
        String yaml = Files.readString(stage.siteFile()).replace("config_class: perlmutter", "config_class: test");
        assertThat(yaml).contains(text);
        return Files.writeString(folder.resolve("site.yaml"), yaml.replace(text, replacement));
    }

    @Test
    void everyCheckSaysHowThingsAreAndNothingStaysOpen() throws Exception {
        assertThat(doctor(site("nodes: 1", "nodes: 1"))).as(out + "\n" + err).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceFirst("^(\\w+) +(.*?) {2,}.*$", "$1:$2")))
                .containsExactly(
                        "ok:site file",
                        "ok:launchpad file",
                        "ok:launchpad",
                        "warning:launchpad password",
                        "ok:api server port",
                        "ok:kubernetes",
                        "warning:kubernetes rights",
                        "ok:ssh configuration",
                        "ok:ssh keys",
                        "ok:ssh login",
                        "ok:login shell",
                        "ok:forwarding",
                        "ok:launchpad port",
                        "ok:api server port there",
                        "warning:sftp",
                        "ok:clock",
                        "ok:kubeconfig there",
                        "ok:image",
                        "skipped:sbatch");
        await().atMost(TIMEOUT).until(() -> stage.loginNode().connections() == 0);
    }

    @Test
    void whatIsBrokenIsAFailureThatSaysWhatToDo() throws Exception {
        assertThat(doctor(site("kubeconfig: ", "kubeconfig: /no/such"), "--json"))
                .isEqualTo(1);
        assertThat(out.toString())
                .contains("{\"check\":\"kubeconfig there\",\"status\":\"failure\",\"message\":\"cat: /no/such")
                .contains("mend jrm.kubeconfig");

        assertThat(doctor(site("nodes: 1", "nodes: 0"))).isEqualTo(1);
        assertThat(out.toString())
                .containsPattern("failure +site file .*slurm.nodes")
                .containsPattern("ok +launchpad ")
                .containsPattern("skipped +ssh ");

        Files.writeString(stage.knownHosts(), "");
        assertThat(doctor(site("nodes: 1", "nodes: 1"))).isEqualTo(1);
        assertThat(out.toString())
                .containsPattern("failure +ssh login .*host key")
                .containsPattern("skipped +login node ");
    }

    @Test
    void theLaunchpadFileIsToldOfBeforeADeploymentMeetsIt() throws Exception {
        Path site = site("nodes: 1", "nodes: 1");
        String good = Files.readString(stage.launchpadFile());

        Files.writeString(stage.launchpadFile(), good + "pasword: x\n");
        assertThat(doctor(site)).as(out + "\n" + err).isZero();
        assertThat(out.toString()).containsPattern("warning +launchpad file .*pasword");

        Files.writeString(stage.launchpadFile(), good + "mongoclient_kwargs: {tls: true, tlsInsecure: true}\n");
        assertThat(doctor(site)).isEqualTo(1);
        assertThat(out.toString()).containsPattern("(?s)failure +launchpad file .*mongoclient_kwargs.tlsInsecure");

        Files.writeString(stage.launchpadFile(), good + "mongoclient_kwargs: {tlsCAFile: /no/such/ca.pem}\n");
        assertThat(doctor(site)).isEqualTo(1);
        assertThat(out.toString())
                .containsPattern(
                        "(?s)failure +launchpad .*mongoclient_kwargs.tlsCAFile .*/no/such/ca.pem.*no such file");
    }
}
