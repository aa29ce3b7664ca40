package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.TargetProbe;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.tunnel.TunnelState.Status;
import org.jlab.jiriaf.jrm.tunnel.TunnelStats;
import org.jspecify.annotations.Nullable;

/** A forward that somebody wants open, with its present state and the connections that run through it. */
public abstract class HeldForward {

    private final Forward forward;
    protected final SocketEventLoop pump;
    protected final Supplier<@Nullable SshLink> link;
    private final Consumer<HeldForward> whenChanged;
    private final CompletableFuture<Void> established = new CompletableFuture<>();
    private final Set<ForwardChannel> channels = ConcurrentHashMap.newKeySet();
    private final LongAdder connections = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private int holders = 1; // guarded by the connection's lock
    private volatile int reconnects; // written under this
    private volatile TunnelState state = new TunnelState(Status.DOWN, Instant.now(), "being opened", 0, null);

    public HeldForward(
            Forward forward,
            SocketEventLoop pump,
            Consumer<HeldForward> whenChanged,
            Supplier<@Nullable SshLink> link) {
        this.forward = forward;
        this.link = link;
        this.whenChanged = whenChanged;
        this.pump = pump;
    }

    public final Forward forward() {
        return forward;
    }

    /** Completes when it is up for the first time, exceptionally if it could not be opened. */
    public final CompletableFuture<Void> established() {
        return established;
    }

    public final void hold() {
        holders++;
    }

    /** Returns whether nobody holds it any more. */
    public final boolean letGo() {
        return --holders == 0;
    }

    public final TunnelState state() {
        return state;
    }

    public final void up() {
        change(new TunnelState(Status.UP, Instant.now(), null, 0, null));
    }

    public final void down(String reason, int attempts, @Nullable Instant nextAttempt) {
        change(new TunnelState(Status.DOWN, Instant.now(), reason, attempts, nextAttempt));
    }

    public final void closed() {
        change(new TunnelState(Status.CLOSED, Instant.now(), null, 0, null));
    }

    /** Notes the state, and tells of it if it is another one than before or has another reason. */
    private void change(TunnelState next) {
        synchronized (this) {
            TunnelState before = state;
            if (before.status() == Status.CLOSED) {
                return;
            }
            boolean same = before.status() == next.status();
            if (!same && next.isUp() && established.isDone()) {
                reconnects++;
            }
            state = same
                    ? new TunnelState(next.status(), before.since(), next.reason(), next.attempts(), next.nextAttempt())
                    : next;
            if (same && Objects.equals(before.reason(), next.reason())) {
                return;
            }
        }
        whenChanged.accept(this);
    }

    public final void add(ForwardChannel channel) {
        channels.add(channel);
    }

    public final void remove(ForwardChannel channel) {
        channels.remove(channel);
    }

    /** Counts a connection that has reached the target. */
    public final void countConnection() {
        connections.increment();
    }

    /** Counts bytes that came in through the SSH connection. */
    public final void countReceived(long bytes) {
        received.add(bytes);
    }

    /** Counts bytes that went out through the SSH connection. */
    public final void countSent(long bytes) {
        sent.add(bytes);
    }

    public final TunnelStats stats() {
        boolean local = forward.direction() == Forward.Direction.LOCAL;
        return new TunnelStats(
                connections.sum(),
                channels.size(),
                (local ? sent : received).sum(),
                (local ? received : sent).sum(),
                reconnects);
    }

    /** Tries the whole way to the target. */
    public final ProbeResult probe(Deadline deadline) {
        TargetProbe probe = TargetProbe.of(forward.target());
        TunnelState now = state;
        SshLink current = link.get();
        if (!now.isUp() || current == null) {
            return probe.notCarried(now.reason() == null ? "the forward is closed" : now.reason());
        }
        try {
            return probe(current, probe, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return probe.notCarried("interrupted");
        }
    }

    public abstract ProbeResult probe(SshLink current, TargetProbe probe, Deadline deadline)
            throws InterruptedException;

    /** Ends the connections that run through it. */
    public final void abortConnections() {
        pump.execute(() -> channels.forEach(channel -> channel.abort(null)));
    }

    /** Stops listening on this host. Returns when the listener is gone. */
    public abstract void closeListener();
}
