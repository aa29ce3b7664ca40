package org.jlab.jiriaf.jrm.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A folder in which rendered scripts run in real shells, with stand-ins for what only a site has: {@code srun}, container
 * runtimes, {@code ssh}, {@code start.sh}. The stand-ins write down how they were called. Once an {@code ssh} has been asked
 * for a local forward, something that takes connections like an API server listens on that port of this machine.
 */
public final class FakeSite implements AutoCloseable {

    /** Every process of the site has this in its environment. */
    private static final String MARK = "FAKE_SITE=";

    private static final String RECORD = """
            #!/bin/bash
            call=$FAKE_SITE/calls/$(date +%s%N).$$.${0##*/}
            printf '%s\\0' "$@" >"$call.args"
            env -0 >"$call.env"
            pwd >"$call.cwd"
            """;
    private static final String SRUN = """
            ntasks=1
            while [[ $1 == -* ]]; do
                case $1 in --ntasks=*) ntasks=${1#*=} ;; esac
                shift
            done
            pids=()
            trap 'kill -KILL "${pids[@]}"' TERM
            trap 'kill -USR1 "${pids[@]}"' USR1
            for ((rank = 0; rank < ntasks; rank++)); do
                SLURM_PROCID=$rank "$@" & pids+=($!)
            done
            code=0
            for pid in "${pids[@]}"; do
                while :; do wait "$pid"; ended=$?; kill -0 "$pid" 2>/dev/null || break; done
                ((ended <= code)) || code=$ended
            done
            exit "$code"
            """;
    private static final String CONTAINER = """
            cp -r "$FAKE_SITE/vk-cmd" "${!#}"
            """;
    private static final String DOCKER = """
            case $1 in
            create) echo 0123456789ab ;;
            cp) cp -r "$FAKE_SITE/vk-cmd" "$3" ;;
            esac
            """;
    private static final String SSH = """
            exec sleep 1000
            """;
    private static final String START = """
            ./virtual-kubelet "$NODENAME"
            """;
    private static final String KUBELET = """
            if [ -e "$FAKE_SITE/kubelet-fails" ]; then exit 3; fi
            (setsid sleep 1000 &)
            sleep 1000
            """;

    private final Path root;
    private final int apiPort;
    private final CountDownLatch apiOpen = new CountDownLatch(1);
    private volatile boolean closed;

    /**
     * One call of a stand-in.
     *
     * @param command what was called
     * @param arguments its arguments
     * @param environment its environment
     * @param folder its working directory
     */
    public record Call(String command, List<String> arguments, Map<String, String> environment, Path folder) {}

    /**
     * How a script ended.
     *
     * @param code its exit code
     * @param output what it printed, standard error included
     */
    public record Ended(int code, String output) {}

