package org.jlab.jiriaf.jrm.port;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Allocates ports by probing this host and leasing in a store. Candidates are drawn at random, which keeps launchers that
 * share a store out of each other's way; each is probed before it is leased. One port or thousands cost one call of the
 * store's {@link PortLeaseStore#acquire} as long as the range is not crowded, and no more probes than ports, but for a few.
 *
 * <p>Ports that others take at any moment are given only when nothing else is free: this host's ephemeral ports
 * ({@code /proc/sys/net/ipv4/ip_local_port_range}) and Kubernetes' NodePorts, 30000 to 32767.
 *
 * <p>Between allocation and use a program that knows nothing of leases can take the port. Whoever listens then gets an error
 * and asks for another port.
 *
 * <p>Thread-safe.
 */
public final class LeasingPortAllocator implements PortAllocator {

    private final PortLeaseStore store;
    private final PortProbe probe;
    private final Duration validity;
    private final Set<Integer> excluded;
    private final List<PortRange> avoided;
    private final RandomGenerator random;

    private LeasingPortAllocator(Builder builder) {
        store = builder.store;
        probe = builder.probe;
        validity = builder.validity;
        excluded = Set.copyOf(builder.excluded);
        avoided = builder.avoided;
        random = builder.random;
    }

    /**
     * Makes an allocator with all defaults.
     *
     * @param store where leases are kept
     */
    public LeasingPortAllocator(PortLeaseStore store) {
        this(builder(store));
    }

    /**
     * Starts a builder.
     *
     * @param store where leases are kept
     * @return a builder with all defaults
     */
    public static Builder builder(PortLeaseStore store) {
        return new Builder(store);
    }

    @Override
    public List<PortLease> allocate(PortRequest request) {
        Set<Integer> never = new HashSet<>(excluded);
        never.addAll(request.taken());
        Draw draw = new Draw(request, new CandidatePorts(request.range(), never, avoided, random), probe);
        List<PortLease> taken = new ArrayList<>();
        try {
            lease(request, draw, taken);
        } catch (RuntimeException e) {
            giveBack(taken, e);
            throw e;
        }
        return List.copyOf(taken);
    }

    private void lease(PortRequest request, Draw draw, List<PortLease> taken) {
        while (taken.size() < request.count()) {
            int missing = request.count() - taken.size();
            List<Integer> candidates = draw.freePorts(missing + spare(missing));
            if (candidates.isEmpty()) {
                throw new PortAllocationException(
                        new Shortage(request, excluded, draw.inUse(), store.list()).message(taken.size()), null, true);
            }
            List<PortLease> leases =
                    store.acquire(request.hosts(), candidates, missing, request.owner(), request.purpose(), validity);
            taken.addAll(leases);
            if (leases.size() < missing) {
                // Some are leased already. Rather than find out port by port, ask once for all of them.
                draw.skip(Shortage.leasedPorts(store.list(), request.hosts()));
            }
        }
    }

    /** Some candidates more than ports wanted, so that a lease here and there does not cost another round trip. */
    private static int spare(int missing) {
        return 2 + missing / 16;
    }

    private void giveBack(List<PortLease> taken, RuntimeException reason) {
        if (taken.isEmpty()) {
            return;
        }
        try {
            store.release(taken);
        } catch (RuntimeException e) {
            // They expire by themselves.
            reason.addSuppressed(e);
        }
    }

    @Override
    public List<PortLease> renew(String owner, Duration validity) {
        return store.renew(owner, validity);
    }

    @Override
    public List<PortLease> reclaim(List<String> hosts, List<Integer> ports, String owner, String purpose) {
        return store.acquire(hosts, ports, ports.size(), owner, purpose, validity);
    }

    @Override
    public void release(Collection<PortLease> leases) {
        if (!leases.isEmpty()) {
            store.release(leases);
        }
    }

    @Override
    public List<PortLease> leases() {
        return store.list();
    }

    @Override
    public List<Integer> inUse(PortRange range) {
        return IntStream.rangeClosed(range.first(), range.last())
                .filter(port -> !probe.isFree(port))
                .boxed()
                .toList();
    }

    /** The candidates of one request with what has been found out about them. */
    private static final class Draw {

        private final PortRequest request;
        private final CandidatePorts candidates;
        private final PortProbe probe;
        private final List<Integer> inUse = new ArrayList<>();
        private Set<Integer> leased = Set.of();

        Draw(PortRequest request, CandidatePorts candidates, PortProbe probe) {
            this.request = request;
            this.candidates = candidates;
            this.probe = probe;
        }

        List<Integer> freePorts(int count) {
            List<Integer> free = new ArrayList<>(Math.min(count, request.range().size()));
            while (free.size() < count) {
                OptionalInt next = candidates.next();
                if (next.isEmpty()) {
                    break;
                }
                int port = next.getAsInt();
                if (leased.contains(port)) {
                    continue;
                }
                if (probe.isFree(port)) {
                    free.add(port);
                } else {
                    inUse.add(port);
                }
            }
            return free;
        }

        void skip(Set<Integer> ports) {
            leased = ports;
        }

        List<Integer> inUse() {
            return Collections.unmodifiableList(inUse);
        }
    }

    /** Settings of an allocator. Not thread-safe. */
    public static final class Builder {

        private final PortLeaseStore store;
        private final Set<Integer> excluded = new HashSet<>();
        private PortProbe probe = new SocketPortProbe();
        private Duration validity = Duration.ofHours(1);
        private List<PortRange> avoided = EphemeralPorts.ofThisHost();
        private RandomGenerator random = new Random();

        private Builder(PortLeaseStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /**
         * Sets how this host is asked.
         *
         * @param probe the probe; if unset, a {@link SocketPortProbe} of all addresses
         * @return this builder
         */
        public Builder probe(PortProbe probe) {
            this.probe = Objects.requireNonNull(probe, "probe");
            return this;
        }

        /**
         * Sets how long a lease is good for unless it is renewed.
         *
         * @param validity a positive time; if unset, one hour
         * @return this builder
         */
        public Builder validity(Duration validity) {
            if (validity.isNegative() || validity.isZero()) {
                throw new IllegalArgumentException("validity of a lease must be more than nothing, not " + validity);
            }
            this.validity = validity;
            return this;
        }

        /**
         * Adds ports that are never given.
         *
         * @param ports the ports; if never called, no port of a range is excluded
         * @return this builder
         */
        public Builder exclude(Collection<Integer> ports) {
            excluded.addAll(ports);
            return this;
        }

        /**
         * Sets the ports that are given only when nothing else is free.
         *
         * @param ranges the ranges; if unset, this host's ephemeral ports and Kubernetes' NodePorts
         * @return this builder
         */
        public Builder avoid(Collection<PortRange> ranges) {
            avoided = List.copyOf(ranges);
            return this;
        }

        /**
         * Sets where the random order comes from.
         *
         * @param random a thread-safe generator; if unset, a {@link Random}
         * @return this builder
         */
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * Makes the allocator.
         *
         * @return the allocator
         */
        public LeasingPortAllocator build() {
            return new LeasingPortAllocator(this);
        }
    }
}
