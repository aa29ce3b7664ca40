package org.jlab.jiriaf.jrm.ssh.sshj;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.tunnel.TunnelState.Status;
import org.jspecify.annotations.Nullable;

/** A forward that somebody wants open, with its present state and the connections that run through it. */
abstract class HeldForward {

    private final Forward forward;
    protected final DataPump pump;
    private final Consumer<HeldForward> whenChanged;
    private final CompletableFuture<Void> established = new CompletableFuture<>();
    private final Set<ForwardChannel> channels = ConcurrentHashMap.newKeySet();
    private int holders = 1; // guarded by the connection's lock
    private volatile TunnelState state = new TunnelState(Status.DOWN, Instant.now(), "being opened", 0, null);

    HeldForward(Forward forward, DataPump pump, Consumer<HeldForward> whenChanged) {
        this.forward = forward;
        this.whenChanged = whenChanged;
        this.pump = pump;
    }

    final Forward forward() {
        return forward;
    }

    /** Completes when it is up for the first time, exceptionally if it could not be opened. */
    final CompletableFuture<Void> established() {
        return established;
    }

    final void hold() {
        holders++;
    }

    /** Returns whether nobody holds it any more. */
    final boolean letGo() {
        return --holders == 0;
    }

    final TunnelState state() {
        return state;
    }

    final void up() {
        change(new TunnelState(Status.UP, Instant.now(), null, 0, null));
    }

    final void down(String reason, int attempts, @Nullable Instant nextAttempt) {
        change(new TunnelState(Status.DOWN, Instant.now(), reason, attempts, nextAttempt));
    }

    final void closed() {
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
            state = same
                    ? new TunnelState(next.status(), before.since(), next.reason(), next.attempts(), next.nextAttempt())
                    : next;
            if (same && Objects.equals(before.reason(), next.reason())) {
                return;
            }
        }
        whenChanged.accept(this);
    }

    final void add(ForwardChannel channel) {
        channels.add(channel);
    }

    final void remove(ForwardChannel channel) {
        channels.remove(channel);
    }

    final int connections() {
        return channels.size();
    }

    /** Ends the connections that run through it. */
    final void abortConnections() {
        pump.execute(() -> channels.forEach(channel -> channel.abort(null)));
    }

    /** Stops listening on this host. Returns when the listener is gone. */
    abstract void closeListener();
}
