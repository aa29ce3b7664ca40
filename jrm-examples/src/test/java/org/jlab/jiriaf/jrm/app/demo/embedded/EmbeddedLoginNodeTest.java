package org.jlab.jiriaf.jrm.app.demo.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedLoginNodeTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final InetAddress HERE = address(1);
    private static final InetAddress LOGIN = address(2);
    private static final InetAddress JUMP = address(3);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private EmbeddedLoginNode host;
    private SshjTunnelManager tunnels;

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 77, 7, (byte) last});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() throws IOException {
        host = new EmbeddedLoginNode(JUMP, LOGIN, Map.of("SITE_VARIABLE", "set at the site"));
        Files.writeString(folder.resolve("known_hosts"), host.knownHosts());
        Files.writeString(folder.resolve("key"), host.userKeyFile());
        tunnels = SshjTunnelManager.builder()
                .noSshConfig()
                .knownHosts(folder.resolve("known_hosts"))
                .build();
    }

    @AfterEach
    void stop() {
        tunnels.close();
        host.close();
    }

    private SshRoute route(SshHop... hops) {
        return new SshRoute(List.of(hops), folder.resolve("key"), null);
    }

    private LoginSession connect() {
        return tunnels.connect(route(EmbeddedLoginNode.hop(host.jump()), EmbeddedLoginNode.hop(host.login())), TIMEOUT);
    }

    @Test
    void runsCommandsForRealWithTheEnvironmentOfTheSite() {
        assertThat(connect().exec("echo \"$SITE_VARIABLE\"; exit 3", TIMEOUT))
                .satisfies(result -> assertThat(result.output()).isEqualTo("set at the site\n"))
                .satisfies(result -> assertThat(result.exitCode()).isEqualTo(3));
    }

    @Test
    void listensOnItsOwnAddressForWhatAClientCallsLocalhost() throws IOException {
        try (ServerSocket target = listen(HERE)) {
            Forward forward = Forward.remote(
                    Endpoint.localhost(target.getLocalPort()),
                    new Endpoint(HERE.getHostAddress(), target.getLocalPort()));
            connect().open(List.of(forward), TIMEOUT);

            assertThat(greetingThrough(LOGIN, target)).isEqualTo("hello");
        }
    }

    @Test
    void connectsToItsOwnAddressForWhatAClientCallsLocalhost() throws IOException {
        try (ServerSocket target = listen(LOGIN)) {
            Forward forward = Forward.local(
                    new Endpoint(HERE.getHostAddress(), target.getLocalPort()),
                    Endpoint.localhost(target.getLocalPort()));
            connect().open(List.of(forward), TIMEOUT);

            assertThat(greetingThrough(HERE, target)).isEqualTo("hello");
        }
    }

    @Test
    void countsConnectionsOnBothHostsAndSeesThemEnd() {
        try (LoginSession session = connect()) {
            assertThat(session.route().hops()).hasSize(2);
            assertThat(host.connections()).isEqualTo(2);
        }
        await().atMost(TIMEOUT).until(() -> host.connections() == 0);
    }

    @Test
    void refusesAnotherKeyAndAnotherUser() throws IOException {
        try (EmbeddedLoginNode other = new EmbeddedLoginNode(JUMP, LOGIN, Map.of())) {
            Files.writeString(folder.resolve("other"), other.userKeyFile());
        }
        SshRoute otherKey = new SshRoute(List.of(EmbeddedLoginNode.hop(host.login())), folder.resolve("other"), null);
        SshRoute otherUser =
                route(new SshHop(host.login().host(), "root", host.login().port()));

        for (SshRoute refused : List.of(otherKey, otherUser)) {
            assertThatThrownBy(() -> tunnels.connect(refused, TIMEOUT))
                    .isInstanceOfSatisfying(
                            TunnelException.class,
                            e -> assertThat(e.reason()).isEqualTo(TunnelException.Reason.AUTHENTICATION_REFUSED));
        }
    }

    @Test
    void theJumpHostConnectsToNothingButTheLoginNode() throws IOException {
        try (ServerSocket elsewhere = listen(HERE)) {
            SshRoute past = route(
                    EmbeddedLoginNode.hop(host.jump()),
                    new SshHop(HERE.getHostAddress(), "jrm", elsewhere.getLocalPort()));

            assertThatThrownBy(() -> tunnels.connect(past, TIMEOUT)).isInstanceOf(TunnelException.class);
        }
    }

    private static ServerSocket listen(InetAddress address) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(address, 0));
        return socket;
    }

    /** Connects to the target's port on another host, and greets from the target. */
    private static String greetingThrough(InetAddress entrance, ServerSocket target) throws IOException {
        target.setSoTimeout((int) TIMEOUT.toMillis());
        try (Socket client = new Socket(entrance, target.getLocalPort())) {
            client.setSoTimeout((int) TIMEOUT.toMillis());
            try (Socket served = target.accept()) {
                served.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            }
            return new String(client.getInputStream().readNBytes(5), StandardCharsets.UTF_8);
        }
    }
}
