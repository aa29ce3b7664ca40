package org.jlab.jiriaf.jrm.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.contract.PortAllocatorContract;
import org.junit.jupiter.api.Test;

class LeasingPortAllocatorTest extends PortAllocatorContract {

    private final CountingStore store = new CountingStore(new InMemoryPortLeaseStore());
    private final AtomicInteger probes = new AtomicInteger();

    @Override
    protected PortAllocator newAllocator() {
        return new LeasingPortAllocator(store);
    }

    @Test
    void onePortOrThousandsCostOneRoundTripAndHardlyMoreProbesThanPorts() {
        PortAllocator allocator = counting(Set.of());

        allocator.allocate(request("a", 1, PortRange.CUSTOM_METRICS));
        assertThat(store.calls()).isEqualTo(1);
        assertThat(probes).hasValueLessThanOrEqualTo(3);

        allocator.allocate(request("b", 5000, new PortRange(1024, 29999)));
        assertThat(store.calls()).isEqualTo(2);
        assertThat(probes).hasValueLessThanOrEqualTo(5400);
    }

    @Test
    void crowdedRangeCostsThreeRoundTrips() {
        PortAllocator allocator = counting(Set.of());
        allocator.allocate(request("a", 9500, PortRange.KUBELET));
        int before = store.calls();

        List<PortLease> leases = allocator.allocate(request("b", 200, PortRange.KUBELET));

        assertThat(leases).hasSize(200);
        assertThat(store.calls() - before).isLessThanOrEqualTo(3);
    }

    @Test
    void givesPortsThatOthersTakeAtAnyMomentLast() {
        PortAllocator allocator = LeasingPortAllocator.builder(store)
                .probe(port -> true)
                .avoid(List.of(new PortRange(21005, 21020), new PortRange(20000, 21001), new PortRange(21004, 21006)))
                .build();
        PortRange range = new PortRange(21000, 21009);

        assertThat(allocator.allocate(request("a", 2, range)))
                .extracting(PortLease::port)
                .containsExactlyInAnyOrder(21002, 21003);
        assertThat(allocator.allocate(request("b", 8, range)))
                .extracting(PortLease::port)
                .containsExactlyInAnyOrder(21000, 21001, 21004, 21005, 21006, 21007, 21008, 21009);
    }

    @Test
    void drawsEveryPortOfARangeOnceAndInNoOrder() {
        PortRange range = new PortRange(20000, 20999);
        CandidatePorts candidates =
                new CandidatePorts(range, Set.of(20500), List.of(new PortRange(20100, 20199)), new Random(7));
        List<Integer> drawn = new ArrayList<>();
        candidates.next().ifPresent(drawn::add);
        for (var next = candidates.next(); next.isPresent(); next = candidates.next()) {
            drawn.add(next.getAsInt());
        }

        assertThat(drawn)
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(20000, 20999)
                        .filter(port -> port != 20500)
                        .boxed()
                        .toList());
        assertThat(drawn.subList(899, 999)).allMatch(port -> port >= 20100 && port < 20200);
        assertThat(drawn).isNotEqualTo(drawn.stream().sorted().toList());
    }

    @Test
    void neverGivesAnExcludedPort() {
        PortAllocator allocator = LeasingPortAllocator.builder(store)
                .probe(port -> true)
                .exclude(Set.of(21000))
                .build();

        assertThat(allocator.allocate(request("a", 1, new PortRange(21000, 21001))))
                .extracting(PortLease::port)
                .containsExactly(21001);
    }

    @Test
    void saysWhoHoldsAFullRangeAndWhatToDo() {
        PortAllocator allocator = LeasingPortAllocator.builder(store)
                .probe(port -> port != 21003)
                .exclude(Set.of(21004))
                .build();
        PortRange range = new PortRange(21000, 21009);
        allocator.allocate(request("a", 2, new PortRange(21000, 21001)));
        allocator.allocate(request("b", 1, new PortRange(21002, 21002)));

        assertThatExceptionOfType(PortAllocationException.class)
                .isThrownBy(() -> allocator.allocate(
                        new PortRequest(List.of("cp", "login01"), "c", "kubelet", 6, range, Set.of(21005))))
                .withMessageContaining("No 6 free ports in 21000-21009 on cp and login01 for kubelet of c")
                .withMessageContaining("3 are leased (2 by a, 1 by b)")
                .withMessageContaining("1 are in use on this host by programs that hold no lease (21003)")
                .withMessageContaining("1 are in use on login01 (21005)")
                .withMessageContaining("1 are excluded, 4 are free")
                .withMessageContaining("Widen the range")
                .matches(PortAllocationException::isTransient);
        assertThat(store.list()).hasSize(3);
    }

    @Test
    void givesBackWhatItHasWhenTheStoreFailsHalfWay() {
        PortLeaseStore full = new InMemoryPortLeaseStore();
        full.acquire(
                List.of("cp", "login01"),
                IntStream.range(21000, 21040).boxed().toList(),
                40,
                "a",
                "kubelet",
                Duration.ofHours(1));
        AtomicInteger acquires = new AtomicInteger();
        PortLeaseStore failing = new CountingStore(full) {
            @Override
            public List<PortLease> acquire(
                    List<String> hosts,
                    List<Integer> ports,
                    int count,
                    String owner,
                    String purpose,
                    Duration validity) {
                if (acquires.incrementAndGet() == 2) {
                    throw new PortAllocationException("store is gone", null, true);
                }
                return super.acquire(hosts, ports, count, owner, purpose, validity);
            }
        };
        PortAllocator allocator =
                LeasingPortAllocator.builder(failing).probe(port -> true).build();

        assertThatExceptionOfType(PortAllocationException.class)
                .isThrownBy(() -> allocator.allocate(request("b", 50, new PortRange(21000, 21099))))
                .withMessage("store is gone");
        assertThat(full.list()).extracting(PortLease::owner).containsOnly("a");
    }

    @Test
    void refusesAValidityOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LeasingPortAllocator.builder(store).validity(Duration.ZERO))
                .withMessageContaining("validity");
    }

    private PortAllocator counting(Set<Integer> inUse) {
        return LeasingPortAllocator.builder(store)
                .probe(port -> {
                    probes.incrementAndGet();
                    return !inUse.contains(port);
                })
                .build();
    }

    private static PortRequest request(String owner, int count, PortRange range) {
        return new PortRequest(List.of("cp", "login01"), owner, "kubelet", count, range, Set.of());
    }

    /** Counts round trips. */
    private static class CountingStore implements PortLeaseStore {

        private final PortLeaseStore store;
        private final AtomicInteger calls = new AtomicInteger();

        CountingStore(PortLeaseStore store) {
            this.store = store;
        }

        @Override
        public List<PortLease> acquire(
                List<String> hosts, List<Integer> ports, int count, String owner, String purpose, Duration validity) {
            calls.incrementAndGet();
            return store.acquire(hosts, ports, count, owner, purpose, validity);
        }

        @Override
        public List<PortLease> renew(String owner, Duration validity) {
            calls.incrementAndGet();
            return store.renew(owner, validity);
        }

        @Override
        public void release(Collection<PortLease> leases) {
            calls.incrementAndGet();
            store.release(leases);
        }

        @Override
        public List<PortLease> list() {
            calls.incrementAndGet();
            return store.list();
        }

        int calls() {
            return calls.get();
        }
    }
}
