package org.jlab.jiriaf.jrm.port;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Leases in a list, with a count of round trips. */
final class FakePortLeaseStore implements PortLeaseStore {

    private final List<PortLease> leases = new ArrayList<>();
    private long token;
    private int calls;

    @Override
    public synchronized List<PortLease> acquire(
            List<String> hosts, List<Integer> ports, int count, String owner, String purpose, Duration validity) {
        calls++;
        List<PortLease> taken = new ArrayList<>();
        for (int port : ports) {
            boolean leased = leases.stream()
                    .anyMatch(lease ->
                            lease.port() == port && lease.hosts().stream().anyMatch(hosts::contains));
            if (!leased && taken.size() < count) {
                PortLease lease = new PortLease(
                        hosts, port, owner, purpose, ++token, Instant.now().plus(validity));
                leases.add(lease);
                taken.add(lease);
            }
        }
        return taken;
    }

    @Override
    public synchronized List<PortLease> renew(String owner, Duration validity) {
        calls++;
        Instant expiresAt = Instant.now().plus(validity);
        leases.replaceAll(lease -> lease.owner().equals(owner)
                ? new PortLease(lease.hosts(), lease.port(), owner, lease.purpose(), lease.token(), expiresAt)
                : lease);
        return leases.stream().filter(lease -> lease.owner().equals(owner)).toList();
    }

    @Override
    public synchronized void release(Collection<PortLease> released) {
        calls++;
        released.forEach(gone -> leases.removeIf(
                lease -> lease.token() == gone.token() && lease.owner().equals(gone.owner())));
    }

    @Override
    public synchronized List<PortLease> list() {
        calls++;
        return leases.stream().sorted(Comparator.comparingInt(PortLease::port)).toList();
    }

    synchronized int calls() {
        return calls;
    }
}
