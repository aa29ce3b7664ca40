package org.jlab.jiriaf.jrm.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.examples.commands.Jrm;
import org.junit.jupiter.api.Test;

/** {@code jrm serve} and the commands that use it, on the embedded site. */
class ServeOnStageTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

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

            Outcome added = run("add_wf", served.siteFile(), "--server", url);

            assertThat(added.out()).as(err + served.log()).startsWith("1 quickstart_jrm-quickstart-");
            await().atMost(TIMEOUT)
                    .until(() -> run("get_wf", "--server", url).out().contains("1/1"));
            assertThat(run("get_wf", "--json", "--server", url).out()).contains("\"state\":\"RUNNING\"", "\"ready\":1");
            assertThat(run("map", "1", "--server", url).out())
                    .startsWith("flowchart LR")
                    .contains("-->|up|")
                    .doesNotContain("|down|");
            assertThat(run("map", "--format", "svg", "--server", url).out()).contains("<svg", "application :2221");

            Outcome deleted = run("delete_wf", "1", "--server", url);

            assertThat(deleted).as(err + served.log()).isEqualTo(new Outcome(0, "1 deleted\n"));
            assertThat(served.stage().processes().all()).isEmpty();
            assertThat(run("get_wf", "--server", url).out().lines()).hasSize(1);
            assertThat(run("delete_wf", "1", "--server", url).exitCode()).isEqualTo(1);
            assertThat(err.toString()).contains("no workflow 1");
        }
    }

    @Test
    void aServerThatIsNamedHasToAnswer() {
        assertThat(run("get_wf", "--server", "http://127.0.0.1:9").exitCode()).isEqualTo(1);
        assertThat(err.toString()).contains("http://127.0.0.1:9", "does not answer");
    }
}
