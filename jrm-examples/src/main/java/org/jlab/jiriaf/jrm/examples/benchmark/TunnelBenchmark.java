package org.jlab.jiriaf.jrm.examples.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
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
 * {@code distance}, {@code recovery}; all by default) and {@code rounds=N} (3 by default). Prints the medians, and at the end all of them
 * beside what jrm aims at.
 */
@SuppressWarnings("try") // A forwarder is there to be open, not to be called.
public final class TunnelBenchmark implements AutoCloseable {

    private static final Duration PHASE = Duration.ofSeconds(3);
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final int ONE_WAY_MILLIS = 20;
    private static final int MANY = 1000;
    private static final int CONNECTIONS = 20;
    private static final int ANSWER = TunnelBenchmarkTargets.HEAD + TunnelBenchmarkTargets.BODY;
    private static final String THROUGHPUT = "    throughput";
    private static final double MEBIBYTE = 1024 * 1024;
    private static final Duration AWAY = Duration.ofSeconds(5);

    private final SshPeers peers = new SshPeers();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "load");
        thread.setDaemon(true);
        return thread;
    });
    private final TunnelBenchmarkTargets targets = new TunnelBenchmarkTargets(threads);
    private final TunnelBenchmarkReport report = new TunnelBenchmarkReport();
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
            benchmark.report.printMachine();
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
            benchmark.report.printSummary();
        }
    }

    /** Measures something through a forward that listens on a port. */
    private interface Measure {
        double[] through(int port) throws Exception;
    }

    private Map<Kind, List<double[]>> compare(
            String title, int sshPort, int target, List<Kind> kinds, String columns, Measure measure) throws Exception {
        Map<Kind, List<double[]>> results = new EnumMap<>(Kind.class);
        for (int round = 0; round < rounds; round++) {
            for (Kind kind : kinds) {
                int port = SshPeers.freePort();
                double[] result = peers.withForwards(kind, sshPort, List.of(port), target, () -> measure.through(port));
                results.computeIfAbsent(kind, key -> new ArrayList<>()).add(result);
            }
        }
        report.add(title, columns, results);
        return results;
    }

    private Void throughput() throws Exception {
        List<Kind> kinds = List.of(Kind.JRM, Kind.SSH);
        var up = compare("Up, Mbit/s", peers.port(), targets.sink(), kinds, THROUGHPUT, this::up);
        report.compare("up, Mbit/s", up, 0, Kind.SSH, "at least 0.95");
        var down = compare("Down, Mbit/s", peers.port(), targets.source(), kinds, THROUGHPUT, this::down);
        report.compare("down, Mbit/s", down, 0, Kind.SSH, "at least 0.95");
        return null;
    }

    private Void distance() throws Exception {
        try (DelayProxy proxy = new DelayProxy(peers.port(), ONE_WAY_MILLIS)) {
            List<Kind> kinds = List.of(Kind.JRM, Kind.SSH);
            var up = compare("Up at 40 ms, Mbit/s", proxy.port(), targets.sink(), kinds, THROUGHPUT, this::up);
            report.compare("up at 40 ms, Mbit/s", up, 0, Kind.SSH, "bound by the server's window");
            var down = compare("Down at 40 ms, Mbit/s", proxy.port(), targets.source(), kinds, THROUGHPUT, this::down);
            report.compare("down at 40 ms, Mbit/s", down, 0, Kind.SSH, "at least 5");
            return null;
        }
    }

    private double[] up(int port) throws Exception {
        double rate;
        Future<?> sending;
        try (Socket socket = connect(port)) {
            sending = threads.submit(() -> TunnelBenchmarkTargets.produce(socket));
            pause(WARM_UP);
            long before = targets.discarded();
            long start = System.nanoTime();
            pause(PHASE);
            rate = megabits(targets.discarded() - before, System.nanoTime() - start);
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
        var results = compare(
                "New connections per second, each with one request that the server answers and closes",
                peers.port(),
                targets.answering(),
                List.of(Kind.JRM, Kind.SSH, Kind.SSH_WITH_SESSION),
                "  one by one     16 at once",
                port -> new double[] {connectionRate(port, 1), connectionRate(port, 16)});
        report.compare("connections/s, one by one", results, 0, Kind.SSH, "at least 10");
        report.compare("connections/s, 16 at once", results, 1, Kind.SSH, "");
        return null;
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
                        socket.getOutputStream().write(new byte[TunnelBenchmarkTargets.HEAD]);
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
        var results = compare(
                "Requests of 200 bytes one after another, answered with a head and a body, microseconds",
                peers.port(),
                targets.keepingAlive(),
                List.of(Kind.JRM, Kind.SSH, Kind.SSH_WITH_SESSION),
                "           p50           p99",
                this::requestTimes);
        report.compare("request p50, microseconds", results, 0, Kind.SSH, "");
        report.compare("request p99, microseconds", results, 1, Kind.SSH, "at most 0.25");
        return null;
    }

    /**
     * Takes a new connection again and again: whether the packets of one wait for TCP's delayed acknowledgements (40 ms) or
     * not is decided early in its life.
     */
    private double[] requestTimes(int port) throws Exception {
        requestsFor(WARM_UP, port);
        List<Long> times = new ArrayList<>();
        long end = System.nanoTime() + PHASE.toNanos();
        while (System.nanoTime() < end) {
            times.addAll(requestsFor(PHASE.dividedBy(CONNECTIONS), port));
        }
        double[] sorted =
                times.stream().mapToDouble(nanos -> nanos / 1e3).sorted().toArray();
        return new double[] {sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]};
    }

    private static List<Long> requestsFor(Duration time, int port) throws IOException {
        List<Long> times = new ArrayList<>();
        try (Socket socket = connect(port)) {
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                long start = System.nanoTime();
                request(socket);
                times.add(System.nanoTime() - start);
            }
        }
        return times;
    }

    private static void request(Socket socket) throws IOException {
        socket.getOutputStream().write(new byte[TunnelBenchmarkTargets.HEAD]);
        if (socket.getInputStream().readNBytes(ANSWER).length < ANSWER) {
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
                double[] result = peers.withForwards(kind, peers.port(), ports, targets.echo(), () -> {
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
        report.add("1,000 local forwards, log-in included", "            ms           MiB       threads", results);
        report.compare("1,000 forwards, ms", results, 0, Kind.SSH, "jrm at most 200");
        report.compare("1,000 forwards, MiB", results, 1, Kind.SSH, "jrm at most 8");
        report.compare("1,000 forwards, threads", results, 2, Kind.SSH, "");
        return null;
    }

    private static long usedMemory() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private Void recovery() throws Exception {
        var results = compare(
                "Seconds until traffic flows again",
                peers.port(),
                targets.echo(),
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
        report.compare("back after lost connection, s", results, 0, Kind.AUTOSSH, "");
        report.compare("back after server was away, s", results, 1, Kind.AUTOSSH, "jrm at most 1, ratio below 1");
        return null;
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

    @Override
    public void close() throws IOException {
        targets.close();
        threads.shutdownNow();
        peers.close();
    }
}
