package org.jlab.jiriaf.jrm.ssh.sshj;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.channel.OpenFailException;
import net.schmizz.sshj.connection.channel.forwarded.ForwardedChannelOpener;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SSH connection of one route, as its users see it: always there, until the last of them leaves. A supervisor thread
 * connects, watches, and connects again; the forwards are desired state, armed on each new connection.
 */
final class SharedConnection {

    private static final Logger LOG = LoggerFactory.getLogger(SharedConnection.class);
    private static final Duration GOODBYE = Duration.ofMillis(700);
    private static final Duration THREAD_END = Duration.ofMillis(500);
    private static final Duration REARM_TIME = Duration.ofSeconds(20);

    private final SshRoute route;
    private final Settings settings;
    private final SshConnector connector;
    private final DataPump pump;
    private final Thread supervisor;
    private final ForwardArmer armer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Forward, HeldForward> forwards = new LinkedHashMap<>(); // guarded by lock
    private int users = 1; // guarded by lock
    private boolean closed; // guarded by lock
    private boolean everUp; // guarded by lock
    private boolean signalled; // guarded by lock: the supervisor has something to look at
    private SshConnector.@Nullable Attempt attempt; // guarded by lock
    private @Nullable TunnelException failure; // guarded by lock
    private volatile @Nullable SshLink link; // written under lock
    private volatile boolean pinging;

    SharedConnection(SshRoute route, Settings settings, SshConnector connector) {
        this.route = route;
        this.settings = settings;
        this.connector = connector;
        this.armer = new ForwardArmer(settings.outputLimit());
        String name = route.login().toString();
        this.pump = new DataPump(name);
        this.supervisor = new Thread(this::supervise, "jrm-ssh " + name);
        supervisor.setDaemon(true);
        supervisor.start();
    }

    SshRoute route() {
        return route;
    }

    // Users.

