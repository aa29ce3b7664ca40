package org.jlab.jiriaf.jrm.ssh.sshj;

import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.tunnel.TunnelState.Status;
import org.jspecify.annotations.Nullable;

/** A forward that somebody wants open, with its present state and the connections that run through it. */
abstract class HeldForward {

    private final Forward forward;
    protected final DataPump pump;
    private final CompletableFuture<Void> established = new CompletableFuture<>();
    private final Set<ForwardChannel> channels = ConcurrentHashMap.newKeySet();
    private int holders = 1; // guarded by the connection's lock
    private volatile TunnelState state = new TunnelState(Status.DOWN, Instant.now(), "being opened", 0, null);

    HeldForward(Forward forward, DataPump pump) {
        this.forward = forward;
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

    /** Notes the state; returns whether it is another one than before. */
    final boolean up() {
        TunnelState before = state;
        if (before.status() != Status.DOWN) {
            return false;
        }
        state = new TunnelState(Status.UP, Instant.now(), null, 0, null);
        return true;
    }

    final boolean down(String reason, int attempts, @Nullable Instant nextAttempt) {
        TunnelState before = state;
        if (before.status() == Status.CLOSED) {
            return false;
        }
        Instant since = before.status() == Status.DOWN ? before.since() : Instant.now();
        state = new TunnelState(Status.DOWN, since, reason, attempts, nextAttempt);
        return !state.equals(before);
    }

    final boolean closed() {
        TunnelState before = state;
        state = new TunnelState(Status.CLOSED, Instant.now(), null, 0, null);
        return before.status() != Status.CLOSED;
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
