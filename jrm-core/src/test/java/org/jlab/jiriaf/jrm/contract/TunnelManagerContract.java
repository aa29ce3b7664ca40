package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.tunnel.TunnelStats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link TunnelManager} does. The login node of the backend has to be this machine, so that the tests can listen
 * and look there.
 */
@Timeout(60)
public abstract class TunnelManagerContract {

    /** Longer than anything here takes. */
    protected static final Duration TIME = Duration.ofSeconds(20);

    private final List<AutoCloseable> resources = new ArrayList<>();
    private ExecutorService threads = Executors.newCachedThreadPool();
    private EchoServer echo = new EchoServer();
    private TunnelManager manager = new NoManager();

    /** A placeholder until the backend has made its manager. */
    private static final class NoManager implements TunnelManager {
        @Override
        public LoginSession connect(SshRoute route, Duration timeout) {
            throw new IllegalStateException("before the test");
        }

        @Override
        public List<Tunnel> tunnels() {
            return List.of();
        }

        @Override
        public Map<SshRoute, ConnectionState> connections() {
            return Map.of();
        }

        @Override
        public void close() {}
    }

    /**
     * Makes a manager for one test, which closes it.
     *
     * @return the manager
     */
    protected abstract TunnelManager newManager();

    /**
     * A way to a login node that is this machine.
     *
     * @return the route
     */
    protected abstract SshRoute route();

    /** Breaks the connections to the login node, which stays reachable or comes back at once. */
    protected abstract void breakConnections();

    /**
     * Whether the login node says why it could not connect to a target, as OpenSSH's server does.
     *
     * @return whether it does
     */
    protected boolean tellsWhyTargetIsNotReached() {
        return true;
    }

    /**
     * The manager of the running test.
     *
     * @return the manager
     */
    protected final TunnelManager manager() {
        return manager;
    }

    @BeforeEach
    void start() {
        threads = Executors.newCachedThreadPool();
        echo = new EchoServer();
        resources.add(echo);
        manager = newManager();
        resources.add(0, manager);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        resources.clear();
        threads.shutdownNow();
    }

    @Test
    void carriesBytesThroughLocalForward() throws IOException {
        LoginSession session = connect();
        Forward forward = local();
        List<Tunnel> tunnels = session.open(List.of(forward), TIME);

        assertThat(tunnels).hasSize(1);
        assertThat(tunnels.get(0).forward()).isEqualTo(forward);
        assertThat(tunnels.get(0).route()).isEqualTo(route());
        assertThat(tunnels.get(0).state().isUp()).isTrue();
        assertThat(ask(forward, "hello")).isEqualTo("hello");
    }

    @Test
    void carriesBytesThroughRemoteForward() throws IOException {
        LoginSession session = connect();
        Forward forward = remote();
        Tunnel tunnel = session.open(List.of(forward), TIME).get(0);

        assertThat(tunnel.state().status()).isEqualTo(TunnelState.Status.UP);
        assertThat(ask(forward, "hello")).isEqualTo("hello");
    }

    @Test
    void listensWhereItIsToldTo() {
        Forward everywhere = Forward.local(new Endpoint("*", freePort()), echo.endpoint());
        Forward here = local();
        connect().open(List.of(everywhere, here), TIME);

        assertThat(isListening("127.0.0.1", everywhere.bind().port())).isTrue();
        assertThat(isListening("127.0.0.3", everywhere.bind().port())).isTrue();
        assertThat(isListening("127.0.0.1", here.bind().port())).isTrue();
        assertThat(isListening("127.0.0.3", here.bind().port())).isFalse();
    }

    @Test
    void showsTargetNothingButRealConnections() {
        connect().open(List.of(remote()), TIME);

        assertThat(echo.accepted()).isZero();
    }

    @Test
    void carriesManyBytesInBothDirectionsAtOnceUnchanged() throws Exception {
        Forward there = local();
        Forward back = remote();
        connect().open(List.of(there, back), TIME);

        List<Future<byte[]>> answers = new ArrayList<>();
        byte[] data = new byte[3_000_000];
        new Random(7).nextBytes(data);
        for (Forward forward : List.of(there, back, there, back)) {
            answers.add(threads.submit(() -> exchange(forward, data)));
        }

        for (Future<byte[]> answer : answers) {
            assertThat(Arrays.equals(answer.get(), data)).isTrue();
        }
    }

