package org.jlab.jiriaf.jrm.examples.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.port.InMemoryPortLeaseStore;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.port.PortAllocationException;
import org.jlab.jiriaf.jrm.port.PortAllocator;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.port.PortRequest;

/**
 * How long it takes to allocate 1, 100 and 5,000 ports with 0, 50 and 95 % of the range in use, beside the way of the tool
 * before jrm: bind and close each port of the range on 127.0.0.1, then take the first free ones. Half of what is in use is
 * leased, the other half is bound by real sockets, as far as the limit of open files allows. The store is in memory; a shared
 * one adds its round trips, whose number is shown.
 *
 * <p>Arguments: rounds (default 15), first and last port (default 20000 and 49999).
 */
public final class PortBenchmark {

    private static final List<String> HOSTS = List.of("control-plane", "login01");
    private static final int[] COUNTS = {1, 100, 5000};
    private static final int[] PERCENT_IN_USE = {0, 50, 95};

    private final PrintStream out;
    private final int rounds;
    private final PortRange range;

    private PortBenchmark(PrintStream out, int rounds, PortRange range) {
        this.out = out;
        this.rounds = rounds;
        this.range = range;
    }

    /**
     * Runs it.
     *
     * @param args rounds, first port, last port; all optional
     * @throws IOException if sockets cannot be opened
     */
    public static void main(String... args) throws IOException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 15;
        PortRange range = args.length > 2
                ? new PortRange(Integer.parseInt(args[1]), Integer.parseInt(args[2]))
                : PortRange.CUSTOM_METRICS;
        new PortBenchmark(System.out, rounds, range).run();
    }

    private void run() throws IOException {
        out.printf("Median of %d rounds over %s, %d ports, in milliseconds%n", rounds, range, range.size());
        out.println("in use | of it bound | ports |     jrm | round trips | bind and close the range");
        for (int percent : PERCENT_IN_USE) {
            try (Occupants occupants = new Occupants(range, percent)) {
                for (int count : COUNTS) {
                    measure(percent, count, occupants);
                }
            }
        }
    }

    private void measure(int percent, int count, Occupants occupants) throws IOException {
        CountingStore store = new CountingStore(occupants.leased());
        PortAllocator allocator = new LeasingPortAllocator(store);
        PortRequest request = new PortRequest(HOSTS, "benchmark", "kubelet", count, range, Set.of());
        List<Double> jrm = new ArrayList<>();
        List<Double> before = new ArrayList<>();
        String given = "";
        int trips = 0;
        int free = 0;
        for (int round = 0; round < rounds; round++) {
            store.trips = 0;
            long start = System.nanoTime();
            List<PortLease> leases;
            try {
                leases = allocator.allocate(request);
            } catch (PortAllocationException exhausted) {
                leases = List.of();
                given = " (refused: the range holds no " + count + " free ports)";
            }
            jrm.add(millisSince(start));
            trips = store.trips;
            allocator.release(leases);
            start = System.nanoTime();
            free = bindAndCloseRange();
            before.add(millisSince(start));
        }
        out.printf(
                "%5d%% | %11d | %5d | %7.2f | %11d | %.2f for %d free%s%n",
                percent, occupants.bound(), count, median(jrm), trips, median(before), free, given);
    }

    /** The whole range each time, as it was: 0.65 s for 30,000 ports in Python. */
    private int bindAndCloseRange() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        int free = 0;
        for (int port = range.first(); port <= range.last(); port++) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(loopback, port));
                free++;
            } catch (BindException inUse) {
                // That is the answer.
            }
        }
        return free;
    }

    private static double millisSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toNanos() / 1e6;
    }

    private static double median(List<Double> values) {
        Collections.sort(values);
        return values.get(values.size() / 2);
    }

    /** Those who are there already. */
    private static final class Occupants implements AutoCloseable {

        private final PortLeaseStore leased = new InMemoryPortLeaseStore();
        private final List<SocketChannel> bound = new ArrayList<>();

        Occupants(PortRange range, int percent) throws IOException {
            List<Integer> ports = IntStream.rangeClosed(range.first(), range.last())
                    .boxed()
                    .collect(Collectors.toCollection(ArrayList::new));
            Collections.shuffle(ports, new Random(1));
            List<Integer> inUse = ports.subList(0, range.size() * percent / 100);
            int half = inUse.size() / 2;
            bind(inUse.subList(0, half));
            List<Integer> rest = new ArrayList<>(inUse.subList(bound.size(), inUse.size()));
            leased.acquire(HOSTS, rest, rest.size(), "others", "kubelet", Duration.ofHours(1));
        }

        private void bind(List<Integer> ports) throws IOException {
            for (int port : ports) {
                SocketChannel socket = SocketChannel.open();
                try {
                    socket.bind(new InetSocketAddress(port));
                    bound.add(socket);
                } catch (BindException taken) {
                    socket.close();
                }
            }
        }

        PortLeaseStore leased() {
            return leased;
        }

        int bound() {
            return bound.size();
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel socket : bound) {
                socket.close();
            }
        }
    }

    /** Counts round trips. */
    private static final class CountingStore implements PortLeaseStore {

        private final PortLeaseStore store;
        private int trips;

        CountingStore(PortLeaseStore store) {
            this.store = store;
        }

        @Override
        public List<PortLease> acquire(
                List<String> hosts, List<Integer> ports, int count, String owner, String purpose, Duration validity) {
            trips++;
            return store.acquire(hosts, ports, count, owner, purpose, validity);
        }

        @Override
        public List<PortLease> renew(String owner, Duration validity) {
            trips++;
            return store.renew(owner, validity);
        }

        @Override
        public void release(Collection<PortLease> leases) {
            trips++;
            store.release(leases);
        }

        @Override
        public List<PortLease> list() {
            trips++;
            return store.list();
        }
    }
}