    /** Adds a user; returns false if the connection has ended meanwhile. */
    boolean join() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            users++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Removes a user; returns whether it was the last, who has to {@link #close}. */
    boolean leave() {
        lock.lock();
        try {
            if (--users == 0) {
                closed = true;
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the connection. Throws what stands in the way if the first attempt fails or time runs out. */
    SshLink awaitLink(Deadline deadline) {
        lock.lock();
        try {
            while (true) {
                SshLink current = link;
                if (closed) {
                    throw failure != null && !everUp ? failure : closedFailure();
                }
                if (current != null && current.isAlive()) {
                    return current;
                }
                if (failure != null && !everUp) {
                    throw failure;
                }
                if (deadline.isOver()) {
                    throw notConnected();
                }
                changed.awaitNanos(deadline.nanosLeft());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TunnelException(Reason.CLOSED, null, "Interrupted while waiting for " + route.describe(), e);
        } finally {
            lock.unlock();
        }
    }

    private TunnelException notConnected() {
        TunnelException last = failure;
        return last == null
                ? Failures.failure(Reason.TIMEOUT, "No connection to " + route.describe() + " in the time given", null)
                : new TunnelException(
                        last.reason(),
                        null,
                        "The connection to " + route.describe()
                                + " is down and could not be repaired in the time given: " + last.getMessage(),
                        last);
    }

    private TunnelException closedFailure() {
        return Failures.failure(Reason.CLOSED, "The session with " + route.describe() + " is closed", null);
    }

    // Forwards.

    List<HeldForward> open(List<Forward> wanted, Deadline deadline) {
        SshLink current = awaitLink(deadline);
        List<HeldForward> held = new ArrayList<>();
        List<HeldForward> fresh = new ArrayList<>();
        boolean opened = false;
        try {
            for (Forward forward : wanted) {
                held.add(acquire(forward, fresh));
            }
            Map<RemoteForward, TunnelException> failures = armer.arm(current, remotes(fresh), deadline);
            for (HeldForward forward : fresh) {
                establish(forward, failures.get(forward));
            }
            for (HeldForward forward : held) {
                awaitEstablished(forward, deadline);
            }
            opened = true;
            return held;
        } finally {
            if (!opened) {
                TunnelException undone = closedFailure();
                fresh.forEach(forward -> forward.established().completeExceptionally(undone));
                release(held);
            }
        }
    }

    private HeldForward acquire(Forward forward, List<HeldForward> fresh) {
        lock.lock();
        try {
            HeldForward present = forwards.get(forward);
            if (present != null) {
                present.hold();
                return present;
            }
            for (Forward other : forwards.keySet()) {
                if (other.direction() == forward.direction() && other.bind().equals(forward.bind())) {
                    throw new TunnelException(
                            Reason.PORT_TAKEN,
                            forward,
                            "Cannot open " + forward + ": this connection already holds " + other
                                    + ". Close that one first or choose another port",
                            null);
                }
            }
            HeldForward created = forward.direction() == Forward.Direction.LOCAL
                    ? new LocalForward(forward, pump, () -> link)
                    : new RemoteForward(forward, pump);
            forwards.put(forward, created);
            fresh.add(created);
            return created;
        } finally {
            lock.unlock();
        }
    }

    private void establish(HeldForward forward, @Nullable TunnelException failed) {
        if (failed == null) {
            forward.up();
            forward.established().complete(null);
        } else {
            forward.established().completeExceptionally(failed);
            throw failed;
        }
    }

    private void awaitEstablished(HeldForward forward, Deadline deadline) {
        try {
            forward.established().get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof TunnelException known
                    ? known
                    : new TunnelException(Reason.PROTOCOL, forward.forward(), Failures.message(e), e);
        } catch (TimeoutException e) {
            throw new TunnelException(
                    Reason.TIMEOUT, forward.forward(), "Opening " + forward.forward() + " took too long", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TunnelException(
                    Reason.CLOSED, forward.forward(), "Interrupted while opening " + forward.forward(), e);
        }
    }

    private static List<RemoteForward> remotes(List<HeldForward> forwards) {
        return forwards.stream()
                .filter(RemoteForward.class::isInstance)
                .map(RemoteForward.class::cast)
                .toList();
    }

    /** Lets go of forwards; those that nobody holds any more end. */
    void release(List<HeldForward> held) {
        List<HeldForward> ended = new ArrayList<>();
        lock.lock();
        try {
            for (HeldForward forward : held) {
                if (forward.letGo()) {
                    forwards.remove(forward.forward(), forward);
                    ended.add(forward);
                }
            }
        } finally {
            lock.unlock();
        }
        end(ended);
    }

    /** Ends a forward, whoever holds it. */
    void end(HeldForward forward) {
        lock.lock();
        try {
            forwards.remove(forward.forward(), forward);
        } finally {
            lock.unlock();
        }
        end(List.of(forward));
    }

    private void end(List<HeldForward> ended) {
        for (HeldForward forward : ended) {
            forward.closed();
            forward.closeListener();
            forward.abortConnections();
        }
        SshLink current = link;
        List<RemoteForward> remote = remotes(ended);
        if (current != null && current.isAlive() && !remote.isEmpty()) {
            armer.cancel(current, remote, Deadline.in(GOODBYE));
        }
    }

    List<HeldForward> forwards() {
        lock.lock();
        try {
            return List.copyOf(forwards.values());
        } finally {
            lock.unlock();
        }
    }

    // Supervision; in the supervisor's thread.

    private void supervise() {
        int attempts = 0;
        Instant downSince = Instant.now();
        while (!isClosed()) {
            try {
                SshLink next = connect();
                attempts = 0;
                if (install(next)) {
                    watch(next);
                }
                next.kill("replaced");
                downSince = Instant.now();
            } catch (TunnelException e) {
                attempts++;
                if (!waitToRetry(e, attempts, downSince)) {
                    return;
                }
            }
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private SshLink connect() {
        SshConnector.Attempt next = connector.attempt(route, new Opener(), settings.attemptTimeout());
        lock.lock();
        try {
            attempt = next;
            if (closed) {
                next.cancel();
            }
        } finally {
            lock.unlock();
        }
        SshLink connected = next.connect();
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
        lock.lock();
        try {
            attempt = null;
            if (closed) {
                return false;
            }
            link = next;
            everUp = true;
            failure = null;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Arms the forwards, then looks after the connection until it is dead or nobody wants it any more. */
    private void watch(SshLink current) {
        LOG.debug("connected to {}", route.describe());
        Rearming rearming = new Rearming(current);
        while (current.isAlive() && !isClosed()) {
            rearming.continueIfDue();
            keepAlive(current);
            pause(rearming.pause());
        }
        String reason = current.causeOfDeath();
        LOG.debug("connection to {} ended: {}", route.describe(), reason);
        lock.lock();
        try {
            link = null;
            failure = Failures.failure(
                    Reason.UNREACHABLE, "The connection to " + route.describe() + " broke: " + reason, null);
        } finally {
            lock.unlock();
        }
        forwards().forEach(forward -> {
            forward.down(reason, 0, Instant.now());
            forward.abortConnections();
        });
    }

    /** Brings the forwards back on a new connection, again and again until each is up. */
    private final class Rearming {
        private final SshLink current;
        private int attempts;
        private long next = System.nanoTime();

        Rearming(SshLink current) {
            this.current = current;
        }

        void continueIfDue() {
            if (System.nanoTime() - next < 0) {
                return;
            }
            List<HeldForward> down = forwards().stream()
                    .filter(forward ->
                            forward.established().isDone() && !forward.state().isUp())
                    .toList();
            if (down.isEmpty()) {
                next = System.nanoTime() + settings.longestRetry().toNanos();
                return;
            }
            attempts++;
            Map<RemoteForward, TunnelException> failures = armer.arm(current, remotes(down), Deadline.in(REARM_TIME));
            Duration delay = retryDelay(attempts);
            next = System.nanoTime() + delay.toNanos();
            for (HeldForward forward : down) {
                TunnelException failed = failures.get(forward);
                if (failed == null) {
                    forward.up();
                } else {
                    forward.down(
                            String.valueOf(failed.getMessage()),
                            attempts,
                            Instant.now().plus(delay));
                }
            }
        }

        Duration pause() {
            Duration untilNext = Duration.ofNanos(Math.max(1, next - System.nanoTime()));
            Duration tick = settings.keepAlive().dividedBy(4);
            return untilNext.compareTo(tick) < 0 ? untilNext : tick;
        }
    }

    private void keepAlive(SshLink current) {
        Duration silence = current.silence();
        if (silence.compareTo(settings.deadPeerTimeout()) >= 0) {
            current.kill("nothing was heard for " + silence.toSeconds() + " s");
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

    /** Waits before the next attempt; returns false if there is none. */
    private boolean waitToRetry(TunnelException cause, int attempts, Instant downSince) {
        Duration delay = retryDelay(Duration.between(downSince, Instant.now()), cause.isTransient());
        lock.lock();
        try {
            attempt = null;
            failure = cause;
            changed.signalAll();
            if (!everUp) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        LOG.debug("{}; next attempt in {} ms", cause.getMessage(), delay.toMillis());
        Instant next = Instant.now().plus(delay);
        forwards().forEach(forward -> forward.down(String.valueOf(cause.getMessage()), attempts, next));
        Deadline end = Deadline.in(delay);
        while (!end.isOver() && !isClosed()) {
            pause(end.left());
        }
        return !isClosed();
    }

    /** Waits for a change, at most that long. A change since the last wait counts. */
    private void pause(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!closed && !signalled && left > 0) {
                left = changed.awaitNanos(left);
            }
            signalled = false;
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The delay is a fraction of how long it has been down: a server that is back after five seconds is found within one,
     * one that is away for an hour is not asked every second.
     */
    private Duration retryDelay(Duration down, boolean transientFailure) {
        Duration wanted = transientFailure ? down.dividedBy(8) : settings.longestRetry();
        if (wanted.compareTo(settings.shortestRetry()) < 0) {
            wanted = settings.shortestRetry();
        }
        if (wanted.compareTo(settings.longestRetry()) > 0) {
            wanted = settings.longestRetry();
        }
        return jitter(wanted);
    }

    private Duration retryDelay(int attempts) {
        return retryDelay(settings.shortestRetry().multipliedBy(8L << Math.min(attempts, 16)), true);
    }

    private static Duration jitter(Duration delay) {
        return Duration.ofNanos(
                (long) (delay.toNanos() * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }

    // The end.

    /** Ends everything, after the last user has left, in less than two seconds even if the peer is dead. */
    void close() {
        SshConnector.Attempt pending;
        List<HeldForward> ended;
        lock.lock();
        try {
            closed = true;
            pending = attempt;
            ended = List.copyOf(forwards.values());
            forwards.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (pending != null) {
            pending.cancel();
        }
        SshLink last = link;
        boolean polite = last != null
                && last.isAlive()
                && last.silence().compareTo(settings.keepAlive().multipliedBy(2)) < 0;
        if (last != null && !polite) {
            last.kill("closed");
        }
        end(ended);
        if (last != null && polite) {
            sayGoodbye(last);
        }
        pump.close();
        awaitThreads();
    }

    private void sayGoodbye(SshLink last) {
        // Blocks if the connection is stuck: by another thread, and not for long.
        Thread goodbye = new Thread(last::disconnect, "jrm-ssh goodbye " + route.login());
        goodbye.setDaemon(true);
        goodbye.start();
        try {
            goodbye.join(GOODBYE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        last.kill("closed");
    }

    private void awaitThreads() {
        try {
            supervisor.join(THREAD_END.toMillis());
            if (!pump.awaitEnd(THREAD_END.toMillis()) || supervisor.isAlive()) {
                LOG.debug("threads of {} take longer to end", route.describe());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Finds the forward to which a connection on the login node came. */
    private final class Opener implements ForwardedChannelOpener {
        @Override
        public String getChannelType() {
            return ForwardedOpen.TYPE;
        }

        @Override
        public void handleOpen(SSHPacket packet) throws TransportException {
            try {
                ForwardedOpen open = ForwardedOpen.read(packet);
                pump.execute(() -> opened(open));
            } catch (Buffer.BufferException e) {
                throw new TransportException(e);
            }
        }

        private void opened(ForwardedOpen open) {
            SshLink current = link;
            RemoteForward forward = find(open);
            if (current == null) {
                return;
            }
            if (forward != null) {
                forward.opened(current, open);
                return;
            }
            try {
                current.connection()
                        .sendOpenFailure(
                                open.channel(),
                                OpenFailException.Reason.ADMINISTRATIVELY_PROHIBITED,
                                "no such forward");
            } catch (TransportException e) {
                LOG.trace("{} is gone", route, e);
            }
        }

        private @Nullable RemoteForward find(ForwardedOpen open) {
            RemoteForward samePort = null;
            for (RemoteForward forward : remotes(forwards())) {
                if (forward.forward().bind().port() == open.port()) {
                    if (SshLink.bindAddress(forward.forward().bind()).equals(open.address())) {
                        return forward;
                    }
                    samePort = forward;
                }
            }
            return samePort;
        }
    }
}