    @Test
    void passesEndOfOneDirectionOnWhileTheOtherGoesOn() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Forward forward =
                    Forward.local(Endpoint.localhost(freePort()), Endpoint.localhost(listener.getLocalPort()));
            connect().open(List.of(forward), TIME);
            try (Socket client = open(forward);
                    Socket server = listener.accept()) {
                send(client, "question".getBytes(StandardCharsets.UTF_8));
                client.shutdownOutput();
                assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("question");

                send(server, "answer".getBytes(StandardCharsets.UTF_8));
                server.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("answer");
            }
        }
    }

    @Test
    void opensAllForwardsOrNone() throws IOException {
        LoginSession session = connect();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Forward first = local();
            Forward second = remote();
            Forward impossible = Forward.local(new Endpoint("localhost", taken.getLocalPort()), echo.endpoint());

            TunnelException failure = catchThrowableOfType(
                    TunnelException.class, () -> session.open(List.of(first, second, impossible), TIME));

            assertThat(failure.reason()).isEqualTo(Reason.PORT_TAKEN);
            assertThat(failure.forward()).contains(impossible);
            assertThat(failure).hasMessageContaining(Integer.toString(taken.getLocalPort()));
            assertThat(isListening(first.bind().port())).isFalse();
            assertThat(isListening(second.bind().port())).isFalse();
            assertThat(manager.tunnels()).isEmpty();
        }
    }

    @Test
    void namesRemotePortThatSomebodyElseHolds() throws IOException {
        LoginSession session = connect();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Forward impossible = Forward.remote(Endpoint.localhost(taken.getLocalPort()), echo.endpoint());

            TunnelException failure =
                    catchThrowableOfType(TunnelException.class, () -> session.open(List.of(impossible), TIME));

            assertThat(failure.reason()).isEqualTo(Reason.PORT_TAKEN);
            assertThat(failure.forward()).contains(impossible);
            assertThat(failure).hasMessageContaining(Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void closingTunnelEndsItsListenerAndNoOther() {
        LoginSession session = connect();
        Forward ended = remote();
        Forward kept = local();
        List<Tunnel> tunnels = session.open(List.of(ended, kept), TIME);

        tunnels.get(0).close();
        tunnels.get(0).close();

        assertThat(isListening(ended.bind().port())).isFalse();
        assertThat(tunnels.get(0).state().status()).isEqualTo(TunnelState.Status.CLOSED);
        assertThat(tunnels.get(1).state().isUp()).isTrue();
        assertThat(isListening(kept.bind().port())).isTrue();
        assertThat(manager.tunnels()).extracting(Tunnel::forward).containsExactly(kept);
    }

    @Test
    void sharesEqualForwardsUntilTheLastHolderCloses() throws IOException {
        Forward shared = remote();
        LoginSession one = connect();
        LoginSession two = connect();
        one.open(List.of(shared), TIME);
        Tunnel second = two.open(List.of(shared), TIME).get(0);
        assertThat(manager.tunnels()).hasSize(1);

        one.close();

        assertThat(second.state().isUp()).isTrue();
        assertThat(ask(shared, "still here")).isEqualTo("still here");
        second.close();
        assertThat(isListening(shared.bind().port())).isFalse();
    }

    @Test
    void closingSessionClosesItsTunnels() {
        LoginSession session = connect();
        Forward there = local();
        Forward back = remote();
        List<Tunnel> tunnels = session.open(List.of(there, back), TIME);

        session.close();
        session.close();

        assertThat(tunnels)
                .allSatisfy(tunnel -> assertThat(tunnel.state().status()).isEqualTo(TunnelState.Status.CLOSED));
        assertThat(isListening(there.bind().port())).isFalse();
        await().until(() -> !isListening(back.bind().port()));
        assertThatThrownBy(() -> session.exec("true", TIME))
                .isInstanceOfSatisfying(
                        TunnelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    }

    @Test
    void closingManagerEndsEverything() {
        LoginSession session = connect();
        Forward there = local();
        Forward back = remote();
        session.open(List.of(there, back), TIME);

        manager.close();
        manager.close();

        assertThat(isListening(there.bind().port())).isFalse();
        await().until(() -> !isListening(back.bind().port()));
        assertThat(manager.tunnels()).isEmpty();
        assertThatThrownBy(() -> manager.connect(route(), TIME))
                .isInstanceOfSatisfying(
                        TunnelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        session.close();
    }

    @Test
    void bringsForwardsBackAfterTheConnectionBroke() {
        Forward there = local();
        Forward back = remote();
        List<Tunnel> tunnels = connect().open(List.of(there, back), TIME);

        breakConnections();

        await().atMost(TIME).untilAsserted(() -> {
            assertThat(tunnels).allMatch(tunnel -> tunnel.state().isUp());
            assertThat(ask(there, "there again")).isEqualTo("there again");
            assertThat(ask(back, "back again")).isEqualTo("back again");
        });
    }

    @Test
    void probeReachesTargetThatAccepts() throws IOException {
        List<Tunnel> tunnels = connect().open(List.of(local(), remote()), TIME);

        for (Tunnel tunnel : tunnels) {
            ProbeResult result = tunnel.probe(TIME);

            assertThat(result.isAccepted()).as(result.message()).isTrue();
            assertThat(result.message()).contains(echo.endpoint().toString());
            assertThat(ask(tunnel.forward(), "and goes on")).isEqualTo("and goes on");
        }
    }

    @Test
    void probeTellsThatNobodyListensAtTheTarget() {
        Endpoint nobody = Endpoint.localhost(freePort());
        List<Tunnel> tunnels = connect()
                .open(
                        List.of(
                                Forward.local(Endpoint.localhost(freePort()), nobody),
                                Forward.remote(Endpoint.localhost(freePort()), nobody)),
                        TIME);

        for (Tunnel tunnel : tunnels) {
            ProbeResult result = tunnel.probe(TIME);

            assertThat(result.outcome())
                    .as(result.message())
                    .isEqualTo(
                            tunnel.forward().direction() == Forward.Direction.REMOTE || tellsWhyTargetIsNotReached()
                                    ? ProbeResult.Outcome.REFUSED
                                    : ProbeResult.Outcome.NO_ANSWER);
            assertThat(result.message()).contains(nobody.toString());
            assertThat(tunnel.state().isUp()).isTrue();
        }
    }

    @Test
    void probeGivesUpInTimeOnTargetThatDoesNotAnswer() throws IOException {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fillBacklog(deaf);
            Endpoint target = new Endpoint("127.0.0.1", deaf.getLocalPort());
            List<Tunnel> tunnels = connect()
                    .open(
                            List.of(
                                    Forward.local(Endpoint.localhost(freePort()), target),
                                    Forward.remote(Endpoint.localhost(freePort()), target)),
                            TIME);

            for (Tunnel tunnel : tunnels) {
                // A login node with much to do may itself not answer in that time.
                await().atMost(TIME)
                        .until(() -> tunnel.probe(Duration.ofMillis(700)).outcome() == ProbeResult.Outcome.NO_ANSWER);
            }
        }
    }

    /** Connects to a listener that accepts nothing until further connections get no answer. */
    private void fillBacklog(ServerSocket listener) throws IOException {
        while (true) {
            Socket socket = new Socket();
            resources.add(socket);
            try {
                socket.connect(listener.getLocalSocketAddress(), 300);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
    }

    @Test
    void probeOfClosedForwardIsCarriedNowhere() {
        for (Tunnel tunnel : connect().open(List.of(local(), remote()), TIME)) {
            tunnel.close();

            assertThat(tunnel.probe(TIME).outcome()).isEqualTo(ProbeResult.Outcome.NOT_CARRIED);
        }
    }

    @Test
    void countsConnectionsAndBytesOfEachForward() throws IOException {
        List<Tunnel> tunnels = connect().open(List.of(local(), remote()), TIME);

        for (Tunnel tunnel : tunnels) {
            assertThat(tunnel.stats()).isEqualTo(new TunnelStats(0, 0, 0, 0, 0));
            try (Socket socket = open(tunnel.forward())) {
                send(socket, "hello".getBytes(StandardCharsets.UTF_8));
                assertThat(socket.getInputStream().readNBytes(5)).hasSize(5);
                await().atMost(TIME)
                        .untilAsserted(() -> assertThat(tunnel.stats()).isEqualTo(new TunnelStats(1, 1, 5, 5, 0)));
            }
            assertThat(ask(tunnel.forward(), "again")).isEqualTo("again");
            await().atMost(TIME)
                    .untilAsserted(() -> assertThat(tunnel.stats()).isEqualTo(new TunnelStats(2, 0, 10, 10, 0)));
        }
    }

    @Test
    void showsConnectionAndHowOftenItWasRepaired() {
        LoginSession session = connect();
        Tunnel tunnel = session.open(List.of(local()), TIME).get(0);

        assertThat(session.connection().isConnected()).isTrue();
        assertThat(session.connection().login()).isEqualTo(route().login());
        assertThat(session.connection().reconnects()).isZero();
        assertThat(session.connection().certificateValidUntil()).isNull();
        assertThat(tunnel.connection()).isEqualTo(session.connection());
        assertThat(manager.connections()).containsOnlyKeys(route());

        breakConnections();

        await().atMost(TIME).untilAsserted(() -> {
            assertThat(manager.connections()).containsEntry(route(), session.connection());
            assertThat(session.connection().isConnected()).isTrue();
            assertThat(session.connection().reconnects()).isPositive();
            assertThat(tunnel.stats().reconnects()).isPositive();
        });
        session.close();
        assertThat(manager.connections()).isEmpty();
    }

    @Test
    void runsCommandsAndTellsHowTheyEnded() {
        ExecResult result = connect().exec("printf 'out ä'; printf err >&2; exit 3", TIME);

        assertThat(result).isEqualTo(new ExecResult(3, "out ä", "err"));
        assertThat(result.succeeded()).isFalse();
    }

    @Test
    void abandonsCommandThatTakesTooLong() {
        assertThatThrownBy(() -> connect().exec("sleep 30", Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        TunnelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT))
                .hasMessageContaining("sleep 30");
    }

    @Test
    void runsManyCommandsSideBySide() throws Exception {
        LoginSession session = connect();
        List<Future<ExecResult>> results = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String word = "word" + i;
            results.add(threads.submit(() -> session.exec("echo " + word, TIME)));
        }

        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i).get().output()).isEqualTo("word" + i + "\n");
        }
    }

    @Test
    void listsListeningPortsOfTheLoginNode() throws IOException {
        LoginSession session = connect();
        int closed = freePort();
        try (ServerSocket here = new ServerSocket(0);
                ServerSocket there = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.9"))) {
            assertThat(session.listeningPorts(TIME))
                    .contains(here.getLocalPort(), there.getLocalPort())
                    .doesNotContain(closed);
        }
    }

    @Test
    void writesAndReadsFilesOfTheLoginNode(@TempDir Path folder) throws IOException {
        LoginSession session = connect();
        Path file = folder.resolve("kube config");
        byte[] content = new byte[300_000];
        new Random(3).nextBytes(content);

        session.writeFile(file.toString(), "first".getBytes(StandardCharsets.UTF_8), TIME);
        session.writeFile(file.toString(), content, TIME);

        assertThat(file).hasBinaryContent(content);
        assertThat(Files.getPosixFilePermissions(file))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        assertThat(folder.toFile().list()).containsExactly("kube config");
        assertThat(session.readFile(file.toString(), content.length, TIME)).isEqualTo(content);
        assertThatThrownBy(() -> session.readFile(file.toString(), content.length - 1, TIME))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> session.readFile(folder.resolve("none").toString(), 10, TIME))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("none");
    }

    /** Opens a session that the test closes. */
    protected final LoginSession connect() {
        LoginSession session = manager.connect(route(), TIME);
        resources.add(0, session);
        return session;
    }

    /** A local forward of a free port to the echo server. */
    protected final Forward local() {
        return Forward.local(Endpoint.localhost(freePort()), echo.endpoint());
    }

    /** A remote forward of a free port to the echo server. */
    protected final Forward remote() {
        return Forward.remote(Endpoint.localhost(freePort()), echo.endpoint());
    }

    /** Sends a text through a forward and reads the answer. */
    protected final String ask(Forward forward, String question) throws IOException {
        return new String(exchange(forward, question.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    /** Sends data to an echo server while it reads what comes back, until all is back. */
    private byte[] exchange(Forward forward, byte[] data) throws IOException {
        try (Socket socket = open(forward)) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(socket, data), threads);
            byte[] answer = socket.getInputStream().readNBytes(data.length);
            sent.join();
            return answer;
        }
    }

    private static Socket open(Forward forward) throws IOException {
        Socket socket = new Socket();
        socket.connect(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), forward.bind().port()),
                (int) TIME.toMillis());
        socket.setSoTimeout((int) TIME.toMillis());
        return socket;
    }

    private static void send(Socket socket, byte[] data) {
        try {
            socket.getOutputStream().write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port on which nothing listens. */
    protected static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells whether something listens on a port of the loopback interface. */
    protected static boolean isListening(int port) {
        return isListening("127.0.0.1", port);
    }

    private static boolean isListening(String address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends back what it gets. */
    private static final class EchoServer implements AutoCloseable {
        private final ServerSocket listener;
        private final AtomicInteger accepted = new AtomicInteger();

        EchoServer() {
            try {
                listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            start(this::accept);
        }

        Endpoint endpoint() {
            return Endpoint.localhost(listener.getLocalPort());
        }

        int accepted() {
            return accepted.get();
        }

        private void accept() {
            try {
                while (!listener.isClosed()) {
                    Socket socket = listener.accept();
                    accepted.incrementAndGet();
                    start(() -> answer(socket));
                }
            } catch (IOException e) {
                assertThat(listener.isClosed()).isTrue();
            }
        }

        private static void answer(Socket socket) {
            try (socket) {
                socket.getInputStream().transferTo(socket.getOutputStream());
            } catch (IOException e) {
                // The client went away: tests that break connections see to that.
                assertThat(e).isNotNull();
            }
        }

        private static void start(Runnable task) {
            Thread thread = new Thread(task, "echo");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
