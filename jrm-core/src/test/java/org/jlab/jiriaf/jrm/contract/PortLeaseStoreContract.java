package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link PortLeaseStore} does. */
public abstract class PortLeaseStoreContract {

    private static final List<String> HOSTS = List.of("cp01", "login04");
    private static final Duration HOUR = Duration.ofHours(1);

    /** Time of the store. */
    protected final MutableClock clock = new MutableClock();

    private PortLeaseStore store;

    /** For subclasses. */
    protected PortLeaseStoreContract() {}

    /**
     * Makes an empty store.
     *
     * @param time decides what has expired
     * @return the store
     */
    protected abstract PortLeaseStore emptyStore(MutableClock time);

    @BeforeEach
    void makeStore() {
        store = emptyStore(clock);
    }

    @Test
    void leasesInTheOrderOfTheCandidates() {
        List<PortLease> leases = store.acquire(HOSTS, List.of(10007, 10003, 10005), 2, "wf1", "kubelet", HOUR);

        assertThat(leases).extracting(PortLease::port).containsExactly(10007, 10003);
        assertThat(leases).allSatisfy(lease -> {
            assertThat(lease.hosts()).isEqualTo(HOSTS);
            assertThat(lease.owner()).isEqualTo("wf1");
            assertThat(lease.purpose()).isEqualTo("kubelet");
            assertThat(lease.token()).isPositive();
        });
        assertThat(store.list()).extracting(PortLease::port).containsExactly(10003, 10007);
        assertThat(store.list()).containsExactlyInAnyOrderElementsOf(leases);
    }

    @Test
    void skipsWhatIsLeasedOnAnyOfTheHosts() {
        store.acquire(List.of("login04"), List.of(10001), 1, "wf1", "kubelet", HOUR);
        store.acquire(List.of("elsewhere"), List.of(10002), 1, "wf1", "kubelet", HOUR);

        assertThat(store.acquire(HOSTS, List.of(10001, 10002), 2, "wf2", "kubelet", HOUR))
                .extracting(PortLease::port)
                .containsExactly(10002);
    }

    @Test
    void leavesNothingBehindOnAHostWhenAnotherHostRefuses() {
        store.acquire(List.of("login04"), List.of(10001), 1, "wf1", "kubelet", HOUR);
        assertThat(store.acquire(HOSTS, List.of(10001), 1, "wf2", "kubelet", HOUR))
                .isEmpty();

        assertThat(store.acquire(List.of("cp01"), List.of(10001), 1, "wf3", "kubelet", HOUR))
                .hasSize(1);
    }

    @Test
    void givesFewerThanAskedForWhenNoMoreAreFree() {
        store.acquire(HOSTS, List.of(10001), 1, "wf1", "kubelet", HOUR);

        assertThat(store.acquire(HOSTS, List.of(10001), 1, "wf2", "kubelet", HOUR))
                .isEmpty();
        assertThat(store.acquire(HOSTS, List.of(), 1, "wf2", "kubelet", HOUR)).isEmpty();
        assertThat(store.acquire(HOSTS, List.of(10001, 10002), 2, "wf2", "kubelet", HOUR))
                .hasSize(1);
    }

    @Test
    void takesOverWhatHasExpiredUnderAHigherToken() {
        PortLease old = only(store.acquire(HOSTS, List.of(10001), 1, "wf1", "kubelet", HOUR));
        clock.advance(HOUR);

        PortLease taken = only(store.acquire(HOSTS, List.of(10001), 1, "wf2", "kubelet", HOUR));

        assertThat(taken.token()).isGreaterThan(old.token());
        assertThat(store.list()).containsExactly(taken);
        assertThat(store.renew("wf1", HOUR)).isEmpty();
        store.release(List.of(old));
        assertThat(store.list()).containsExactly(taken);
    }

    @Test
    void renewsTheLeasesOfOneOwner() {
        store.acquire(HOSTS, List.of(10001, 10002), 2, "wf1", "kubelet", HOUR);
        store.acquire(HOSTS, List.of(10003), 1, "wf2", "kubelet", HOUR);
        clock.advance(Duration.ofMinutes(30));

        List<PortLease> renewed = store.renew("wf1", HOUR);

        assertThat(renewed).extracting(PortLease::port).containsExactly(10001, 10002);
        assertThat(renewed)
                .allSatisfy(lease -> assertThat(Duration.between(clock.instant().plus(HOUR), lease.expiresAt())
                                .abs())
                        .isLessThan(Duration.ofMillis(2)));
        clock.advance(Duration.ofMinutes(45));
        assertThat(store.list()).extracting(PortLease::port).containsExactly(10001, 10002);
    }

    @Test
    void releasesExactlyWhatTheLeaseStandsFor() {
        PortLease first = only(store.acquire(HOSTS, List.of(10001), 1, "wf1", "kubelet", HOUR));
        store.release(List.of(first));
        assertThat(store.list()).isEmpty();

        PortLease second = only(store.acquire(HOSTS, List.of(10001), 1, "wf1", "kubelet", HOUR));
        assertThat(second.token()).isGreaterThan(first.token());
        store.release(List.of(first));
        assertThat(store.list()).containsExactly(second);

        store.release(List.of(second, second));
        store.release(List.of());
        assertThat(store.list()).isEmpty();
    }

    @Test
    void givesNoPortTwiceToManyThreads() throws Exception {
        List<Integer> candidates = IntStream.range(20000, 20060).boxed().toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<List<PortLease>>> takers = IntStream.range(0, 12)
                    .<Callable<List<PortLease>>>mapToObj(i -> () -> store.acquire(
                            i % 2 == 0 ? HOSTS : List.of("login04", "cp01"), candidates, 5, "wf" + i, "custom", HOUR))
                    .toList();
            List<PortLease> all = new ArrayList<>();
            for (Future<List<PortLease>> taken : threads.invokeAll(takers, 30, TimeUnit.SECONDS)) {
                all.addAll(taken.get());
            }
            assertThat(all).extracting(PortLease::port).doesNotHaveDuplicates();
            assertThat(all).extracting(PortLease::token).doesNotHaveDuplicates();
            assertThat(all).hasSize(60);
        } finally {
            threads.shutdownNow();
        }
    }

    private static PortLease only(List<PortLease> leases) {
        assertThat(leases).hasSize(1);
        return leases.get(0);
    }
}
