package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.ForwardTable;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.ForwardedOpener;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.RemoteForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.RemoteForwardRequest;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.SocketEventLoop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps one route connected: it connects, brings the forwards up, watches for signs of life, and connects
 * again when they cease. If the very first attempt fails it ends; what stood in the way is for whoever wanted to connect.
 */
final class Supervisor {

    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
    private static final int TICKS_PER_KEEP_ALIVE = 4;
    private static final Duration HAND_OVER_TIME = Duration.ofSeconds(10);

    private final SshRoute route;
    private final Settings settings;
    private final SshConnector connector;
    private final SocketEventLoop pump;
    private final ForwardTable forwards;
    private final RemoteForwardRequest armer;
    private final TunnelEventPublisher events;
    private final Backoff backoff;
    private final List<SshHop> logins; // in the supervisor's thread, the one that answered last first
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<SshLink> retiring = new ArrayList<>(); // guarded by lock
    private final List<SshLink> abandoned =
            new ArrayList<>(); // guarded by lock: silent ones, until the way is free again
    private boolean ended; // guarded by lock
    private boolean everUp; // guarded by lock
    private boolean signalled; // guarded by lock: the thread has something to look at
    private SshConnector.@Nullable Attempt attempt; // guarded by lock
    private @Nullable TunnelException failure; // guarded by lock
    private volatile @Nullable SshLink link; // written under lock
    private volatile ConnectionState state = new ConnectionState(null, Instant.now(), "being connected", 0, null);
    private volatile boolean pinging;

    Supervisor(
            SshRoute route,
            Settings settings,
            SshConnector connector,
            SocketEventLoop pump,
            ForwardTable forwards,
            RemoteForwardRequest armer,
            TunnelEventPublisher events) {
        this.route = route;
        this.settings = settings;
        this.connector = connector;
        this.pump = pump;
        this.forwards = forwards;
        this.armer = armer;
        this.events = events;
        this.logins = new ArrayList<>(route.alternates());
        logins.add(0, route.login());
        this.backoff = new Backoff(settings.shortestRetry(), settings.longestRetry());
        this.thread = new Thread(this::run, "jrm-ssh " + route.login());
        thread.setDaemon(true);
        thread.start();
    }

    /** The connection, or null while there is none. */
    @Nullable
    SshLink link() {
        return link;
    }

    ConnectionState state() {
        return state;
    }

