package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Much data, many connections, many and long failures, through the site's jump host. What goes through the local forward comes to
 * the login node, takes the remote one back to the control plane and ends at a server of the test: a way through both kinds. How
 * many seconds the black hole lasts: {@code jrm.blackHole}.
 */
@Tag("practice")
@Timeout(300)
class TunnelLoadTest {

    private static final Duration TIME = Duration.ofSeconds(60);
    private static final Duration BLACK_HOLE = Duration.ofSeconds(Integer.getInteger("jrm.blackHole", 60));
    private static final SshRoute ROUTE = new SshRoute(List.of(SshHop.parse("keylogin")), null, null);
    private static final long GIBIBYTE = 1L << 30;
    private static final int PIECE = 1 << 16;

    private final PracticeSite site = PracticeSite.find();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ServerSocket server = listen();
    private final int entry = PracticeSite.freePort();

    private TunnelManager manager;
    private List<Tunnel> tunnels;

    @BeforeEach
    void open() {
        manager = SshjTunnelManager.builder()
                .knownHosts(site.knownHosts())
                .sshConfig(site.sshConfig())
                .build();
        openTunnels();
    }

    private void openTunnels() {
        LoginSession session = manager.connect(ROUTE, TIME);
        Endpoint onLoginNode = Endpoint.localhost(PracticeSite.freePort());
        tunnels = session.open(
                List.of(
                        Forward.remote(onLoginNode, Endpoint.localhost(server.getLocalPort())),
                        Forward.local(Endpoint.localhost(entry), onLoginNode)),
                TIME);
    }

