package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Things break while metrics are scraped, and come back without a human. One deployment goes through all of it; a process of its
 * own holds its tunnels.
 */
@Tag("practice")
class OutageTest {

    private static final String SITE = "perlmutter";
    private static final Duration START = Duration.ofMinutes(1);
    private static final Duration RECOVERY = Duration.ofMinutes(2);
    private static final Duration PARTITION = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static PracticeSite site;
    private static ControlPlane observer;
    private static Process jrm;
    private static int workflowId;
    private static List<JrmEndpoints> jrms;

    private Traffic traffic;

    @BeforeAll
    static void deploy() throws Exception {
        site = PracticeSite.find();
        observer = new ControlPlane(site, directory);
        site.startAgent(SITE, "1.9.7", PracticeSite.LAUNCHPAD_PORT);
        Path file = Files.writeString(
                directory.resolve("site.yaml"), SiteFile.perlmutter(SITE).yaml());
        jrm = start("deploy", file.toString());
        workflowId = Integer.parseInt(awaitHeld().substring("holds ".length()));
        jrms = JrmEndpoints.of(observer.jrm().workflow(workflowId));
    }

    @AfterAll
    static void close() throws Exception {
        site.stopAgent(SITE);
        try {
            observer.clear();
            jrm.getOutputStream().close();
            assertThat(jrm.waitFor(START.toSeconds(), TimeUnit.SECONDS))
                    .as("jrm ended when told to")
                    .isTrue();
        } finally {
            jrm.destroyForcibly();
            observer.close();
        }
    }

    @BeforeEach
    void scrape() {
        traffic = new Traffic(jrms);
        traffic.awaitAllServed();
        traffic.forgetFailures();
    }

    @AfterEach
    void stopScraping() {
        traffic.close();
    }

    @Test
    void loginNodesSshdIsKilledAndRestarted() {
        long start = System.nanoTime();
        site.run("sshd", "login01", "kill");
        site.run("sshd", "login01", "start");
        Stopwatch.print("sshd of the login node killed and restarted", "metrics back", back(start));
    }

    @Test
    void jumpHostIsUnreachable() throws InterruptedException {
        long start = System.nanoTime();
        site.run("partition", "jump", "on");
        try {
            Thread.sleep(PARTITION.toMillis());
        } finally {
            site.run("partition", "jump", "off");
        }
        Duration back = back(start);
        Stopwatch.print("jump host unreachable for 30 s", "metrics back, from its beginning", back);
        Stopwatch.print("jump host unreachable for 30 s", "metrics back, from its end", back.minus(PARTITION));
    }

    @Test
    void jrmIsKilledAndStartedAgain() throws Exception {
        long start = System.nanoTime();
        jrm.destroyForcibly();
        assertThat(jrm.waitFor()).as("exit code after kill -9").isEqualTo(128 + 9);
        jrm = start("resume");
        assertThat(awaitHeld()).isEqualTo("holds " + workflowId);
        Stopwatch.print("jrm killed with -9 and started again", "metrics back", back(start));
    }

    private Duration back(long start) {
        return traffic.awaitBack(start, RECOVERY);
    }

    private static Process start(String... arguments) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                HoldingJrm.class.getName());
        builder.command().addAll(List.of(arguments));
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** The line that says what the process holds; what else it prints goes to the log of the tests. */
    private static String awaitHeld() throws Exception {
        BufferedReader output = jrm.inputReader(StandardCharsets.UTF_8);
        return CompletableFuture.supplyAsync(() -> output.lines()
                        .peek(System.out::println)
                        .filter(line -> line.startsWith("holds"))
                        .findFirst()
                        .orElse("ended"))
                .get(START.toSeconds(), TimeUnit.SECONDS);
    }
}
