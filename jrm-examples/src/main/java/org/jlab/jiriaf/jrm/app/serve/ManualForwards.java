package org.jlab.jiriaf.jrm.app.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.port.PortAllocator;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.port.PortRequest;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forwards that somebody opened by hand, with the leases of their ports. Thread-safe. */
final class ManualForwards implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ManualForwards.class);

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final Duration RENEWAL = Duration.ofSeconds(20);

    private final ServiceDependencies parts;
    private final String hostName;
    private final String owner;
    private final PortAllocator ports;
    private final Map<Key, Held> held = new LinkedHashMap<>();
    private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "jrm-manual-forwards");
        thread.setDaemon(true);
        return thread;
    });

    private record Key(SshRoute route, Forward forward) {}

    private record Held(HandForward request, LoginSession session, Tunnel tunnel, List<PortLease> leases) {}

    ManualForwards(ServiceDependencies parts, String hostName, String owner) {
        this.parts = parts;
        this.hostName = hostName;
        this.owner = owner;
        this.ports = LeasingPortAllocator.builder(parts.store().portLeases())
                .validity(LEASE)
                .build();
        // renew catches what it throws, so the future has nothing to tell.
        var unused = renewals.scheduleWithFixedDelay(
                this::renew, RENEWAL.toSeconds(), RENEWAL.toSeconds(), TimeUnit.SECONDS);
    }

    /** Opens forwards, all of them or none; one that is open already stays as it is. */
    synchronized List<ForwardView> open(SiteConfig site, List<HandForward> requests, String holder) {
        SshRoute route = site.ssh().route();
        List<Key> keys = new ArrayList<>();
        List<Key> opened = new ArrayList<>();
        try {
            for (HandForward request : requests) {
                Key key = new Key(route, request.forward(site, parts.settings()));
                keys.add(key);
                if (!held.containsKey(key)) {
                    held.put(key, open(key, request));
                    opened.add(key);
                }
            }
        } catch (RuntimeException e) {
            opened.forEach(this::close);
            throw e;
        }
        return keys.stream().map(key -> view(key, holder)).toList();
    }

    private Held open(Key key, HandForward request) {
        List<PortLease> leases = lease(key, request);
        LoginSession session = null;
        try {
            session = parts.tunnels().connect(key.route(), TIMEOUT);
            Tunnel tunnel = session.open(List.of(key.forward()), TIMEOUT).get(0);
            return new Held(request, session, tunnel, leases);
        } catch (RuntimeException e) {
            if (session != null) {
                session.close();
            }
            ports.release(leases);
            throw e;
        }
    }

    /** Leases the port of a forward that listens here, unless it belongs to the very deployment that the node is of. */
    private List<PortLease> lease(Key key, HandForward request) {
        if (key.forward().direction() == Forward.Direction.REMOTE) {
            return List.of();
        }
        int port = key.forward().bind().port();
        Set<String> owners = parts.jrm().workflows().stream()
                .filter(workflow -> JrmNode.allOf(workflow).stream()
                        .anyMatch(node -> node.name().equals(request.nodename())))
                .map(Workflow::name)
                .collect(Collectors.toSet());
        Optional<PortLease> leased = ports.leases().stream()
                .filter(lease -> lease.port() == port && owners.contains(lease.owner()))
                .findFirst();
        return leased.isPresent()
                ? List.of()
                : ports.allocate(new PortRequest(
                        List.of(hostName, key.route().login().host()),
                        owner,
                        "by hand, for " + request.nodename(),
                        1,
                        new PortRange(port, port),
                        Set.of()));
    }

    /** Closes what was opened by hand on these ports of this host; returns the ports on which something was. */
    synchronized Set<Integer> close(Collection<Integer> portNumbers) {
        List<Key> matching = held.keySet().stream()
                .filter(key -> portNumbers.contains(key.forward().bind().port()))
                .toList();
        matching.forEach(this::close);
        return matching.stream().map(key -> key.forward().bind().port()).collect(Collectors.toSet());
    }

    private void close(Key key) {
        Held gone = held.remove(key);
        if (gone != null) {
            gone.session().close();
            ports.release(gone.leases());
        }
    }

    private synchronized void renew() {
        if (held.isEmpty()) {
            return;
        }
        try {
            var unused = ports.renew(owner, LEASE);
        } catch (RuntimeException e) {
            LOG.warn(
                    "Cannot renew the leases of forwards opened by hand; trying again in {} s: {}",
                    RENEWAL.toSeconds(),
                    e.getMessage());
        }
    }

    synchronized List<ForwardView> views(String holder) {
        return held.keySet().stream().map(key -> view(key, holder)).toList();
    }

    private ForwardView view(Key key, String holder) {
        Held one = java.util.Objects.requireNonNull(held.get(key));
        return ForwardView.here(
                key.forward(),
                one.request().purpose(),
                owner,
                null,
                key.route().login().toString(),
                one.tunnel().state(),
                holder);
    }

    @Override
    public synchronized void close() {
        renewals.shutdownNow();
        List.copyOf(held.keySet()).forEach(this::close);
    }
}
