package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The commands against a LaunchPad, a login node and a Kubernetes API that others started. */
class CommandsOnStageTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    @SuppressWarnings("NullAway.Init")
    private Stage stage;

    private final StringWriter err = new StringWriter();

    @BeforeEach
    void setUp() {
        stage = Stage.open(1, List.of(2221));
    }

    @AfterEach
    void takeDown() {
        stage.close();
    }

    private record Outcome(int exitCode, String out) {}

    private Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine jrm = Jrm.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return new Outcome(jrm.execute(arguments), out.toString());
    }

    private String[] withLaunchpad(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--launchpad", stage.launchpadFile().toString()));
        return all.toArray(String[]::new);
    }

    private String[] withBackends(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of(
                "--launchpad",
                stage.launchpadFile().toString(),
                "--kubeconfig",
                stage.kubeconfig().toString()));
        return all.toArray(String[]::new);
    }

    private String[] withSsh(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(withBackends(arguments)));
        all.addAll(List.of(
                "--ssh-config", "none", "--known-hosts", stage.knownHosts().toString()));
        return all.toArray(String[]::new);
    }

    @Test
    void aDeploymentIsAddedListedAndDeletedByDifferentCommands() throws Exception {
        String controlPlane = stage.network().controlPlane().getHostAddress();
        CompletableFuture<Outcome> adding = CompletableFuture.supplyAsync(() -> run(withSsh(
                "add_wf",
                stage.siteFile().toString(),
                "--foreground",
                "--bind-address",
                controlPlane,
                "--apiserver-host",
                controlPlane)));
        await().atMost(TIMEOUT)
                .alias(err.toString())
                .until(() -> run(withBackends("get_wf")).out().contains("1/1"));
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(err.toString()).contains("job 1001, nodes ready 1 of 1"));

        assertThat(run(withBackends("get_wf")).out()).contains("ID  STATE", "RUNNING", "quickstart_jrm-quickstart-");
        assertThat(run(withBackends("get_wf", "--json")).out())
                .contains("\"id\":1", "\"ready\":1", "\"job_id\":\"1001\"");
        assertThat(run(withLaunchpad("targets")).out())
                .contains("job_name: \"jrm-kubelets\"", "original_port: \"2221\"", "- \"" + controlPlane + ":1");
        assertThat(run(withLaunchpad("targets", "--format", "http_sd")).out())
                .contains("\"__scheme__\":\"https\"", "\"original_port\":\"2221\"");
        assertThat(run(withLaunchpad("targets", "--format", "port_table")).out())
                .contains("nodename: \"DB Connection\"", "custom_metrics_port: 2221");

        assertThat(run(withSsh("release", "--dry-run")).out()).isEqualTo("Nothing to release\n");
        Outcome closed = run(withSsh("delete_ports", "20000", "49999", "--json"));
        assertThat(closed.out()).as(err.toString()).contains("\"closed\":true", "\"deployment\":\"quickstart_jrm-");
        assertThat(closed.exitCode()).isZero();
        assertThat(run(withSsh("release", "--json")).out()).isEqualTo("[]\n");

        Outcome deleted = run(withSsh("delete_wf", "1"));

        assertThat(deleted).as(err.toString()).isEqualTo(new Outcome(0, "1 deleted\n"));
        Outcome added = adding.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(added.exitCode()).as(err.toString()).isZero();
        assertThat(added.out()).startsWith("1 quickstart_jrm-quickstart-");
        assertThat(stage.processes().all()).isEmpty();
        await().atMost(TIMEOUT).until(() -> stage.loginNode().connections() == 0);
        assertThat(run(withBackends("get_wf")).out().lines()).hasSize(1);
        assertThat(run(withLaunchpad("targets", "--format", "http_sd")).out()).isEqualTo("[]\n");
    }

    @Test
    void deletingWhatIsNotThereFailsAndSaysSo() {
        assertThat(run(withSsh("delete_wf", "77")).exitCode()).isEqualTo(1);
        assertThat(err.toString()).contains("no workflow 77");
        assertThat(run(withSsh("delete_wf", "77", "--json")).out())
                .startsWith("{\"id\":77,\"deleted\":false,\"error\":");
    }

    @Test
    void aDeploymentThatCannotBeMadeFailsWithStepHostAndRemedy() {
        stage.loginNode().close();

        assertThat(run(withSsh("add_wf", stage.siteFile().toString(), "--foreground"))
                        .exitCode())
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("connect", stage.network().jumpHost().getHostAddress());
    }
}
