package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jspecify.annotations.Nullable;

/** OpenSSH's own server on a port of the loopback interface, with its own configuration, host key and user key. */
public final class OpenSshServer implements AutoCloseable {

    private static final Path SSHD = Path.of("/usr/sbin/sshd");
    private static final Duration START = Duration.ofSeconds(20);

    private final Path folder;
    private final int port;
    private final boolean ownHostKey;
    private final List<String> options;
    private @Nullable Process process;

    /**
     * Starts a server.
     *
     * @param folder where its files go
     * @param options further lines of its configuration; they come first and so win
     */
    public OpenSshServer(Path folder, String... options) {
        this(folder, true, List.of(options));
    }

    private OpenSshServer(Path folder, boolean ownHostKey, List<String> options) {
        this.folder = folder;
        this.port = freePort();
        this.ownHostKey = ownHostKey;
        this.options = options;
        try {
            Files.createDirectories(folder);
            generateKey(hostKey(), "ed25519");
            generateKey(userKey(), "ed25519");
            Files.copy(publicKey(userKey()), folder.resolve("authorized_keys"));
            trustHostKey();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /** Starts a server that has only the host keys that its options name. */
    public static OpenSshServer withHostKeys(Path folder, List<String> options) {
        return new OpenSshServer(folder, false, options);
    }

    /** Whether the programs are there. In CI they have to be. */
    public static boolean isInstalled() {
        return "true".equals(System.getenv("CI")) || Files.isExecutable(SSHD);
    }

    Path folder() {
        return folder;
    }

    public Path hostKey() {
        return folder.resolve("host_key");
    }

    public Path userKey() {
        return folder.resolve("id_ed25519");
    }

    public Path knownHosts() {
        return folder.resolve("known_hosts");
    }

    public int port() {
        return port;
    }

    public static Path publicKey(Path key) {
        return key.resolveSibling(key.getFileName() + ".pub");
    }

    /** Writes a known_hosts file that holds this server's key. */
    void trustHostKey() throws IOException {
        Files.writeString(knownHosts(), "[127.0.0.1]:" + port + " " + Files.readString(publicKey(hostKey())));
    }

    public static void generateKey(Path file, String type, String... more) {
        List<String> command =
                new ArrayList<>(List.of("ssh-keygen", "-q", "-t", type, "-f", file.toString(), "-C", "test"));
        List<String> options = List.of(more);
        if (!options.contains("-N")) {
            command.addAll(List.of("-N", ""));
        }
        command.addAll(options);
        run(command);
    }

    public static void run(List<String> command) {
        try {
            Process started =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (started.waitFor() != 0) {
                throw new IllegalStateException(command + " failed: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    SshRoute route() {
        return new SshRoute(List.of(hop()), userKey(), null);
    }

    public SshHop hop() {
        return new SshHop("127.0.0.1", System.getProperty("user.name"), port);
    }

    public SshjTunnelManager.Builder manager() {
        return SshjTunnelManager.builder().knownHosts(knownHosts()).noSshConfig();
    }

    /** Starts the server, again if it was stopped. */
    void start() {
        try {
            if (System.getProperty("user.name").equals("root")) {
                // Privilege separation insists on this directory.
                Files.createDirectories(Path.of("/run/sshd"));
            }
            Path config = folder.resolve("sshd_config");
            List<String> lines = new ArrayList<>(options);
            lines.addAll(List.of(
                    "ListenAddress 127.0.0.1:" + port,
                    "AuthorizedKeysFile " + folder.resolve("authorized_keys"),
                    "PidFile none",
                    "StrictModes no",
                    "UsePAM no",
                    "PasswordAuthentication no",
                    "KbdInteractiveAuthentication no",
                    "MaxStartups 100",
                    // So that bash does not take a command for a log-in and read what the user of this machine has set
                    // up.
                    "SetEnv SHLVL=3",
                    "PermitRootLogin yes"));
            if (ownHostKey) {
                lines.add("HostKey " + hostKey());
            }
            if (options.stream().noneMatch(option -> option.startsWith("Subsystem "))) {
                lines.add("Subsystem sftp internal-sftp");
            }
            Files.write(config, lines);
            process = new ProcessBuilder(SSHD.toString(), "-D", "-e", "-f", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("sshd.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await().atMost(START).until(this::accepts);
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            if (process == null || !process.isAlive()) {
                throw new IllegalStateException("sshd ended: " + log());
            }
            return false;
        }
    }

    String log() {
        try {
            return Files.readString(folder.resolve("sshd.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connections of all users by ending the processes that serve them; the server stays. */
    int killConnections() {
        if (process == null) {
            return 0;
        }
        List<ProcessHandle> serving = process.descendants().toList();
        serving.forEach(ProcessHandle::destroyForcibly);
        return serving.size();
    }

    /** The processes that serve connections. */
    List<ProcessHandle> serving() {
        return process == null ? List.of() : process.descendants().toList();
    }

    /** Lets the connections of all users hang, as a network does that swallows everything. */
    void suspend() {
        signal("STOP");
    }

    /** Lets suspended connections go on. */
    void resume() {
        signal("CONT");
    }

    /** As {@link #suspend}, and whoever connects anew gets no answer either. */
    void suspendAll() {
        signalServer("STOP");
        signal("STOP");
    }

    void resumeAll() {
        signal("CONT");
        signalServer("CONT");
    }

    private void signalServer(String signal) {
        if (process != null) {
            run(List.of("kill", "-" + signal, Long.toString(process.pid())));
        }
    }

    private void signal(String signal) {
        for (ProcessHandle serving : serving()) {
            if (serving.info().command().orElse("").endsWith("sshd")) {
                run(List.of("kill", "-" + signal, Long.toString(serving.pid())));
            }
        }
    }

    /** Ends the server and all connections. */
    void stop() {
        if (process != null && process.isAlive()) {
            // Stopped first, so that it serves nobody who comes back between the end of his connection and its own.
            signalServer("STOP");
            killConnections();
            process.destroyForcibly();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
