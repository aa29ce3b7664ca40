package org.jlab.jiriaf.jrm.examples.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.examples.benchmark.SshPeers.Kind;

/**
 * Puts jrm's tunnels beside {@code ssh -L} and {@code autossh}, in turns, on one OpenSSH server of its own on the loopback
 * interface, with the same cipher. Needs {@code ssh}, {@code sshd} and {@code autossh}.
 *
 * <p>Arguments: the names of the parts to run ({@code throughput}, {@code connections}, {@code requests}, {@code forwards},
 * {@code distance}, {@code recovery}; all by default) and {@code rounds=N} (3 by default). Prints the medians.
 */
@SuppressWarnings("try") // A forwarder is there to be open, not to be called.
public final class TunnelBenchmark implements AutoCloseable {

    private static final Duration PHASE = Duration.ofSeconds(3);
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final int ONE_WAY_MILLIS = 20;
    private static final int MANY = 1000;
    private static final double MEBIBYTE = 1024 * 1024;
    private static final int HEAD = 200;
    private static final int BODY = 2000;
    private static final Duration AWAY = Duration.ofSeconds(5);

    private final SshPeers peers = new SshPeers();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "load");
        thread.setDaemon(true);
        return thread;
    });
    private final ServerSocket sink = listen(this::discard);
    private final ServerSocket source = listen(this::produce);
    private final ServerSocket echo = listen(this::echo);
    private final ServerSocket answering = listen(this::answer);
    private final ServerSocket keepingAlive = listen(this::keepAlive);
    private final AtomicLong discarded = new AtomicLong();
    private final int rounds;

    private TunnelBenchmark(int rounds) throws IOException, InterruptedException {
        this.rounds = rounds;
    }

    /**
     * Runs the benchmark.
     *
     * @param arguments see the class
     * @throws Exception if a program that is compared is missing or fails
     */
    public static void main(String[] arguments) throws Exception {
        List<String> parts = new ArrayList<>(List.of(arguments));
        int rounds = parts.stream()
                .filter(part -> part.startsWith("rounds="))
                .mapToInt(part -> Integer.parseInt(part.substring("rounds=".length())))
                .findFirst()
                .orElse(3);
        parts.removeIf(part -> part.startsWith("rounds="));
        try (TunnelBenchmark benchmark = new TunnelBenchmark(rounds)) {
            Map<String, Callable<?>> all = new LinkedHashMap<>();
            all.put("throughput", benchmark::throughput);
            all.put("connections", benchmark::connections);
            all.put("requests", benchmark::requests);
            all.put("forwards", benchmark::forwards);
            all.put("distance", benchmark::distance);
            all.put("recovery", benchmark::recovery);
            for (Map.Entry<String, Callable<?>> part : all.entrySet()) {
                if (parts.isEmpty() || parts.contains(part.getKey())) {
                    part.getValue().call();
                }
            }
        }
    }

    /** Measures something through a forward that listens on a port. */
    private interface Measure {
        double[] through(int port) throws Exception;
    }

    private Void compare(String title, int sshPort, int target, List<Kind> kinds, String columns, Measure measure)
            throws Exception {
        Map<Kind, List<double[]>> results = new EnumMap<>(Kind.class);
        for (int round = 0; round < rounds; round++) {
            for (Kind kind : kinds) {
                int port = SshPeers.freePort();
                double[] result = peers.withForwards(kind, sshPort, List.of(port), target, () -> measure.through(port));
                results.computeIfAbsent(kind, key -> new ArrayList<>()).add(result);
            }
        }
        print(title, columns, results);
        return null;
    }

    private static void print(String title, String columns, Map<Kind, List<double[]>> results) {
        System.out.printf("%n%s%n%-18s %s%n", title, "", columns);
        results.forEach((kind, values) -> {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < values.get(0).length; column++) {
                int index = column;
                double[] sorted = values.stream()
                        .mapToDouble(value -> value[index])
                        .sorted()
                        .toArray();
                line.append(String.format(Locale.ROOT, "%14.2f", sorted[sorted.length / 2]));
            }
            System.out.printf("%-18s %s%n", kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), line);
        });
    }

    private Void throughput() throws Exception {
        List<Kind> kinds = List.of(Kind.JRM, Kind.SSH);
        compare("Up, Mbit/s", peers.port(), sink.getLocalPort(), kinds, "    throughput", this::up);
        return compare("Down, Mbit/s", peers.port(), source.getLocalPort(), kinds, "    throughput", this::down);
    }

    private Void distance() throws Exception {
        try (DelayProxy proxy = new DelayProxy(peers.port(), ONE_WAY_MILLIS)) {
            List<Kind> kinds = List.of(Kind.JRM, Kind.SSH);
            compare("Up at 40 ms, Mbit/s", proxy.port(), sink.getLocalPort(), kinds, "    throughput", this::up);
            return compare(
                    "Down at 40 ms, Mbit/s", proxy.port(), source.getLocalPort(), kinds, "    throughput", this::down);
        }
    }

    private double[] up(int port) throws Exception {
        double rate;
        Future<?> sending;
        try (Socket socket = connect(port)) {
            sending = threads.submit(() -> produce(socket));
            pause(WARM_UP);
            long before = discarded.get();
            long start = System.nanoTime();
            pause(PHASE);
            rate = megabits(discarded.get() - before, System.nanoTime() - start);
        }
        sending.get();
        return new double[] {rate};
    }

    private double[] down(int port) throws Exception {
        try (Socket socket = connect(port)) {
            byte[] buffer = new byte[256 * 1024];
            InputStream in = socket.getInputStream();
            read(in, buffer, WARM_UP);
            long start = System.nanoTime();
            long bytes = read(in, buffer, PHASE);
            return new double[] {megabits(bytes, System.nanoTime() - start)};
        }
    }

    private static long read(InputStream in, byte[] buffer, Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        long bytes = 0;
        while (System.nanoTime() < end) {
            int count = in.read(buffer);
            if (count < 0) {
                throw new IOException("ended early");
            }
            bytes += count;
        }
        return bytes;
    }

    private static double megabits(long bytes, long nanos) {
        return bytes * 8e3 / nanos;
    }

    private Void connections() throws Exception {
        return compare(
                "New connections per second, each with one request that the server answers and closes",
                peers.port(),
                answering.getLocalPort(),
                List.of(Kind.JRM, Kind.SSH, Kind.SSH_WITH_SESSION),
                "  one by one     16 at once",
                port -> new double[] {connectionRate(port, 1), connectionRate(port, 16)});
    }

    private double connectionRate(int port, int sideBySide) throws Exception {
        AtomicLong count = new AtomicLong();
        AtomicLong counting = new AtomicLong(-1);
        long warm = System.nanoTime() + WARM_UP.toNanos();
        long end = warm + PHASE.toNanos();
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < sideBySide; i++) {
            workers.add(threads.submit(() -> {
                while (System.nanoTime() < end) {
                    try (Socket socket = connect(port)) {
                        socket.getOutputStream().write(new byte[HEAD]);
                        socket.getInputStream().readAllBytes();
                    }
                    if (System.nanoTime() > warm) {
                        counting.compareAndSet(-1, System.nanoTime());
                        count.incrementAndGet();
                    }
                }
                return null;
            }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
        return count.get() * 1e9 / (System.nanoTime() - counting.get());
    }

    private Void requests() throws Exception {
        return compare(
                "Requests of 200 bytes through one connection, answered with a head and a body, microseconds",
                peers.port(),
                keepingAlive.getLocalPort(),
                List.of(Kind.JRM, Kind.SSH, Kind.SSH_WITH_SESSION),
                "           p50           p99",
                this::requestTimes);
    }

    private double[] requestTimes(int port) throws Exception {
        try (Socket socket = connect(port)) {
            long warm = System.nanoTime() + WARM_UP.toNanos();
            while (System.nanoTime() < warm) {
                request(socket);
            }
            List<Long> times = new ArrayList<>();
            long end = System.nanoTime() + PHASE.toNanos();
            while (System.nanoTime() < end) {
                long start = System.nanoTime();
                request(socket);
                times.add(System.nanoTime() - start);
            }
            double[] sorted =
                    times.stream().mapToDouble(nanos -> nanos / 1e3).sorted().toArray();
            return new double[] {sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]};
        }
    }

    private static void request(Socket socket) throws IOException {
        socket.getOutputStream().write(new byte[HEAD]);
        if (socket.getInputStream().readNBytes(HEAD + BODY).length < HEAD + BODY) {
            throw new IOException("ended early");
        }
    }

    private Void forwards() throws Exception {
        Map<Kind, List<double[]>> results = new EnumMap<>(Kind.class);
        for (int round = 0; round < rounds; round++) {
            for (Kind kind : List.of(Kind.JRM, Kind.SSH)) {
                List<Integer> ports = IntStream.range(20_000, 40_000)
                        .filter(port -> !SshPeers.accepts(port))
                        .limit(MANY)
                        .boxed()
                        .toList();
                long memory = usedMemory();
                int threadsBefore = Thread.activeCount();
                long start = System.nanoTime();
                double[] result = peers.withForwards(kind, peers.port(), ports, echo.getLocalPort(), () -> {
                    double millis = (System.nanoTime() - start) / 1e6;
                    return kind == Kind.JRM
                            ? new double[] {
                                millis, (usedMemory() - memory) / MEBIBYTE, Thread.activeCount() - threadsBefore
                            }
                            : new double[] {millis, peers.residentKiB() / 1024.0, 1};
                });
                results.computeIfAbsent(kind, key -> new ArrayList<>()).add(result);
            }
        }
        print("1,000 local forwards, log-in included", "            ms           MiB       threads", results);
        return null;
    }

    private static long usedMemory() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private Void recovery() throws Exception {
        return compare(
                "Seconds until traffic flows again",
                peers.port(),
                echo.getLocalPort(),
                List.of(Kind.JRM, Kind.AUTOSSH),
                "    connection    server back",
                port -> {
                    awaitTraffic(port);
                    long killed = System.nanoTime();
                    peers.killConnections();
                    awaitTraffic(port);
                    double connection = (System.nanoTime() - killed) / 1e9;
                    peers.stopServer();
                    pause(AWAY);
                    peers.startServer();
                    long back = System.nanoTime();
                    awaitTraffic(port);
                    return new double[] {connection, (System.nanoTime() - back) / 1e9};
                });
    }

    private static void awaitTraffic(int port) {
        SshPeers.await(
                () -> {
                    try (Socket socket = connect(port)) {
                        socket.setSoTimeout(1000);
                        exchange(socket, new byte[10]);
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                },
                Duration.ofMinutes(2));
    }

    private static void exchange(Socket socket, byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        if (socket.getInputStream().readNBytes(request.length).length < request.length) {
            throw new IOException("ended early");
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    private static void pause(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    // The far ends of the forwards.

    private interface Service {
        void serve(Socket socket) throws IOException;
    }

    private ServerSocket listen(Service service) throws IOException {
        ServerSocket listener = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> serve(listener, service), "service");
        thread.setDaemon(true);
        thread.start();
        return listener;
    }

    private void serve(ServerSocket listener, Service service) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                threads.execute(() -> {
                    try (socket) {
                        socket.setTcpNoDelay(true);
                        service.serve(socket);
                    } catch (IOException e) {
                        // The client has what it wanted.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private void discard(Socket socket) throws IOException {
        byte[] buffer = new byte[256 * 1024];
        InputStream in = socket.getInputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            discarded.addAndGet(count);
        }
    }

    private void produce(Socket socket) {
        byte[] buffer = new byte[256 * 1024];
        Arrays.fill(buffer, (byte) 'x');
        try {
            OutputStream out = socket.getOutputStream();
            while (true) {
                out.write(buffer);
            }
        } catch (IOException e) {
            // The reader has had enough.
        }
    }

    /** Answers one request as a small HTTP server does, head and body apart, and closes. */
    private void answer(Socket socket) throws IOException {
        if (socket.getInputStream().readNBytes(HEAD).length == HEAD) {
            socket.getOutputStream().write(new byte[HEAD]);
            socket.getOutputStream().write(new byte[BODY]);
        }
    }

    /** The same for request after request. */
    private void keepAlive(Socket socket) throws IOException {
        while (socket.getInputStream().readNBytes(HEAD).length == HEAD) {
            socket.getOutputStream().write(new byte[HEAD]);
            socket.getOutputStream().write(new byte[BODY]);
        }
    }

    private void echo(Socket socket) throws IOException {
        socket.getInputStream().transferTo(socket.getOutputStream());
    }

    @Override
    public void close() throws IOException {
        for (ServerSocket listener : List.of(sink, source, echo, answering, keepingAlive)) {
            listener.close();
        }
        threads.shutdownNow();
        peers.close();
    }
}