    @AfterEach
    void close() throws IOException {
        manager.close();
        server.close();
        threads.shutdownNow();
    }

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), entry), (int) TIME.toMillis());
        socket.setSoTimeout((int) TIME.toMillis());
        return socket;
    }

    /** Sends back what comes, on every connection. */
    private void echo() {
        threads.execute(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    threads.execute(() -> sendBack(socket));
                } catch (IOException e) {
                    // The end of the test.
                    assertThat(server.isClosed()).isTrue();
                }
            }
        });
    }

    private static void sendBack(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // The connection was cut, as it has to be while servers are being killed.
            assertThat(e).isNotNull();
        }
    }

    private boolean isServed() {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(42);
            return socket.getInputStream().read() == 42;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isUp() {
        return tunnels.stream().allMatch(tunnel -> tunnel.state().isUp());
    }

    /** Sends bytes through and returns how many came back before the connection ended: those that were sent. */
    private int exchange(int length) throws Exception {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        byte[] answer;
        try (Socket socket = connect()) {
            Future<?> sent = threads.submit(() -> {
                socket.getOutputStream().write(data);
                return null;
            });
            answer = socket.getInputStream().readNBytes(length);
            sent.get();
        }
        assertThat(answer).isEqualTo(Arrays.copyOf(data, answer.length));
        return answer.length;
    }

    @Test
    void aGibibyteEachWayArrivesUnchanged() throws Exception {
        try (Socket near = connect();
                Socket far = server.accept()) {
            List<Future<Long>> sums = new ArrayList<>();
            for (List<Socket> way : List.of(List.of(near, far), List.of(far, near))) {
                sums.add(threads.submit(() -> send(way.get(0))));
                sums.add(threads.submit(() -> receive(way.get(1))));
            }
            assertThat(sums.get(1).get()).isEqualTo(sums.get(0).get());
            assertThat(sums.get(3).get()).isEqualTo(sums.get(2).get());
        }
    }

    private static long send(Socket socket) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] piece = new byte[PIECE];
        Random random = new Random(1);
        OutputStream out = socket.getOutputStream();
        for (long sent = 0; sent < GIBIBYTE; sent += PIECE) {
            random.nextBytes(piece);
            sum.update(piece);
            out.write(piece);
        }
        socket.shutdownOutput();
        return sum.getValue() ^ GIBIBYTE;
    }

    private static long receive(Socket socket) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] piece = new byte[PIECE];
        InputStream in = socket.getInputStream();
        long received = 0;
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
            sum.update(piece, 0, count);
            received += count;
        }
        return sum.getValue() ^ received;
    }

    @Test
    void tenThousandConnectionsLeaveNothingBehind() throws Exception {
        echo();
        use(1000);
        Usage before = Usage.now();

        use(10_000);

        await().atMost(TIME).untilAsserted(() -> {
            Usage after = Usage.now();
            assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + 5);
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 20);
            assertThat(after.heap()).isLessThan(before.heap() + 5_000_000);
        });
    }

    private void use(int times) throws Exception {
        AtomicLong left = new AtomicLong(times);
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            users.add(threads.submit(() -> {
                while (left.getAndDecrement() > 0) {
                    assertThat(isServed()).isTrue();
                }
            }));
        }
        for (Future<?> user : users) {
            user.get();
        }
    }

    private record Usage(long descriptors, long threads, long heap) {
        static Usage now() {
            System.gc();
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
                return new Usage(
                        open.count(),
                        ManagementFactory.getThreadMXBean().getThreadCount(),
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void aSlowReaderDoesNotStallItsNeighbours() throws Exception {
        echo();
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                Socket socket = connect();
                slow.add(socket);
                flood(socket);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(isServed()).isTrue();
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Sends without reading what comes back, until nothing more is taken for a while. */
    private void flood(Socket socket) {
        AtomicLong sent = new AtomicLong();
        threads.execute(() -> {
            try {
                byte[] data = new byte[PIECE];
                while (true) {
                    socket.getOutputStream().write(data);
                    sent.addAndGet(PIECE);
                }
            } catch (IOException e) {
                // Closed at the end of the test.
                assertThat(e).isNotNull();
            }
        });
        AtomicLong seen = new AtomicLong(-1);
        await().atMost(TIME).pollInterval(Duration.ofMillis(300)).until(() -> {
            long now = sent.get();
            return seen.getAndSet(now) == now;
        });
    }

    @Test
    void keysAreExchangedUnderLoad() throws Exception {
        manager.close();
        site.restartSshd("login01", "RekeyLimit 1M");
        try {
            open();
            echo();

            assertThat(exchange(30_000_000)).isEqualTo(30_000_000);
        } finally {
            site.restartSshd("login01");
        }
    }

    @Test
    void comesBackTwentyTimesInARowUnderTraffic() throws Exception {
        echo();
        AtomicBoolean over = new AtomicBoolean();
        List<Future<?>> traffic = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            traffic.add(threads.submit(() -> {
                while (!over.get()) {
                    try {
                        exchange(3_000_000);
                    } catch (IOException | ExecutionException e) {
                        // Broken, as it has to be while the server is being killed.
                        assertThat(e).isNotNull();
                    }
                }
                return null;
            }));
        }
        for (int i = 0; i < 20; i++) {
            site.run("sshd", "login01", "kill");
            site.run("sshd", "login01", "start");
            await().atMost(TIME).pollInterval(Duration.ofMillis(20)).until(() -> isUp() && isServed());
        }
        over.set(true);
        for (Future<?> one : traffic) {
            one.get(TIME.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(exchange(3_000_000)).isEqualTo(3_000_000);
    }

    @Test
    void survivesBlackHole() {
        echo();
        long start = System.nanoTime();
        site.run("partition", "jump", "on");
        try {
            await().atMost(TIME)
                    .until(() ->
                            tunnels.stream().noneMatch(tunnel -> tunnel.state().isUp()));
            Duration left = BLACK_HOLE.minusNanos(System.nanoTime() - start);
            if (!left.isNegative() && !left.isZero()) {
                await().pollDelay(left).atMost(left.plus(TIME)).until(() -> !isUp());
            }
        } finally {
            site.run("partition", "jump", "off");
        }

        await().atMost(TIME).until(() -> isUp() && isServed());
    }
}
