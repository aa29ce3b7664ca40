package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to log in that sites have, and what goes wrong there, on the site's own SSH servers and as ordinary users. */
@Tag("practice")
class TunnelsTest {

    private static final Duration TIME = Duration.ofSeconds(60);
    private static final SshRoute KEY = route("keylogin");
    private static final SshRoute CERTIFICATE = route("login01");

    private static PracticeSite site;

    @TempDir
    private Path directory;

    @BeforeAll
    static void find() {
        site = PracticeSite.find();
    }

    private static SshRoute route(String alias) {
        return new SshRoute(List.of(SshHop.parse(alias)), null, null);
    }

    private static SshRoute twoHops(String user, String encodedPassword) {
        return new SshRoute(
                List.of(SshHop.parse(user + "@jump.practice"), SshHop.parse(user + "@login01.practice")),
                null,
                Secret.of(new String(Base64.getDecoder().decode(encodedPassword), StandardCharsets.UTF_8)));
    }

    private static SshjTunnelManager.Builder builder() {
        return SshjTunnelManager.builder().knownHosts(site.knownHosts()).sshConfig(site.sshConfig());
    }

    @Test
    void key() throws IOException {
        carriesBothWays(builder(), KEY);
    }

    @Test
    void certificateThroughTheJumpHostOfTheSshConfiguration() throws IOException {
        carriesBothWays(builder(), CERTIFICATE);
    }

    @Test
    void passwordOnTwoHops() throws IOException {
        carriesBothWays(builder(), twoHops("pwuser", site.encodedPassword("pwuser")));
    }

