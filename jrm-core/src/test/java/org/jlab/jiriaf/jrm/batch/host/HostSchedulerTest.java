package org.jlab.jiriaf.jrm.batch.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.contract.BatchSchedulerContract;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes of this machine. */
class HostSchedulerTest extends BatchSchedulerContract {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final LoopbackTunnelManager tunnels = new LoopbackTunnelManager();
    private final LoginSession session =
            tunnels.connect(new SshRoute(List.of(SshHop.parse("vm")), null, null), TIMEOUT);
    private final HostScheduler scheduler = new HostScheduler();

    @Override
    @AfterEach
    protected void cancelAll() {
        super.cancelAll();
        tunnels.close();
    }

    @Override
    protected BatchScheduler scheduler() {
        return scheduler;
    }

    @Override
    protected LoginSession session() {
        return session;
    }

    @Override
    protected String folder() {
        return folder.toString();
    }

    @Override
    protected String unusedId() {
        // The first process of a host started long before.
        return "1.999999999";
    }

    @Override
    protected void breakDown() {
        tunnels.takeAway();
    }

    @Override
    protected void repair() {
        tunnels.bringBack();
    }

    private String run(String script) {
        return scheduler.submit(
                session, new BatchSubmission(folder(), "#!/bin/sh\n" + script, "a job", "token"), TIMEOUT);
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    @Test
    void aJobOutlivesTheConnection() throws IOException {
        String id = run("sleep 1; pwd >done; exec sleep 600");
        await().atMost(PATIENCE).until(() -> Files.exists(file("done")) && Files.size(file("done")) > 0);
        assertThat(Files.readString(file("done"))).isEqualTo(folder.toRealPath() + "\n");
        scheduler.cancel(session, id, TIMEOUT);
    }

    @Test
    void aJobThatHasEndedIsNotThere() {
        String id = run("exit 0");
        await().atMost(PATIENCE)
                .until(() -> scheduler.find(session, List.of(id), TIMEOUT).isEmpty());
    }

    @Test
    void cancellingLetsTheScriptEndInOrder() throws IOException {
        String id = run("trap 'echo told >told; exit 0' TERM; : >ready; while :; do sleep 0.1; done");
        await().atMost(PATIENCE).until(() -> Files.exists(file("ready")));
        scheduler.cancel(session, id, TIMEOUT);
        assertThat(file("told")).exists();
    }

    @Test
    void cancellingKillsWhatDoesNotEndAndNothingElse() throws IOException {
        String stubborn = "trap '' TERM; setsid sleep 600 & echo $! >$1.pid; : >$1.ready; while :; do sleep 0.1; done";
        String id = run("set -- one; " + stubborn);
        Path otherFolder = Files.createDirectory(folder.resolve("other"));
        String other = scheduler.submit(
                session,
                new BatchSubmission(otherFolder.toString(), "set -- two; " + stubborn, "other", "token-2"),
                TIMEOUT);
        await().atMost(PATIENCE)
                .until(() -> Files.exists(file("one.ready")) && Files.exists(otherFolder.resolve("two.ready")));

        scheduler.cancel(session, id, Duration.ofSeconds(2));

        await().atMost(PATIENCE).until(() -> !isAlive(file("one.pid")));
        assertThat(isAlive(otherFolder.resolve("two.pid"))).isTrue();
        scheduler.cancel(session, other, Duration.ofSeconds(2));
        await().atMost(PATIENCE).until(() -> !isAlive(otherFolder.resolve("two.pid")));
    }

    @Test
    void cancellingFindsWhatAScriptThatWasKilledHasLeft() throws IOException {
        String id = run("sleep 600 & echo $! >left.pid; : >ready; wait");
        await().atMost(PATIENCE).until(() -> Files.exists(file("ready")));
        ProcessHandle.of(Long.parseLong(id.substring(0, id.indexOf('.'))))
                .orElseThrow()
                .destroyForcibly();
        await().atMost(PATIENCE)
                .until(() -> scheduler.find(session, List.of(id), TIMEOUT).isEmpty());
        assertThat(isAlive(file("left.pid"))).isTrue();

        scheduler.cancel(session, id, TIMEOUT);

        await().atMost(PATIENCE).until(() -> !isAlive(file("left.pid")));
    }

    private static boolean isAlive(Path pidFile) throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()))
                .filter(ProcessHandle::isAlive)
                .isPresent();
    }

    @Test
    void namesTheFolderThatIsNotThere() {
        BatchSubmission job = new BatchSubmission(folder() + "/nowhere", "exit 0", "lost", "token");
        assertThatThrownBy(() -> scheduler.submit(session, job, TIMEOUT)).hasMessageContaining("nowhere");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "77", "77.", "1.2; touch pwned", "-1.5", "4711_3"})
    void refusesWhatIsNoJobId(String id) {
        assertThatThrownBy(() -> scheduler.cancel(session, id, TIMEOUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(id);
    }
}
