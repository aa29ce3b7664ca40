package org.jlab.jiriaf.jrm.port;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Port leases in the memory of this process: for tests, examples and a store that nobody shares. Everything is gone with the
 * object. Thread-safe.
 */
public final class InMemoryPortLeaseStore implements PortLeaseStore {

    private record Key(String host, int port) {}

    private final Clock clock;
    private final Map<Key, PortLease> held = new HashMap<>();
    private long lastToken;

    /** Makes an empty store on the system clock. */
    public InMemoryPortLeaseStore() {
        this(Clock.systemUTC());
    }

    /**
     * Makes an empty store.
     *
     * @param clock decides what has expired
     */
    public InMemoryPortLeaseStore(Clock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized List<PortLease> acquire(
            List<String> hosts, List<Integer> ports, int count, String owner, String purpose, Duration validity) {
        Instant now = clock.instant();
        List<PortLease> taken = new ArrayList<>();
        for (int port : ports) {
            if (taken.size() == count) {
                break;
            }
            if (hosts.stream().allMatch(host -> isFree(new Key(host, port), now))) {
                PortLease lease = new PortLease(hosts, port, owner, purpose, ++lastToken, now.plus(validity));
                put(lease);
                taken.add(lease);
            }
        }
        return List.copyOf(taken);
    }

    @Override
    public synchronized List<PortLease> renew(String owner, Duration validity) {
        Instant until = clock.instant().plus(validity);
        List<PortLease> mine =
                list().stream().filter(lease -> lease.owner().equals(owner)).toList();
        List<PortLease> renewed = mine.stream()
                .map(lease -> new PortLease(
                        lease.hosts(), lease.port(), lease.owner(), lease.purpose(), lease.token(), until))
                .toList();
        renewed.forEach(this::put);
        return renewed;
    }

    @Override
    public synchronized void release(Collection<PortLease> leases) {
        for (PortLease lease : leases) {
            lease.hosts()
                    .forEach(host -> held.computeIfPresent(
                            new Key(host, lease.port()), (key, present) -> isSame(present, lease) ? null : present));
        }
    }

    @Override
    public synchronized List<PortLease> list() {
        Instant now = clock.instant();
        return held.values().stream()
                .filter(lease -> lease.expiresAt().isAfter(now))
                .distinct()
                .sorted(Comparator.comparingInt(PortLease::port).thenComparingLong(PortLease::token))
                .toList();
    }

    private static boolean isSame(PortLease present, PortLease lease) {
        return present.token() == lease.token() && present.owner().equals(lease.owner());
    }

    private boolean isFree(Key key, Instant now) {
        PortLease lease = held.get(key);
        return lease == null || !lease.expiresAt().isAfter(now);
    }

    private void put(PortLease lease) {
        lease.hosts().forEach(host -> held.put(new Key(host, lease.port()), lease));
    }
}
