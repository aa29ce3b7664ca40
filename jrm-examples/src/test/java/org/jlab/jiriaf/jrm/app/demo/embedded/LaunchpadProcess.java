package org.jlab.jiriaf.jrm.app.demo.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** An embedded LaunchPad in a process of its own, to be killed. */
final class LaunchpadProcess implements AutoCloseable {

    private final Process process;
    private final int port;

    private LaunchpadProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** The process: serves the folder that it is told until its input ends. */
    public static void main(String[] args) throws IOException {
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(Path.of(args[0]), "127.0.0.1", 0)) {
            System.out.println("listening on " + launchpad.port());
            while (System.in.read() >= 0) {
                // Whoever started this holds the other end.
            }
        }
    }

    static LaunchpadProcess start(Path directory) {
        try {
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LaunchpadProcess.class.getName(),
                            directory.toString()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("listening on ")) {
                    return new LaunchpadProcess(process, Integer.parseInt(line.substring("listening on ".length())));
                }
            }
            throw new AssertionError("The LaunchPad process ended with " + process.waitFor());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    int port() {
        return port;
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
