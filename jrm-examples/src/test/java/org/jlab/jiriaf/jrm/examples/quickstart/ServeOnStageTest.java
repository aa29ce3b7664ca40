package org.jlab.jiriaf.jrm.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.examples.commands.Jrm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code jrm serve} and the commands that use it, on the embedded site. */
class ServeOnStageTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Pattern URL = Pattern.compile("Listening on (\\S+)");

    @SuppressWarnings("NullAway.Init")
    private Stage stage;

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void setUp() {
        stage = Stage.open(1, List.of(2221));
    }

    @AfterEach
    void takeDown() throws InterruptedException {
        executor.shutdownNow();
        assertThat(executor.awaitTermination(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        stage.close();
    }

    private record Outcome(int exitCode, String out) {}

    private Outcome run(String... arguments) {
        StringWriter output = new StringWriter();
        int code = Jrm.commandLine()
                .setOut(new PrintWriter(output, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Outcome(code, output.toString());
    }

    private String serve() {
        String controlPlane = stage.network().controlPlane().getHostAddress();
        List<String> arguments = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
        arguments.addAll(List.of("--launchpad", stage.launchpadFile().toString()));
        arguments.addAll(List.of("--kubeconfig", stage.kubeconfig().toString()));
        arguments.addAll(List.of(
                "--ssh-config", "none", "--known-hosts", stage.knownHosts().toString()));
        arguments.addAll(List.of("--bind-address", controlPlane, "--apiserver-host", controlPlane));
        Future<Integer> ended = executor.submit(() -> Jrm.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new)));
        await().atMost(TIMEOUT)
                .alias(err.toString())
                .until(() -> ended.isDone() || URL.matcher(out.toString()).find());
        Matcher url = URL.matcher(out.toString());
        assertThat(url.find()).as(err.toString()).isTrue();
        return url.group(1);
    }

    @Test
    void commandsHaveItDoTheWork() {
        String url = serve();

        Outcome added = run("add_wf", stage.siteFile().toString(), "--server", url);

        assertThat(added.out()).as(err.toString()).startsWith("1 quickstart_jrm-quickstart-");
        await().atMost(TIMEOUT)
                .alias(err.toString())
                .until(() -> run("get_wf", "--server", url).out().contains("1/1"));
        assertThat(run("get_wf", "--json", "--server", url).out()).contains("\"state\":\"RUNNING\"", "\"ready\":1");
        assertThat(stage.loginNode().connections()).isPositive();

        Outcome deleted = run("delete_wf", "1", "--server", url);

        assertThat(deleted).as(err.toString()).isEqualTo(new Outcome(0, "1 deleted\n"));
        assertThat(stage.processes().all()).isEmpty();
        assertThat(run("get_wf", "--server", url).out().lines()).hasSize(1);
        assertThat(run("delete_wf", "1", "--server", url).exitCode()).isEqualTo(1);
        assertThat(err.toString()).contains("no workflow 1");
    }

    @Test
    void aServerThatIsNamedHasToAnswer() {
        assertThat(run("get_wf", "--server", "http://127.0.0.1:9").exitCode()).isEqualTo(1);
        assertThat(err.toString()).contains("http://127.0.0.1:9", "does not answer");
    }
}
