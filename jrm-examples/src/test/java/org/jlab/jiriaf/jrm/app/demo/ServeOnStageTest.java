package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.junit.jupiter.api.Test;

/** {@code jrm serve} and the commands that use it, on the embedded site. */
class ServeOnStageTest {

    private final StringWriter err = new StringWriter();

    private record Outcome(int exitCode, String out) {}

    private Outcome run(String... arguments) {
        StringWriter output = new StringWriter();
        int code = Jrm.commandLine()
                .setOut(new PrintWriter(output, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Outcome(code, output.toString());
    }

    @Test
    void commandsHaveItDoTheWork() {
        try (ServedStage served = new ServedStage(1, List.of(2221))) {
            String url = served.url();

            Outcome added = run("add_wf", served.siteFile(), "--server", url, "--wait");

            assertThat(added.out()).as(err + served.log()).startsWith("1 quickstart_jrm-quickstart-");
            assertThat(added.exitCode()).as(err + served.log()).isZero();
            assertThat(err.toString()).contains("nodes ready 1 of 1");
            assertThat(run("get_wf", "--server", url).out()).contains("1/1");
            assertThat(run("get_wf", "--json", "--server", url).out()).contains("\"state\":\"RUNNING\"", "\"ready\":1");
            assertThat(run("map", "1", "--server", url).out())
                    .startsWith("flowchart LR")
                    .contains("-->|up|")
                    .doesNotContain("|down|");
            assertThat(run("map", "--format", "svg", "--server", url).out()).contains("<svg", "application :2221");

            assertThat(run("targets", "--server", url).out())
                    .contains("job_name: \"jrm-kubelets\"", "original_port: \"2221\"");
            assertThat(run("targets", "--format", "http_sd", "--address", "10.1.2.3", "--server", url)
                            .out())
                    .contains("\"10.1.2.3:", "\"__scheme__\":\"https\"");
            assertThat(run("targets", "--format", "port_table", "--server", url).out())
                    .contains("nodename: \"DB Connection\"", "custom_metrics_port: 2221");

            Outcome deleted = run("delete_wf", "1", "--server", url);

            assertThat(deleted).as(err + served.log()).isEqualTo(new Outcome(0, "1 deleted\n"));
            assertThat(served.stage().processes().all()).isEmpty();
            assertThat(run("get_wf", "--server", url).out().lines()).hasSize(1);
            assertThat(run("delete_wf", "1", "--server", url).exitCode()).isEqualTo(1);
            assertThat(err.toString()).contains("no workflow 1");
        }
    }

    @Test
    void tunnelsByHandAreHeldByItUntilTheirPortIsDeleted() {
        try (ServedStage served = new ServedStage(1, List.of())) {
            String url = served.url();

            Outcome held = run("connect", "metrics", served.siteFile(), "15999", "jrm-a", "--server", url);

            assertThat(held.out())
                    .as(err + served.log())
                    .contains(":15999:localhost:15999 at ", "for jrm-a is UP")
                    .doesNotContain("null");
            assertThat(err.toString()).contains("'jrm delete_ports 15999 15999' closes it");
            assertThat(run("connect", "db", served.siteFile(), "--server", url, "--json")
                            .out())
                    .contains("\"forward\":\"-R localhost:", "\"state\":\"UP\"");
            assertThat(run("connect", "metrics", served.siteFile(), "70000", "jrm-a", "--server", url)
                            .exitCode())
                    .isEqualTo(2);

            Outcome closed = run(
                    "delete_ports",
                    "15999",
                    "15999",
                    "--server",
                    url,
                    "--launchpad",
                    served.stage().launchpadFile().toString());

            assertThat(closed.out()).as(err + served.log()).containsPattern("15999 +yes .*opened by hand");
            assertThat(run("connect", "workflow", served.siteFile(), "7", "--server", url)
                            .exitCode())
                    .isEqualTo(1);
            assertThat(err.toString()).contains("There is no workflow 7");
        }
    }

    @Test
    void aServerThatIsNamedHasToAnswer() {
        assertThat(run("get_wf", "--server", "http://127.0.0.1:9").exitCode()).isEqualTo(1);
        assertThat(err.toString()).contains("http://127.0.0.1:9", "No jrm answers");
    }
}
