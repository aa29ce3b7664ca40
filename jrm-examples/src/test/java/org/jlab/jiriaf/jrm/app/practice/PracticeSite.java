package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.port.PortRange;

/**
 * The practice site as tests see it: drives {@code practice-site/practice-site}. The tests run inside its host
 * {@code control}, which {@code .ci/practice-site} starts with its API server before them.
 */
final class PracticeSite {

    /** Port of the API server on the control plane. */
    static final int APISERVER_PORT = 38687;

    /** Port of the LaunchPad on the control plane; the tests start its server. */
    static final int LAUNCHPAD_PORT = 27017;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Below those that connections get for their own end, which would be in the way of a forward for a minute. */
    private static final PortRange PORTS = new PortRange(29_000, 32_767);

    private final Path program;
    private final Map<String, String> environment;

    private PracticeSite(Path program, Map<String, String> environment) {
        this.program = program;
        this.environment = environment;
    }

    /** Finds the site, and fails if it is not up or this process does not run inside it. */
    static PracticeSite find() {
        Path program = Path.of("practice-site", "practice-site").toAbsolutePath();
        assertThat(command(List.of("hostname")).strip())
                .as("name of this host; run these tests by .ci/practice-site")
                .isEqualTo("control");
        Map<String, String> environment = command(List.of(program.toString(), "env"))
                .lines()
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        return new PracticeSite(program, environment);
    }

    /** A port that nobody listens on here, and hardly anybody on the other hosts. */
    static int freePort() {
        for (int tries = 0; tries < 100; tries++) {
            int port = ThreadLocalRandom.current().nextInt(PORTS.first(), PORTS.last() + 1);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Taken: the next one.
                assertThat(e).isNotNull();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new AssertionError("no port is free among " + PORTS);
    }

    /** Runs the site's program, which has to succeed, and returns what it printed on standard output. */
    String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return command(command);
    }

    /** Runs a command inside a host. */
    String in(String host, String... command) {
        List<String> arguments = new ArrayList<>(List.of("exec", host));
        arguments.addAll(List.of(command));
        return run(arguments.toArray(String[]::new));
    }

    /** Has a host's sshd started anew, with options of its configuration beside the usual ones; sessions live on. */
    void restartSshd(String host, String... options) {
        run("sshd", host, "stop");
        List<String> start = new ArrayList<>(List.of("sshd", host, "start"));
        start.addAll(List.of(options));
        run(start.toArray(String[]::new));
    }

    /** Starts the FireWorks agent of a site, anew if one runs already. */
    void startAgent(String category, String version, int launchpadPort) {
        run(
                "agent",
                "start",
                "--category",
                category,
                "--version",
                version,
                "--launchpad-port",
                Integer.toString(launchpadPort));
    }

    /** The same with a LaunchPad that asks for a login. */
    void startAgent(String category, String version, int launchpadPort, String user, Secret password) {
        List<String> command = new ArrayList<>(List.of(program.toString(), "agent", "start", "--category", category));
        command.addAll(List.of("--version", version, "--launchpad-port", Integer.toString(launchpadPort)));
        command.addAll(List.of("--launchpad-user", user));
        command(command, Map.of("JRM_PRACTICE_LAUNCHPAD_PASSWORD", password.reveal()));
    }

    void stopAgent(String category) {
        run("agent", "stop", "--category", category);
    }

    /** TCP ports on which something listens, on any address. */
    Set<Integer> listeningPorts(String host) {
        return in(host, "ss", "-Hltn")
                .lines()
                .map(line -> line.split("\\s+", -1)[3])
                .map(address -> Integer.valueOf(address.substring(address.lastIndexOf(':') + 1)))
                .collect(Collectors.toSet());
    }

    /** The jobs that Slurm has not seen the end of, each as name and state. */
    List<String> jobs() {
        return in("login01", "squeue", "-h", "-o", "%j %T")
                .lines()
                .map(String::strip)
                .toList();
    }

    /** Command lines, on all hosts, that hold the text: {@code control} sees the processes of the whole machine. */
    static List<String> processes(String text) {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(text))
                .toList();
    }

    Path knownHosts() {
        return file("PRACTICE_KNOWN_HOSTS");
    }

    Path sshConfig() {
        return file("PRACTICE_SSH_CONFIG");
    }

    Path kubeconfig() {
        return file("PRACTICE_KUBECONFIG");
    }

    /** The password of a user, in base64 as site files have it. */
    String encodedPassword(String user) {
        try {
            String password = Files.readAllLines(file("PRACTICE_PASSWORDS")).stream()
                    .filter(line -> line.startsWith(user + " "))
                    .map(line -> line.substring(user.length() + 1))
                    .findFirst()
                    .orElseThrow();
            return Base64.getEncoder().encodeToString(password.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String variable) {
        return Path.of(environment.get(variable));
    }

    private static String command(List<String> command) {
        return command(command, Map.of());
    }

    private static String command(List<String> command, Map<String, String> variables) {
        ExecutorService reader = Executors.newSingleThreadExecutor();
        Process process = null;
        try {
            Path errors = Files.createTempFile("practice-site", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
                builder.environment().putAll(variables);
                process = builder.start();
                process.getOutputStream().close();
                Process started = process;
                Future<byte[]> output =
                        reader.submit(() -> started.getInputStream().readAllBytes());
                String text = new String(output.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), StandardCharsets.UTF_8);
                int code = process.waitFor();
                assertThat(code)
                        .as("exit code of %s, which said: %s %s", command, text, Files.readString(errors))
                        .isZero();
                return text;
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(command + " did not end within " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command + " was interrupted", e);
        } finally {
            reader.shutdownNow();
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }
}
