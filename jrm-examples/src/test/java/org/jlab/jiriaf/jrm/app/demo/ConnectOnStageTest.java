package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Tunnels by hand, held until the user has enough. */
class ConnectOnStageTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    @SuppressWarnings("NullAway.Init")
    private Stage stage;

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

    /** Holds a tunnel until it says what is expected, then presses Ctrl-C. */
    private void holdUntil(String said, String... arguments) throws Exception {
        String controlPlane = stage.network().controlPlane().getHostAddress();
        List<String> all = new ArrayList<>(List.of("connect"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--launchpad", stage.launchpadFile().toString()));
        all.addAll(List.of(
                "--ssh-config", "none", "--known-hosts", stage.knownHosts().toString()));
        all.addAll(List.of("--bind-address", controlPlane, "--apiserver-host", controlPlane));
        CommandLine jrm = Jrm.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        FutureTask<Integer> command = new FutureTask<>(() -> jrm.execute(all.toArray(String[]::new)));
        Thread thread = new Thread(command, "jrm connect");
        thread.start();
        try {
            await().atMost(TIMEOUT).alias(said).until(() -> out.toString().contains(said) || command.isDone());
        } finally {
            thread.interrupt();
        }
        assertThat(command.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains(said);
        await().atMost(TIMEOUT).until(() -> stage.loginNode().connections() == 0);
    }

    @Test
    void eachTunnelIsHeldUntilInterrupted() throws Exception {
        String site = stage.siteFile().toString();
        String controlPlane = stage.network().controlPlane().getHostAddress();
        int launchpad = stage.launchpad().port();
        int apiserver = stage.kubernetes().port();

        holdUntil("-R localhost:" + launchpad + ":" + controlPlane + ":" + launchpad + " at ", "db", site);
        holdUntil("-R localhost:" + apiserver + ":" + controlPlane + ":" + apiserver + " at ", "apiserver", site);
        holdUntil("for jrm-a is UP", "metrics", site, "10001", "jrm-a");
        assertThat(out.toString()).contains("-L " + controlPlane + ":10001:localhost:10001 at ");
        holdUntil("-L " + controlPlane + ":20001:localhost:20001 at ", "custom_metrics", site, "20001", "2221", "a");
        holdUntil("-L " + controlPlane + ":20002:localhost:2221 at ", "custom_metrics", site, "20002", "x2221", "a");
        holdUntil(
                "\"forward\":\"-L " + controlPlane + ":10002:localhost:10002\"",
                "metrics",
                site,
                "10002",
                "a",
                "--json");
    }
}
