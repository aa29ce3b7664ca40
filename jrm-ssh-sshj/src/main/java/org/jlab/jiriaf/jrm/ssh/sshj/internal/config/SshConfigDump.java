package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs OpenSSH's {@code ssh -G}, which prints what its configuration makes of a host and connects nowhere. */
final class SshConfigDump {

    private static final long ANSWER_SECONDS = 30;

    private SshConfigDump() {}

    /** There is no {@code ssh} program. */
    static final class SshMissingException extends IOException {
        private static final long serialVersionUID = 1L;

        SshMissingException(IOException cause) {
            super("no 'ssh' program", cause);
        }
    }

    /**
     * Asks for the options of a host.
     *
     * @param arguments further arguments, the host last
     * @return the values of each option, its name in lower case
     */
    static Map<String, List<String>> of(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ssh", "-G", "-T"));
        command.addAll(arguments);
        return parse(run(command));
    }

    private static String run(List<String> command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new SshMissingException(e);
        }
        try {
            // The answer is a few kilobytes: it ends when the process does.
            CompletableFuture<?> unused = process.onExit()
                    .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .whenComplete((p, late) -> {
                        // To destroy one that has ended would close the stream that is being read.
                        if (late != null) {
                            process.destroy();
                        }
                    });
            // Warnings, such as of deprecated options, are no options.
            CompletableFuture<String> complaint =
                    CompletableFuture.supplyAsync(() -> readAll(process.getErrorStream()));
            String answer = readAll(process.getInputStream());
            if (process.waitFor() != 0) {
                throw new IOException("ssh -G said: " + complaint.join().strip());
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while ssh -G ran", e);
        } finally {
            process.destroy();
        }
    }

    private static String readAll(InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("reading what ssh -G says", e);
        }
    }

    static Map<String, List<String>> parse(String answer) {
        Map<String, List<String>> options = new HashMap<>();
        for (String line : answer.lines().toList()) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                options.computeIfAbsent(line.substring(0, blank).toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                        .add(line.substring(blank + 1).strip());
            }
        }
        return options;
    }
}
