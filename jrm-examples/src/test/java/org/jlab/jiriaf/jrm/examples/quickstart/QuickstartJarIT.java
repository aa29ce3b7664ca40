package org.jlab.jiriaf.jrm.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart as users start it, {@code java -jar jrm.jar}. */
class QuickstartJarIT {

    private static final Path JAR = Path.of(System.getProperty("jrm.jar", "target/jrm.jar"));
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private final class Run {
        final Path out;
        final Path err;
        final Process process;

        Run(String name, String... arguments) throws IOException {
            out = folder.resolve(name + ".out");
            err = folder.resolve(name + ".err");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Djava.io.tmpdir=" + folder,
                    "-jar",
                    JAR.toString(),
                    "quickstart"));
            command.addAll(List.of(arguments));
            process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            started.add(process);
        }

        void mustSucceed() throws Exception {
            assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(text(out) + text(err)).isZero();
            reportsSuccess();
        }

        void reportsSuccess() throws IOException {
            assertThat(text(out)).as(text(err)).contains("Done in").doesNotContain("  LEFT  ", "  WRONG ");
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file);
    }

    private List<Path> runFolders() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("jrm-quickstart-"))
                    .toList();
        }
    }

    @Test
    void twoRunsAtTheSameTimeDoNotMeet() throws Exception {
        Run one = new Run("one", "--nodes", "1");
        Run two = new Run("two", "--nodes", "2");

        one.mustSucceed();
        two.mustSucceed();
        assertThat(runFolders()).isEmpty();
    }

    @Test
    void aRunThatIsKilledLeavesNothingThatDisturbsTheNext() throws Exception {
        Run killed = new Run("killed", "--keep");
        await().atMost(TIMEOUT)
                .alias("everything is up")
                .until(() -> text(killed.out).contains("Ctrl-C") || !killed.process.isAlive());
        ProcessTable processes =
                new ProcessTable("TMPDIR=" + runFolders().get(0).resolve("site/tmp"));
        assertThat(processes.all()).isNotEmpty();

        killed.process.destroyForcibly().waitFor();

        await().atMost(TIMEOUT)
                .alias("the job's processes end by themselves")
                .until(() -> processes.all().isEmpty());
        new Run("next", "--nodes", "1").mustSucceed();
        assertThat(runFolders()).isEmpty();
    }

    @Test
    void ctrlCTakesEverythingDown() throws Exception {
        Run kept = new Run("kept", "--keep", "--nodes", "1");
        await().atMost(TIMEOUT).until(() -> text(kept.out).contains("Ctrl-C") || !kept.process.isAlive());

        kept.process.destroy();

        assertThat(kept.process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        kept.reportsSuccess();
        assertThat(runFolders()).isEmpty();
    }
}
