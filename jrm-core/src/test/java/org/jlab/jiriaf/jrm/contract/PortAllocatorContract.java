package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.port.PortAllocationException;
import org.jlab.jiriaf.jrm.port.PortAllocator;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.port.PortRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link PortAllocator} does. Subclasses make an allocator over an empty store; whatever allocators they make during
 * one test share that store, as launchers on several machines do.
 */
public abstract class PortAllocatorContract {

    private static final List<String> HOSTS = List.of("control-plane", "login01");

    /** Ports that nothing on a usual machine listens on. */
    private static final PortRange RANGE = new PortRange(21000, 21999);

    @SuppressWarnings("NullAway.Init")
    private PortAllocator allocator;

    /** Makes an allocator; leases hold for one hour. */
    protected abstract PortAllocator newAllocator();

    @BeforeEach
    void makeAllocator() {
        allocator = newAllocator();
    }

    @Test
    void leasesAsManyDifferentPortsOfTheRangeAsAskedFor() {
        List<PortLease> leases = allocator.allocate(request("a", 50, RANGE));

        assertThat(leases).hasSize(50).allSatisfy(lease -> {
            assertThat(RANGE.contains(lease.port())).isTrue();
            assertThat(lease.hosts()).isEqualTo(HOSTS);
            assertThat(lease.owner()).isEqualTo("a");
            assertThat(lease.purpose()).isEqualTo("kubelet");
            assertThat(lease.expiresAt()).isBetween(inMinutes(59), inMinutes(61));
        });
        assertThat(ports(leases)).hasSize(50);
        assertThat(allocator.leases()).containsExactlyInAnyOrderElementsOf(leases);
    }

    @Test
    void neverGivesAPortTwiceToLaunchersThatRunAtOnce() throws Exception {
        PortRange narrow = new PortRange(21000, 21255);
        ExecutorService launchers = Executors.newFixedThreadPool(8);
        try {
            List<Callable<List<PortLease>>> deploys = IntStream.range(0, 40)
                    .<Callable<List<PortLease>>>mapToObj(i -> {
                        PortAllocator own = newAllocator();
                        return () -> own.allocate(request("deploy-" + i, 5, narrow));
                    })
                    .toList();
            List<PortLease> all = new ArrayList<>();
            for (Future<List<PortLease>> deploy : launchers.invokeAll(deploys)) {
                all.addAll(deploy.get());
            }

            assertThat(ports(all)).hasSize(200).hasSameSizeAs(all);
        } finally {
            launchers.shutdownNow();
        }
    }

    @Test
    void leasesAnewWhatItsOwnerUsesAlreadyButNotWhatOthersLease() throws IOException {
        try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PortLease others = allocator.allocate(request("b", 1, RANGE)).get(0);

            List<PortLease> reclaimed =
                    allocator.reclaim(HOSTS, List.of(used.getLocalPort(), others.port()), "a", "kubelet");

            assertThat(reclaimed).singleElement().satisfies(lease -> {
                assertThat(lease.port()).isEqualTo(used.getLocalPort());
                assertThat(lease.owner()).isEqualTo("a");
                assertThat(lease.token()).isGreaterThan(others.token());
            });
            assertThat(allocator.leases()).containsExactlyInAnyOrder(others, reclaimed.get(0));
        }
    }

    @Test
    void neverGivesAPortThatSomethingListensOnHere() throws IOException {
        try (ServerSocket foreign = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PortRange around = new PortRange(foreign.getLocalPort(), foreign.getLocalPort());

            assertThatExceptionOfType(PortAllocationException.class)
                    .isThrownBy(() -> allocator.allocate(request("a", 1, around)))
                    .withMessageContaining(String.valueOf(foreign.getLocalPort()))
                    .withMessageContaining("in use on this host");
            assertThat(allocator.leases()).isEmpty();
        }
    }

    @Test
    void neverGivesAPortThatIsTakenOnAHostItCannotAsk() {
        PortRange three = new PortRange(21000, 21002);

        List<PortLease> leases =
                allocator.allocate(new PortRequest(HOSTS, "a", "kubelet", 1, three, Set.of(21000, 21002)));

        assertThat(ports(leases)).containsExactly(21001);
    }

    @Test
    void leasesAllOrNone() {
        PortRange ten = new PortRange(21000, 21009);
        allocator.allocate(request("a", 6, ten));

        assertThatExceptionOfType(PortAllocationException.class)
                .isThrownBy(() -> allocator.allocate(request("b", 5, ten)))
                .withMessageContaining("21000-21009")
                .withMessageContaining("6 by a");

        assertThat(allocator.leases())
                .hasSize(6)
                .allMatch(lease -> lease.owner().equals("a"));
    }

    @Test
    void leavesTheSamePortToDisjointHosts() {
        PortRange one = new PortRange(21000, 21000);
        allocator.allocate(new PortRequest(List.of("login01"), "a", "kubelet", 1, one, Set.of()));

        List<PortLease> other =
                allocator.allocate(new PortRequest(List.of("login02"), "b", "kubelet", 1, one, Set.of()));

        assertThat(ports(other)).containsExactly(21000);
        assertThatExceptionOfType(PortAllocationException.class)
                .isThrownBy(() -> allocator.allocate(
                        new PortRequest(List.of("login03", "login02"), "c", "kubelet", 1, one, Set.of())));
    }

    @Test
    void givesAReleasedPortAgain() {
        PortRange one = new PortRange(21000, 21000);
        List<PortLease> first = allocator.allocate(request("a", 1, one));
        allocator.release(first);

        List<PortLease> second = allocator.allocate(request("b", 1, one));

        assertThat(second.get(0).token()).isGreaterThan(first.get(0).token());
    }

    @Test
    void leavesAPortAloneThatWasLeasedAnewSince() {
        PortRange one = new PortRange(21000, 21000);
        List<PortLease> first = allocator.allocate(request("a", 1, one));
        allocator.release(first);
        List<PortLease> second = allocator.allocate(request("a", 1, one));

        allocator.release(first);

        assertThat(allocator.leases()).containsExactlyElementsOf(second);
    }

    @Test
    void renewsTheLeasesOfOneOwnerOnly() {
        allocator.allocate(request("a", 2, RANGE));
        PortLease other = allocator.allocate(request("b", 1, RANGE)).get(0);

        List<PortLease> renewed = allocator.renew("a", Duration.ofHours(5));

        assertThat(renewed)
                .hasSize(2)
                .allSatisfy(lease -> assertThat(lease.expiresAt()).isBetween(inMinutes(299), inMinutes(301)));
        assertThat(allocator.leases()).contains(other).containsAll(renewed);
    }

    private static PortRequest request(String owner, int count, PortRange range) {
        return new PortRequest(HOSTS, owner, "kubelet", count, range, Set.of());
    }

    private static Set<Integer> ports(List<PortLease> leases) {
        Set<Integer> ports = new HashSet<>();
        leases.forEach(lease -> ports.add(lease.port()));
        return ports;
    }

    private static Instant inMinutes(int minutes) {
        return Instant.now().plus(Duration.ofMinutes(minutes));
    }
}
