package org.jlab.jiriaf.jrm.ssh.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What takes long: much data, many connections, many failures, long failures. Run with {@code -Dgroups=slow}. */
@Tag("slow")
@Timeout(300)
@NeedsOpenSsh
class OpenSshSlowTest {

    private static final Duration TIME = Duration.ofSeconds(60);
    private static final long GIBIBYTE = 1L << 30;
    private static final int PIECE = 1 << 16;

    private final EchoServer echo = new EchoServer();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<AutoCloseable> resources = new ArrayList<>(List.of(echo));

    @TempDir
    private Path folder = Path.of("unset");

    private OpenSshServer server() {
        OpenSshServer server = new OpenSshServer(folder.resolve("sshd" + resources.size()));
        resources.add(server);
        return server;
    }

    private LoginSession connect(OpenSshServer server, SshjTunnelManager.Builder builder) {
        TunnelManager manager = builder.build();
        resources.add(manager);
        return manager.connect(server.route(), TIME);
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
        threads.shutdownNow();
    }

    private static Forward local(Endpoint target) {
        return Forward.local(Endpoint.localhost(OpenSshServer.freePort()), target);
    }

    private static Forward remote(Endpoint target) {
        return Forward.remote(Endpoint.localhost(OpenSshServer.freePort()), target);
    }

    @Test
    void carriesGibibyteInBothDirectionsThroughBothKindsOfForward() throws Exception {
        OpenSshServer server = server();
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Endpoint target = Endpoint.localhost(listener.getLocalPort());
            LoginSession session = connect(server, server.manager());
            for (Forward forward : List.of(local(target), remote(target))) {
                session.open(List.of(forward), TIME);
                try (Socket near = echo.open(forward);
                        Socket far = listener.accept()) {
                    List<Future<Long>> sums = new ArrayList<>();
                    for (List<Socket> way : List.of(List.of(near, far), List.of(far, near))) {
                        sums.add(threads.submit(() -> send(way.get(0))));
                        sums.add(threads.submit(() -> receive(way.get(1))));
                    }
                    assertThat(sums.get(1).get()).isEqualTo(sums.get(0).get());
                    assertThat(sums.get(3).get()).isEqualTo(sums.get(2).get());
                }
            }
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
        OpenSshServer server = server();
        LoginSession session = connect(server, server.manager());
        Forward there = local(echo.endpoint());
        Forward back = remote(echo.endpoint());
        session.open(List.of(there, back), TIME);
        use(there, 1000);
        use(back, 1000);
        Usage before = Usage.now();

        use(there, 10_000);
        use(back, 2_000);

        await().atMost(TIME).untilAsserted(() -> {
            Usage after = Usage.now();
            assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + 5);
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 20);
            assertThat(after.heap()).isLessThan(before.heap() + 5_000_000);
        });
    }

    private void use(Forward forward, int times) throws Exception {
        AtomicLong left = new AtomicLong(times);
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            users.add(threads.submit(() -> {
                while (left.getAndDecrement() > 0) {
                    assertThat(echo.ask(forward)).isTrue();
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
    void comesBackTwentyTimesInARowUnderTraffic() throws Exception {
        OpenSshServer server = server();
        LoginSession session = connect(server, server.manager());
        Forward there = local(echo.endpoint());
        Forward back = remote(echo.endpoint());
        List<Tunnel> tunnels = session.open(List.of(there, back), TIME);
        AtomicBoolean over = new AtomicBoolean();
        List<Future<?>> traffic = new ArrayList<>();
        for (Forward forward : List.of(there, back, there, back)) {
            traffic.add(threads.submit(() -> {
                while (!over.get()) {
                    try {
                        echo.roundTripsUnchanged(forward, 3_000_000);
                    } catch (IOException | RuntimeException e) {
                        // Broken, as it has to be while the server is being killed.
                        assertThat(e).isNotNull();
                    }
                }
            }));
        }
        for (int i = 0; i < 20; i++) {
            server.stop();
            server.start();
            await().atMost(TIME)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() ->
                            tunnels.stream().allMatch(tunnel -> tunnel.state().isUp())
                                    && echo.ask(there)
                                    && echo.ask(back));
        }
        over.set(true);
        for (Future<?> one : traffic) {
            one.get(60, TimeUnit.SECONDS);
        }
        assertThat(echo.roundTripsUnchanged(there, 3_000_000)).isTrue();
        assertThat(echo.roundTripsUnchanged(back, 3_000_000)).isTrue();
    }

    @Test
    void survivesBlackHoleOfOneMinute() throws Exception {
        OpenSshServer server = server();
        LoginSession session = connect(server, server.manager());
        List<Tunnel> tunnels = session.open(List.of(local(echo.endpoint()), remote(echo.endpoint())), TIME);
        // The listening process too: whoever connects gets no answer.
        server.suspendAll();
        await().atMost(TIME)
                .until(() -> tunnels.stream().noneMatch(tunnel -> tunnel.state().isUp()));
        TimeUnit.SECONDS.sleep(45);

        server.resumeAll();

        await().atMost(TIME)
                .until(() -> tunnels.stream().allMatch(tunnel -> tunnel.state().isUp() && echo.ask(tunnel.forward())));
    }
}