    /** Waits for the connection. Throws what stands in the way if the first attempt fails or time runs out. */
    SshLink awaitLink(Deadline deadline) {
        lock.lock();
        try {
            while (true) {
                SshLink current = link;
                if (failure != null && !everUp) {
                    throw failure;
                }
                if (ended) {
                    throw SshFailureTranslator.failure(
                            Reason.CLOSED, "The session with " + route.describe() + " is closed", null);
                }
                if (current != null && current.isAlive()) {
                    return current;
                }
                if (deadline.isOver()) {
                    throw notConnected();
                }
                changed.awaitNanos(deadline.nanosLeft());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SshFailureTranslator.failure(Reason.CLOSED, "Interrupted while waiting for " + route.describe(), e);
        } finally {
            lock.unlock();
        }
    }

    private TunnelException notConnected() {
        TunnelException last = failure;
        return last == null
                ? SshFailureTranslator.failure(
                        Reason.TIMEOUT, "No connection to " + route.describe() + " in the time given", null)
                : SshFailureTranslator.failure(
                        last.reason(),
                        "The connection to " + route.describe()
                                + " is down and could not be repaired in the time given: " + last.getMessage(),
                        last);
    }

    // The thread.

    private void run() {
        int attempts = 0;
        long downSince = System.nanoTime();
        while (!isEnded()) {
            try {
                SshLink next = connect();
                attempts = 0;
                for (SshLink current = next; current != null; ) {
                    current = install(current) ? watch(current) : null;
                }
                downSince = System.nanoTime();
            } catch (TunnelException e) {
                attempts++;
                if (!waitToRetry(e, attempts, Duration.ofNanos(System.nanoTime() - downSince))) {
                    return;
                }
            }
        }
    }

    private boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Connects to the login node that answered last, or to the next one that does. */
    private SshLink connect() {
        TunnelException first = null;
        for (int i = 0; i < logins.size(); i++) {
            try {
                return connect(
                        route.to(logins.get(0)), settings.attemptTimeout().dividedBy(logins.size()));
            } catch (TunnelException e) {
                first = first == null ? e : first;
                if (isEnded() || (e.reason() != Reason.UNREACHABLE && e.reason() != Reason.TIMEOUT)) {
                    throw e;
                }
                Collections.rotate(logins, -1);
            }
        }
        throw first == null ? notConnected() : first;
    }

    private SshLink connect(SshRoute to, Duration timeout) {
        SshConnector.Attempt next = connector.attempt(to, timeout);
        lock.lock();
        try {
            attempt = next;
            if (ended) {
                next.cancel();
            }
        } finally {
            lock.unlock();
        }
        SshLink connected = next.connect();
        connected.connection().attach(new ForwardedOpener(connected, pump, forwards));
        connected.whenDead(this::signal);
        return connected;
    }

    private void signal() {
        lock.lock();
        try {
            signalled = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean install(SshLink next) {
        events.login(next.login());
        events.tell(TunnelEvent.Kind.CONNECTED, "Logged in to " + next);
        lock.lock();
        try {
            attempt = null;
            buryAbandoned();
            if (ended) {
                next.kill("closed");
                return false;
            }
            int reconnects = everUp ? state.reconnects() + 1 : 0;
            state = new ConnectionState(next.login(), Instant.now(), null, reconnects, next.certificateValidUntil());
            link = next;
            everUp = true;
            failure = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return true;
    }

    /** Has the servers let go of what our silent connections hold there: forwards that the next one wants. */
    private void buryAbandoned() {
        abandoned.forEach(SshLink::bury);
        abandoned.clear();
    }

    /**
     * Looks after a connection until it is dead or nobody wants it any more; or until another is ready to take over, which
     * is returned.
     */
    private @Nullable SshLink watch(SshLink current) {
        ForwardRecovery rearming = new ForwardRecovery(current, forwards, armer, backoff, settings.deadPeerTimeout());
        Renewal renewal = new Renewal(current, this::connect, settings, events);
        Duration tick = settings.keepAlive().dividedBy(TICKS_PER_KEEP_ALIVE);
        while (current.isAlive() && !isEnded()) {
            rearming.continueIfDue();
            keepAlive(current);
            endRetired();
            SshLink next = renewal.successorIfDue();
            if (next != null) {
                handOver(current);
                return next;
            }
            Duration pause = rearming.pause();
            pause(pause.compareTo(tick) < 0 ? pause : tick);
        }
        if (!isEnded()) {
            lost(current);
        }
        return null;
    }

    private void lost(SshLink current) {
        String reason = current.causeOfDeath();
        current.kill(reason);
        events.login(null);
        lock.lock();
        try {
            link = null;
            state = new ConnectionState(null, Instant.now(), reason, state.reconnects(), null);
            failure = SshFailureTranslator.failure(
                    Reason.UNREACHABLE, "The connection to " + route.describe() + " broke: " + reason, null);
        } finally {
            lock.unlock();
        }
        events.tell(TunnelEvent.Kind.DISCONNECTED, "The connection to " + current + " broke: " + reason);
        forwards.all().forEach(forward -> {
            forward.down(reason, 0, Instant.now());
            forward.abortConnections();
        });
    }

    private void keepAlive(SshLink current) {
        Duration silence = current.silence();
        if (silence.compareTo(settings.deadPeerTimeout()) >= 0) {
            lock.lock();
            try {
                abandoned.add(current);
            } finally {
                lock.unlock();
            }
            current.abandon("nothing was heard for " + silence.toSeconds() + " s");
        } else if (silence.compareTo(settings.keepAlive()) >= 0 && !pinging) {
            // By the pump: it may block, and this thread has to notice when it does for too long.
            pinging = true;
            pump.execute(() -> {
                pinging = false;
                try {
                    current.sendKeepAlive();
                } catch (TransportException e) {
                    LOG.trace("no keepalive", e);
                }
            });
        }
    }

    /** Frees the ports on the login node for the connection that takes over; what runs through the old one may end there. */
    private void handOver(SshLink old) {
        List<RemoteForward> remote = ForwardTable.remotes(forwards.all());
        remote.forEach(forward -> forward.down("a new connection takes over", 0, Instant.now()));
        armer.cancel(old, remote, Deadline.after(HAND_OVER_TIME));
        lock.lock();
        try {
            retiring.add(old);
        } finally {
            lock.unlock();
        }
    }

    /** Ends connections that were taken over and through which nothing runs any more. */
    private void endRetired() {
        List<SshLink> idle;
        lock.lock();
        try {
            idle = retiring.stream()
                    .filter(old -> !old.isInUse() || !old.isAlive())
                    .toList();
            retiring.removeAll(idle);
        } finally {
            lock.unlock();
        }
        idle.forEach(old -> old.kill("taken over"));
    }

    /** Waits before the next attempt; returns false if there is none. */
    private boolean waitToRetry(TunnelException cause, int attempts, Duration downFor) {
        Duration delay = backoff.after(downFor, cause.isTransient());
        lock.lock();
        try {
            attempt = null;
            failure = cause;
            state = new ConnectionState(null, state.since(), cause.getMessage(), state.reconnects(), null);
            changed.signalAll();
            if (!everUp || ended) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        events.tell(
                TunnelEvent.Kind.ATTEMPT_FAILED,
                cause.getMessage() + " (attempt " + attempts + "; the next one in " + delay.toMillis() + " ms)");
        Instant next = Instant.now().plus(delay);
        forwards.all().forEach(forward -> forward.down(String.valueOf(cause.getMessage()), attempts, next));
        Deadline end = Deadline.after(delay);
        while (!end.isOver() && !isEnded()) {
            pause(end.remaining());
        }
        return !isEnded();
    }

    /** Waits for a change, at most that long. A change since the last wait counts. */
    private void pause(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!ended && !signalled && left > 0) {
                left = changed.awaitNanos(left);
            }
            signalled = false;
        } catch (InterruptedException e) {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    // The end.

    /** Stops connecting and watching; the connection stays for a goodbye. */
    void stop() {
        SshConnector.Attempt pending;
        lock.lock();
        try {
            ended = true;
            pending = attempt;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (pending != null) {
            pending.cancel();
        }
    }

    /** Ends all connections at once, and waits a moment for the thread. */
    boolean kill(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            retiring.forEach(old -> old.kill("closed"));
            retiring.clear();
            buryAbandoned();
            SshLink current = link;
            if (current != null) {
                current.kill("closed");
            }
        } finally {
            lock.unlock();
        }
        thread.join(patience.toMillis());
        return !thread.isAlive();
    }
}
