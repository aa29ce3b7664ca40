package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandInServerTest {

    private static final long SECONDS = 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path lib;

    private final StandInServer server = new StandInServer(InetAddress.getLoopbackAddress());
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void install() throws IOException {
        Stage.install("hand-over", lib);
    }

    @AfterEach
    void stop() {
        started.forEach(Process::destroyForcibly);
        server.close();
    }

    private Process handOver(String token, String... words) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("bash", "-c", ". \"$LIB/hand-over\"; hand_over \"$@\"", "stand-in"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(server.environment());
        builder.environment().put("JRM_QUICKSTART_TOKEN", token);
        builder.environment().put("LIB", lib.toString());
        builder.environment().put("SLURMD_NODENAME", "nid0007");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private String token() {
        return server.environment().getOrDefault("JRM_QUICKSTART_TOKEN", "");
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void handsOverEveryArgumentUnchangedAndTakesBackOutputAndExitCode() throws Exception {
        List<String> hostile = List.of("a b", "", "$(id)", "`id`", "a'b\"c", "line\nbreak", "ümlaut", "*");
        BlockingQueue<StandInCall> calls = new LinkedBlockingQueue<>();
        server.register("tool", call -> {
            calls.add(call);
            call.print("to output");
            call.printError("to error");
            call.exit(7);
        });
        List<String> words = new ArrayList<>(hostile);
        words.add(0, "tool");

        Process process = handOver(token(), words.toArray(String[]::new));

        assertThat(output(process)).isEqualTo("to output\n");
        assertThat(process.errorReader(StandardCharsets.UTF_8).readLine()).isEqualTo("to error");
        assertThat(exitCode(process)).isEqualTo(7);
        StandInCall call = calls.take();
        assertThat(call.arguments()).isEqualTo(hostile);
        assertThat(call.host()).isEqualTo("nid0007");
    }

    @Test
    void turnsAwayWhoeverDoesNotKnowTheToken() throws Exception {
        CountDownLatch served = new CountDownLatch(1);
        server.register("tool", call -> served.countDown());

        assertThat(exitCode(handOver("guess", "tool"))).isEqualTo(255);
        assertThat(served.getCount()).isEqualTo(1);
    }

    @Test
    void noticesThatTheCallerIsKilled() throws Exception {
        CountDownLatch serving = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        server.register("tool", call -> {
            serving.countDown();
            call.awaitHangUp();
            over.countDown();
        });
        Process process = handOver(token(), "tool");
        assertThat(serving.await(SECONDS, TimeUnit.SECONDS)).isTrue();

        process.destroyForcibly();

        assertThat(over.await(SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void endsItsCallersWhenItIsClosed() throws Exception {
        CountDownLatch serving = new CountDownLatch(1);
        server.register("tool", call -> {
            serving.countDown();
            call.awaitHangUp();
        });
        Process process = handOver(token(), "tool");
        assertThat(serving.await(SECONDS, TimeUnit.SECONDS)).isTrue();

        server.close();

        assertThat(exitCode(process)).isEqualTo(255);
    }

    @Test
    void saysWhyACommandFails() throws Exception {
        server.register("tool", call -> {
            throw new IOException("no such thing");
        });
        Process process = handOver(token(), "tool");

        assertThat(process.errorReader(StandardCharsets.UTF_8).readLine()).isEqualTo("tool: no such thing");
        assertThat(exitCode(process)).isEqualTo(255);
        assertThat(exitCode(handOver(token(), "unknown"))).isEqualTo(127);
    }
}
