package org.jlab.jiriaf.jrm.examples.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jspecify.annotations.Nullable;

/** An OpenSSH server on the loopback interface, and the clients that are compared on it. */
final class SshPeers implements AutoCloseable {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String CIPHER = "aes128-gcm@openssh.com";

    private final Path folder;
    private final int port = freePort();
    private volatile long lastPid;
    private @Nullable Process server;

    SshPeers() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("jrm-benchmark");
        for (String key : List.of("host", "user")) {
            new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file(key))
                    .start()
                    .waitFor();
        }
        Files.writeString(
                folder.resolve("sshd_config"),
                "ListenAddress 127.0.0.1:" + port + "\nHostKey " + file("host") + "\nAuthorizedKeysFile "
                        + file("user.pub")
                        + "\nPidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nMaxStartups 1000\nSetEnv SHLVL=3\n");
        startServer();
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    int port() {
        return port;
    }

    void startServer() throws IOException {
        Files.createDirectories(Path.of("/run/sshd"));
        server = quiet("/usr/sbin/sshd", "-D", "-f", file("sshd_config")).start();
        await(() -> accepts(port), LONG);
    }

    void stopServer() {
        if (server != null) {
            killConnections();
            server.destroyForcibly().onExit().join();
        }
    }

    void killConnections() {
        if (server != null) {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static ProcessBuilder quiet(String... command) {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(new File("/dev/null"));
    }

    /** Something done while forwards are open. */
    interface Use<T> {
        T use() throws Exception;
    }

    /** The programs that are compared. */
    enum Kind {
        JRM,
        SSH,
        SSH_WITH_SESSION,
        AUTOSSH
    }

    /** Opens forwards from local ports to one target, does something once all listen, and closes them. */
    <T> T withForwards(Kind kind, int sshPort, List<Integer> ports, int target, Use<T> use) throws Exception {
        String hostKey = Files.readString(folder.resolve("host.pub"));
        Files.writeString(
                folder.resolve("known_hosts"),
                "[127.0.0.1]:" + port + " " + hostKey + "[127.0.0.1]:" + sshPort + " " + hostKey);
        Runnable close = kind == Kind.JRM ? jrm(sshPort, ports, target) : program(kind, sshPort, ports, target);
        try {
            return use.use();
        } finally {
            close.run();
        }
    }

    private Runnable jrm(int sshPort, List<Integer> ports, int target) {
        SshjTunnelManager manager = SshjTunnelManager.builder()
                .knownHosts(folder.resolve("known_hosts"))
                .noSshConfig()
                .build();
        SshRoute route = new SshRoute(
                List.of(new SshHop("127.0.0.1", System.getProperty("user.name"), sshPort)),
                folder.resolve("user"),
                null);
        LoginSession session = manager.connect(route, LONG);
        session.open(
                ports.stream()
                        .map(local -> Forward.local(Endpoint.localhost(local), new Endpoint("127.0.0.1", target)))
                        .toList(),
                LONG);
        return manager::close;
    }

    private Runnable program(Kind kind, int sshPort, List<Integer> ports, int target) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(kind == Kind.AUTOSSH ? List.of("autossh", "-M", "0") : List.of("ssh"));
        command.addAll(List.of("-F", "none", "-i", file("user"), "-c", CIPHER, "-o", "BatchMode=yes"));
        command.addAll(List.of("-o", "UserKnownHostsFile=" + file("known_hosts"), "-o", "ServerAliveInterval=30"));
        command.addAll(List.of("-o", "ExitOnForwardFailure=yes", "-p", Integer.toString(sshPort)));
        for (int local : ports) {
            command.addAll(List.of("-L", "127.0.0.1:" + local + ":127.0.0.1:" + target));
        }
        if (kind != Kind.SSH_WITH_SESSION) {
            command.add("-N");
        }
        command.add("127.0.0.1");
        if (kind == Kind.SSH_WITH_SESSION) {
            command.add("sleep 100000");
        }
        ProcessBuilder builder = quiet(command.toArray(String[]::new));
        builder.environment().putAll(Map.of("AUTOSSH_GATETIME", "0"));
        Process process = builder.start();
        await(() -> ports.stream().allMatch(SshPeers::accepts), LONG);
        lastPid = process.pid();
        return () -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join();
        };
    }

    /** Resident memory of the last program started, in KiB. */
    long residentKiB() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + lastPid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        }
    }

    static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Looks every few milliseconds whether something is so. */
    static void await(BooleanSupplier condition, Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("did not happen within " + longest);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        stopServer();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(folder);
    }
}