    @Test
    void passwordAndOneTimeCodeOnTwoHops() throws IOException {
        AtomicInteger ahead = new AtomicInteger();
        // Each code is another one, as if the user had waited for the next.
        SshjTunnelManager.Builder builder = builder()
                .prompt((hop, text, echo) ->
                        Optional.of(Secret.of(site.run("otp", "--ahead", Integer.toString(ahead.getAndIncrement()))
                                .strip())));
        int refused = 0;
        boolean loggedIn = false;
        while (!loggedIn) {
            try {
                carriesBothWays(builder, twoHops("otpuser", site.encodedPassword("otpuser")));
                loggedIn = true;
            } catch (TunnelException e) {
                // An earlier run has used the code; it is the next one's turn.
                refused++;
                assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_REFUSED);
                assertThat(refused).isLessThan(10);
            }
        }
        assertThat(ahead).as("codes asked for").hasValue(refused + 2);
    }

    /** Brings one forward of each kind up, looks who answers at the far ends, and sends something through. */
    private static void carriesBothWays(SshjTunnelManager.Builder builder, SshRoute route) throws IOException {
        try (TunnelManager manager = builder.build();
                LoginSession session = manager.connect(route, TIME);
                ServerSocket target = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> greet(target));
            Forward there = Forward.local(Endpoint.localhost(PracticeSite.freePort()), Endpoint.localhost(22));
            Forward back = Forward.remote(
                    Endpoint.localhost(PracticeSite.freePort()), Endpoint.localhost(target.getLocalPort()));

            List<Tunnel> tunnels = session.open(List.of(there, back), TIME);

            assertThat(tunnels)
                    .allSatisfy(tunnel -> assertThat(tunnel.probe(TIME)).matches(result -> result.isAccepted()));
            assertThat(bannerAt(there)).isEqualTo("SSH-2.0-");
            assertThat(session.exec(
                                    "bash -c 'cat < /dev/tcp/localhost/"
                                            + back.bind().port() + "'",
                                    TIME)
                            .output())
                    .isEqualTo("greetings");
        }
    }

    private static void greet(ServerSocket listener) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.getOutputStream().write("greetings".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // A probe says nothing and goes; and the end of the test ends the listener.
                assertThat(e).isNotNull();
            }
        }
    }

    private static String bannerAt(Forward forward) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), forward.bind().port())) {
            socket.setSoTimeout((int) TIME.toMillis());
            return new String(socket.getInputStream().readNBytes(8), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void expiredCertificateIsNamed() {
        Path key = directory.resolve("expired");
        site.run("cert", "--valid", "-30s", key.toString());

        TunnelException failure =
                refusal(builder(), new SshRoute(List.of(SshHop.parse("dtnproxy"), SshHop.parse("login01")), key, null));

        assertThat(failure.reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
        assertThat(failure).hasMessageContaining(key.toString());
    }

    @Test
    void changedHostKeyIsRefused() throws IOException {
        List<String> lines = Files.readAllLines(site.knownHosts());
        String otherKey = keyOf(lines, "fabric");
        Path knownHosts = Files.write(
                directory.resolve("known_hosts"),
                lines.stream()
                        .map(line -> line.startsWith("login01") ? line.split(" ", 2)[0] + " " + otherKey : line)
                        .toList());

        TunnelException failure = refusal(builder().knownHosts(knownHosts), KEY);

        assertThat(failure.reason()).isEqualTo(Reason.HOST_KEY_REJECTED);
        assertThat(failure).hasMessageContaining("login01.practice");
    }

    private static String keyOf(List<String> knownHosts, String host) {
        return knownHosts.stream()
                .filter(line -> line.startsWith(host))
                .map(line -> line.split(" ", 2)[1])
                .findFirst()
                .orElseThrow();
    }

    @Test
    void jumpHostThatIsDownAtTheStartIsNamed() {
        site.run("sshd", "jump", "stop");
        try {
            TunnelException failure = refusal(builder(), KEY);

            assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(failure).hasMessageContaining("jump.practice");
        } finally {
            site.run("sshd", "jump", "start");
        }
    }

    @Test
    void refusedKeyIsNamed() {
        Path key = directory.resolve("stranger");
        site.in("control", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());

        TunnelException failure =
                refusal(builder(), new SshRoute(List.of(SshHop.parse("keyuser@jump.practice")), key, null));

        assertThat(failure.reason()).isEqualTo(Reason.AUTHENTICATION_REFUSED);
        assertThat(failure).hasMessageContaining(key.toString()).hasMessageContaining("jump.practice");
    }

    @Test
    void loginNodeThatAcceptsAndSaysNothingIsNamed() {
        site.in("login01", "pkill", "-STOP", "-x", "sshd");
        try {
            TunnelException failure = refusal(builder().attemptTimeout(Duration.ofSeconds(10)), KEY);

            assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT);
            assertThat(failure).hasMessageContaining("login01.practice");
        } finally {
            site.in("login01", "pkill", "-CONT", "-x", "sshd");
        }
    }

    @Test
    void loginNodeThatForbidsForwardingIsNamed() throws IOException {
        site.restartSshd("login01", "AllowTcpForwarding local");
        try (TunnelManager manager = builder().build();
                LoginSession session = manager.connect(KEY, TIME)) {
            TunnelException failure = refusal(
                    session,
                    Forward.remote(
                            Endpoint.localhost(PracticeSite.freePort()), Endpoint.localhost(PracticeSite.freePort())));

            assertThat(failure.reason()).isEqualTo(Reason.FORWARDING_FORBIDDEN);
        } finally {
            site.restartSshd("login01");
        }
    }

    @Test
    void portTakenOnTheControlPlaneIsNamed() throws IOException {
        try (TunnelManager manager = builder().build();
                LoginSession session = manager.connect(KEY, TIME);
                ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            TunnelException failure =
                    refusal(session, Forward.local(Endpoint.localhost(other.getLocalPort()), Endpoint.localhost(22)));

            assertThat(failure.reason()).isEqualTo(Reason.PORT_TAKEN);
            assertThat(failure).hasMessageContaining(Integer.toString(other.getLocalPort()));
        }
    }

    @Test
    void portTakenOnTheLoginNodeIsNamed() throws IOException {
        int port = PracticeSite.freePort();
        site.run("app", "login01", Integer.toString(port), "start");
        try (TunnelManager manager = builder().build();
                LoginSession session = manager.connect(KEY, TIME)) {
            TunnelException failure = refusal(
                    session, Forward.remote(Endpoint.localhost(port), Endpoint.localhost(PracticeSite.freePort())));

            assertThat(failure.reason()).isEqualTo(Reason.PORT_TAKEN);
            assertThat(failure).hasMessageContaining(Integer.toString(port));
        } finally {
            site.run("app", "login01", Integer.toString(port), "stop");
        }
    }

    /** The login node allows ten sessions on one connection. */
    @Test
    void commandsBeyondTheLimitOfSessionsWaitForTheirTurn() {
        try (TunnelManager manager = builder().build();
                LoginSession session = manager.connect(KEY, TIME)) {
            List<CompletableFuture<ExecResult>> results = IntStream.range(0, 30)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> session.exec("sleep 0.2; echo " + i, TIME)))
                    .toList();

            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i)).succeedsWithin(TIME).isEqualTo(new ExecResult(0, i + "\n", ""));
            }
        }
    }

    private static TunnelException refusal(LoginSession session, Forward forward) {
        return catchThrowableOfType(TunnelException.class, () -> session.open(List.of(forward), TIME));
    }

    private static TunnelException refusal(SshjTunnelManager.Builder builder, SshRoute route) {
        try (TunnelManager manager = builder.build()) {
            return catchThrowableOfType(TunnelException.class, () -> manager.connect(route, TIME));
        }
    }

    @Test
    void portHeldByOwnDeadConnectionIsWaitedFor() throws IOException {
        Forward forward = Forward.remote(
                Endpoint.localhost(PracticeSite.freePort()), Endpoint.localhost(PracticeSite.freePort()));
        List<TunnelEvent> events = new CopyOnWriteArrayList<>();
        try (TunnelManager dead = builder().build()) {
            dead.connect(KEY, TIME).open(List.of(forward), TIME);
            site.in("login01", "pkill", "-STOP", "-u", "keyuser", "sshd");
        }
        try (TunnelManager manager = builder().onEvent(events::add).build();
                LoginSession session = manager.connect(KEY, TIME)) {
            CompletableFuture<List<Tunnel>> opened =
                    CompletableFuture.supplyAsync(() -> session.open(List.of(forward), TIME));
            await().atMost(TIME)
                    .until(() ->
                            events.stream().anyMatch(event -> event.message().contains("an earlier connection")));
            assertThat(opened).isNotDone();

            resume();

            assertThat(opened).succeedsWithin(TIME);
        } finally {
            resume();
        }
    }

    private static void resume() {
        site.in("login01", "sh", "-c", "pkill -CONT -u keyuser sshd; true");
    }
}
