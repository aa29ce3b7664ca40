package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.ForwardTable;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.HeldForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.LocalForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.RemoteForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.RemoteForwardRequest;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.SocketEventLoop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The SSH connection of one route, as its users see it: there from the first of them to the last, repaired when it breaks. */
public final class SharedConnection {

    private static final Logger LOG = LoggerFactory.getLogger(SharedConnection.class);
    private static final Duration GOODBYE = Duration.ofMillis(500);
    private static final Duration THREAD_END = Duration.ofMillis(400);

    private final SshRoute route;
    private final Settings settings;
    private final SocketEventLoop pump;
    private final ForwardTable forwards = new ForwardTable();
    private final RemoteForwardRequest armer;
    private final TunnelEventPublisher events;
    private final Supervisor supervisor;
    private int users = 1; // guarded by this
    private boolean ended; // guarded by this

    public SharedConnection(SshRoute route, Settings settings, SshConnector connector) {
        this.route = route;
        this.settings = settings;
        this.armer = new RemoteForwardRequest(settings.outputLimit(), settings.heldPortTimeout());
        this.events = new TunnelEventPublisher(route, settings.listener());
        this.pump = new SocketEventLoop(route.login().toString());
        this.supervisor = new Supervisor(route, settings, connector, pump, forwards, armer, events);
    }

    public SshRoute route() {
        return route;
    }

    /** Adds a user; returns false if the connection has ended meanwhile. */
    public synchronized boolean join() {
        if (!ended) {
            users++;
        }
        return !ended;
    }

    /** Removes a user; returns whether it was the last, who has to {@link #close}. */
    public synchronized boolean leave() {
        users--;
        ended |= users == 0;
        return users == 0;
    }

    public synchronized boolean isEnded() {
        return ended;
    }

    public ConnectionState state() {
        return supervisor.state();
    }

    /** Waits for the connection. */
    public SshLink awaitLink(Deadline deadline) {
        return supervisor.awaitLink(deadline);
    }

    public List<HeldForward> forwards() {
        return forwards.all();
    }

    /** Opens all forwards, or none. */
    public List<HeldForward> open(List<Forward> wanted, Deadline deadline) {
        SshLink link = awaitLink(deadline);
        List<HeldForward> held = new ArrayList<>();
        List<HeldForward> fresh = new ArrayList<>();
        boolean opened = false;
        try {
            for (Forward forward : wanted) {
                held.add(forwards.acquire(forward, this::create, fresh));
            }
            Map<RemoteForward, TunnelException> failures =
                    armer.armPatiently(link, ForwardTable.remotes(fresh), deadline);
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
                TunnelException undone = SshFailureTranslator.failure(
                        Reason.CLOSED, "Whoever opened the forward first has given up; try again", null);
                fresh.forEach(forward -> forward.established().completeExceptionally(undone));
                release(held);
            }
        }
    }

    private HeldForward create(Forward forward) {
        return forward.direction() == Forward.Direction.LOCAL
                ? new LocalForward(forward, pump, events::tell, supervisor::link)
                : new RemoteForward(forward, pump, events::tell, supervisor::link);
    }

    private static void establish(HeldForward forward, @Nullable TunnelException failed) {
        if (failed != null) {
            forward.established().completeExceptionally(failed);
            throw failed;
        }
        forward.up();
        forward.established().complete(null);
    }

    private static void awaitEstablished(HeldForward held, Deadline deadline) {
        Forward forward = held.forward();
        try {
            held.established().get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof TunnelException known
                    ? known
                    : new TunnelException(Reason.PROTOCOL, forward, SshFailureTranslator.message(e), e);
        } catch (TimeoutException e) {
            throw new TunnelException(Reason.TIMEOUT, forward, "Opening " + forward + " took too long", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TunnelException(Reason.CLOSED, forward, "Interrupted while opening " + forward, e);
        }
    }

    /** Lets go of forwards; those that nobody holds any more end. */
    public void release(List<HeldForward> held) {
        end(forwards.release(held));
    }

    /** Ends a forward, whoever holds it. */
    public void end(HeldForward forward) {
        forwards.remove(forward);
        end(List.of(forward));
    }

    private void end(List<HeldForward> ending) {
        for (HeldForward forward : ending) {
            forward.closed();
            forward.closeListener();
            forward.abortConnections();
        }
        SshLink link = supervisor.link();
        List<RemoteForward> remote = ForwardTable.remotes(ending);
        if (link != null && link.isAlive() && !remote.isEmpty()) {
            armer.cancel(link, remote, Deadline.after(GOODBYE));
        }
    }

    /** Ends everything in less than two seconds, even if the peer is dead. */
    public void close() {
        synchronized (this) {
            ended = true;
        }
        supervisor.stop();
        SshLink link = supervisor.link();
        boolean answering = link != null
                && link.isAlive()
                && link.silence().compareTo(settings.keepAlive().multipliedBy(2)) < 0;
        if (link != null && !answering) {
            link.kill("closed");
        }
        end(forwards.clear());
        if (link != null && answering) {
            sayGoodbye(link);
        }
        pump.close();
        try {
            if (!supervisor.kill(THREAD_END) || !pump.awaitEnd(THREAD_END.toMillis())) {
                LOG.debug("threads of {} take longer to end", route.describe());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sayGoodbye(SshLink link) {
        // Blocks if the connection is stuck: by another thread, and not for long.
        Thread goodbye = new Thread(link::disconnect, "jrm-ssh goodbye " + route.login());
        goodbye.setDaemon(true);
        goodbye.start();
        try {
            goodbye.join(GOODBYE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        link.kill("closed");
    }
}
