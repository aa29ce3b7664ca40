package org.jlab.jiriaf.jrm.tunnel;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/**
 * A tunnel manager without SSH: this machine plays every login node. Forwards are real sockets, commands run in
 * {@code /bin/sh}. For trying things out and for tests, and for sites whose login node is this host.
 *
 * <p>So that a port can have the same number on both sides, the login node's {@code localhost} can be another address of the
 * loopback network than this host's, such as 127.0.0.2. Thread-safe.
 */
public final class LoopbackTunnelManager implements TunnelManager {

    private final InetAddress loginNode;
    private final Map<SshRoute, Map<Forward, LoopbackForward>> forwards = new HashMap<>(); // guarded by this
    private final Set<LoopbackSession> sessions = new LinkedHashSet<>(); // guarded by this
    private boolean reachable = true; // guarded by this
    private Instant reachableSince = Instant.now(); // guarded by this
    private int reconnects; // guarded by this
    private boolean closed; // guarded by this

    /** Makes a manager whose login nodes have the loopback address 127.0.0.1, as this host has. */
    public LoopbackTunnelManager() {
        this(InetAddress.getLoopbackAddress());
    }

    /**
     * Makes a manager.
     *
     * @param loginNode the address that is {@code localhost} on the login nodes
     */
    public LoopbackTunnelManager(InetAddress loginNode) {
        this.loginNode = Objects.requireNonNull(loginNode, "loginNode");
    }

    /**
     * Takes the login nodes away: connections break, forwards go down, nothing can be opened, until
     * {@link #bringBack()}.
     */
    public synchronized void takeAway() {
        reachable = false;
        reachableSince = Instant.now();
        forwards.values().forEach(ofRoute -> ofRoute.values().forEach(forward -> forward.down("taken away")));
    }

    /** Brings the login nodes back: the forwards come up again. */
    public synchronized void bringBack() {
        reachable = true;
        reachableSince = Instant.now();
        reconnects++;
        forwards.values().forEach(ofRoute -> ofRoute.values().forEach(LoopbackForward::up));
    }

    @Override
    public synchronized LoginSession connect(SshRoute route, Duration timeout) {
        checkUsable(route);
        LoopbackSession session = new LoopbackSession(this, route);
        sessions.add(session);
        return session;
    }

    synchronized void checkUsable(SshRoute route) {
        if (closed) {
            throw new TunnelException(Reason.CLOSED, null, "The tunnel manager is closed", null);
        }
        if (!reachable) {
            throw new TunnelException(
                    Reason.UNREACHABLE, null, "Cannot reach " + route.describe() + ": it was taken away", null);
        }
    }

    /** Opens all forwards or none. */
    synchronized List<LoopbackForward> open(SshRoute route, List<Forward> wanted) {
        checkUsable(route);
        List<LoopbackForward> opened = new ArrayList<>();
        boolean complete = false;
        try {
            for (Forward forward : wanted) {
                opened.add(acquire(route, forward));
            }
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                release(route, opened);
            }
        }
    }

    private LoopbackForward acquire(SshRoute route, Forward forward) {
        Map<Forward, LoopbackForward> ofRoute = forwards.computeIfAbsent(route, key -> new HashMap<>());
        LoopbackForward present = ofRoute.get(forward);
        if (present == null) {
            present = new LoopbackForward(forward, loginNode);
            ofRoute.put(forward, present);
        } else {
            present.hold();
        }
        return present;
    }

    synchronized void release(SshRoute route, List<LoopbackForward> held) {
        for (LoopbackForward forward : held) {
            if (forward.letGo()) {
                forwards.getOrDefault(route, new HashMap<>()).remove(forward.forward(), forward);
            }
        }
    }

    synchronized void forget(LoopbackSession session) {
        sessions.remove(session);
    }

    @Override
    public synchronized List<Tunnel> tunnels() {
        List<Tunnel> tunnels = new ArrayList<>();
        forwards.forEach((route, ofRoute) -> ofRoute.values()
                .forEach(forward ->
                        tunnels.add(forward.asTunnel(route, () -> connection(route), () -> end(route, forward)))));
        return List.copyOf(tunnels);
    }

    @Override
    public synchronized Map<SshRoute, ConnectionState> connections() {
        return sessions.stream()
                .map(LoopbackSession::route)
                .distinct()
                .collect(Collectors.toMap(Function.identity(), this::connection));
    }

    synchronized ConnectionState connection(SshRoute route) {
        return reachable
                ? new ConnectionState(route.login(), reachableSince, null, reconnects, null)
                : new ConnectionState(null, reachableSince, "taken away", reconnects, null);
    }

    private synchronized void end(SshRoute route, LoopbackForward forward) {
        forward.close();
        forwards.getOrDefault(route, new HashMap<>()).remove(forward.forward(), forward);
    }

    @Override
    public void close() {
        List<LoopbackSession> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(sessions);
        }
        open.forEach(LoopbackSession::close);
    }
}
