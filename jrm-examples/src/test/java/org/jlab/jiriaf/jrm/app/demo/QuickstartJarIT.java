package org.jlab.jiriaf.jrm.app.demo;

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

        void awaitUp() {
            await().atMost(TIMEOUT).until(() -> text(out).contains("Ctrl-C") || !process.isAlive());
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

    /** One test for all of it, because each run starts a Java that has to be warmed up. */
    @Test
    void runsNeitherMeetNorAreDisturbedByOneThatWasKilled() throws Exception {
        Run killed = new Run("killed", "--keep", "--nodes", "1");
        Run stopped = new Run("stopped", "--keep");
        killed.awaitUp();
        stopped.awaitUp();
        List<Path> folders = runFolders();
        assertThat(folders).as("a folder for each").hasSize(2);

        killed.process.destroyForcibly().waitFor();
        stopped.process.destroy();

        assertThat(stopped.process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .as("Ctrl-C ends it")
                .isTrue();
        stopped.reportsSuccess();
        for (Path folderOfRun : folders) {
            ProcessTable processes = new ProcessTable("TMPDIR=" + folderOfRun.resolve("site/tmp"));
            await().atMost(TIMEOUT)
                    .alias("jobs of the killed run end by themselves")
                    .until(() -> processes.all().isEmpty());
        }
        Run next = new Run("next", "--nodes", "1");
        assertThat(next.process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(next.process.exitValue()).as(text(next.err)).isZero();
        next.reportsSuccess();
        assertThat(runFolders())
                .as("the next run removes what the killed one left")
                .isEmpty();
    }
}