    /**
     * Sets the site up.
     *
     * @param root an empty folder
     */
    public FakeSite(Path root) {
        try {
            this.root = root.toRealPath();
            try (ServerSocket free = new ServerSocket(0, 50, InetAddress.getByName("localhost"))) {
                this.apiPort = free.getLocalPort();
            }
            for (String folder : List.of("bin", "calls", "launch", "vk-cmd", "tmp")) {
                Files.createDirectory(this.root.resolve(folder));
            }
            executable("bin/srun", RECORD + SRUN);
            for (String runtime : List.of("shifter", "apptainer", "singularity")) {
                executable("bin/" + runtime, RECORD + CONTAINER);
            }
            for (String runtime : List.of("docker", "podman", "podman-hpc")) {
                executable("bin/" + runtime, RECORD + DOCKER);
            }
            executable("bin/ssh", RECORD + SSH);
            executable("vk-cmd/start.sh", RECORD + START);
            executable("vk-cmd/virtual-kubelet", RECORD + KUBELET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread acceptor = new Thread(this::serve, "fake API server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    private void executable(String name, String content) throws IOException {
        Path file = Files.writeString(root.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private void serve() {
        try {
            while (!apiOpen.await(20, TimeUnit.MILLISECONDS)) {
                if (calls("ssh").stream().anyMatch(call -> call.arguments().contains("-L"))) {
                    apiOpen.countDown();
                }
            }
            try (ServerSocket api = new ServerSocket(apiPort, 50, InetAddress.getByName("localhost"))) {
                api.setSoTimeout(100);
                greet(api);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void greet(ServerSocket api) {
        while (!closed) {
            try (Socket client = api.accept()) {
                client.getOutputStream().write('\n');
            } catch (IOException e) {
                // The client left, or nobody came.
            }
        }
    }

    /** Opens the API server's port before any {@code ssh} forwards it, as another JRM on the node would have done. */
    public void forwardApi() {
        apiOpen.countDown();
    }

    /**
     * The port of the API server.
     *
     * @return the port
     */
    public int apiPort() {
        return apiPort;
    }

    /**
     * The folder in which scripts run.
     *
     * @return the folder
     */
    public Path launchFolder() {
        return root.resolve("launch");
    }

    /**
     * Makes a file, such as a kubeconfig.
     *
     * @param name its name
     * @return its path
     */
    public Path file(String name) {
        try {
            return Files.writeString(root.resolve(name), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a script.
     *
     * @param shell what runs it, such as {@code sh}
     * @param script its text
     * @return the running shell, whose output is also in {@code output} of the site's folder
     */
    public Process start(String shell, String script) {
        try {
            Path file = Files.writeString(root.resolve("script"), script);
            ProcessBuilder builder = new ProcessBuilder(shell, file.toString())
                    .directory(launchFolder().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(root.resolve("output").toFile());
            builder.environment().put("FAKE_SITE", root.toString());
            builder.environment().put("PATH", root.resolve("bin") + ":" + System.getenv("PATH"));
            builder.environment().put("TMPDIR", root.resolve("tmp").toString());
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits for a script.
     *
     * @param script the running shell
     * @return how it ended
     */
    public Ended await(Process script) {
        try {
            if (!script.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("The script still runs:\n" + output() + logs());
            }
            return new Ended(script.exitValue(), output());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /**
     * How a stand-in was called so far.
     *
     * @param command which one
     * @return its calls, in order
     */
    public List<Call> calls(String command) {
        try (Stream<Path> files = Files.list(root.resolve("calls"))) {
            // The working directory is written last.
            return files.filter(file -> file.toString().endsWith("." + command + ".cwd"))
                    .sorted()
                    .map(file -> call(command, file.toString().replaceFirst("\\.cwd$", "")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Call call(String command, String file) {
        Map<String, String> environment = new TreeMap<>();
        for (String variable : words(Path.of(file + ".env"))) {
            int equals = variable.indexOf('=');
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return new Call(
                command,
                words(Path.of(file + ".args")),
                environment,
                Path.of(read(Path.of(file + ".cwd")).strip()));
    }

    /** Makes the kubelet end at once with code 3. */
    public void letKubeletFail() {
        file("kubelet-fails");
    }

    /**
     * What the node scripts logged.
     *
     * @return all logs
     */
    public String logs() {
        StringBuilder logs = new StringBuilder();
        try (Stream<Path> files = Files.walk(launchFolder())) {
            files.filter(file -> file.toString().endsWith(".log")).forEach(file -> logs.append(read(file)));
            return logs.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The processes that scripts have started here and that still run.
     *
     * @return their ids and command lines
     */
    public List<String> processes() {
        List<String> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(entry -> entry.getFileName().toString().matches("[0-9]+"))
                    .toList()) {
                try {
                    if (words(process.resolve("environ")).contains(MARK + root)) {
                        found.add(process.getFileName() + " " + words(process.resolve("cmdline")));
                    }
                } catch (UncheckedIOException e) {
                    // Somebody else's, or gone meanwhile.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /**
     * Everything that lies in the folder of the site.
     *
     * @return paths relative to it
     */
    public List<String> files() {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String output() {
        return read(root.resolve("output"));
    }

    private static List<String> words(Path file) {
        String text = read(file);
        return text.isEmpty()
                ? List.of()
                : Arrays.asList(text.substring(0, text.length() - 1).split("\0", -1));
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (String process : processes()) {
            ProcessHandle.of(Long.parseLong(process.substring(0, process.indexOf(' '))))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
        closed = true;
        apiOpen.countDown();
    }
}
