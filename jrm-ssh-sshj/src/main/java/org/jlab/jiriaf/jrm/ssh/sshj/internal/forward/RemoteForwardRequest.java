package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.schmizz.concurrent.Promise;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the login node to listen for remote forwards, and proves each. All requests are on their way before the first answer. */
public final class RemoteForwardRequest {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteForwardRequest.class);

    /** How long a connection made on the login node may take to arrive here before somebody else must have got it. */
    private static final Duration PROOF_TIME = Duration.ofSeconds(5);

    /** How long it may take to find out who holds a port. */
    private static final Duration HOLDER_TIME = Duration.ofSeconds(15);

    /** How often a port that the server still holds is tried again. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final int outputLimit;
    private final Duration heldPortTimeout;

    /**
     * @param heldPortTimeout how long a port is waited for that the server holds for another connection of ours
     */
    public RemoteForwardRequest(int outputLimit, Duration heldPortTimeout) {
        this.outputLimit = outputLimit;
        this.heldPortTimeout = heldPortTimeout;
    }

    /**
     * Tries to bring new forwards up. If nothing but ports that the server holds for another connection of ours stand in the
     * way, waits for these.
     */
    public Map<RemoteForward, TunnelException> armPatiently(
            SshLink link, List<RemoteForward> forwards, Deadline deadline) {
        long start = System.nanoTime();
        Deadline patience = deadline.orAfter(heldPortTimeout);
        Map<RemoteForward, TunnelException> failures = arm(link, forwards, deadline);
        while (!failures.isEmpty() && failures.values().stream().allMatch(PortHeldException.class::isInstance)) {
            if (patience.isOver()) {
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                failures.replaceAll((forward, failure) -> afterWaiting(failure, waited));
                return failures;
            }
            failures.forEach((forward, failure) -> forward.down(failure.getMessage() + ". Waiting for it", 0, null));
            Duration left = patience.remaining();
            if (link.awaitDeath(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN)) {
                return failures;
            }
            Map<RemoteForward, TunnelException> before = failures;
            failures = arm(link, List.copyOf(failures.keySet()), deadline);
            if (deadline.isOver()) {
                // The last try had no time to learn anything: what was known before stands.
                failures.replaceAll((forward, failure) ->
                        failure.reason() == Reason.TIMEOUT ? before.getOrDefault(forward, failure) : failure);
                return failures;
            }
        }
        return failures;
    }

    /** The failure as it stands after a held port has been waited for, long enough or not. */
    public TunnelException afterWaiting(TunnelException failure, Duration waited) {
        return failure instanceof PortHeldException held && waited.compareTo(heldPortTimeout) >= 0
                ? held.afterWaiting(waited)
                : failure;
    }

    /** Tries to bring the forwards up; returns what went wrong with those that are not. */
    public Map<RemoteForward, TunnelException> arm(SshLink link, List<RemoteForward> forwards, Deadline deadline) {
        Map<RemoteForward, RemoteForwardProbe> proofs = new LinkedHashMap<>();
        Map<RemoteForward, Promise<SSHPacket, ConnectionException>> replies = new LinkedHashMap<>();
        Map<RemoteForward, TunnelException> failures = new HashMap<>();
        for (RemoteForward forward : forwards) {
            proofs.put(forward, forward.expectProof());
            try {
                replies.put(forward, link.requestForward(forward.forward().bind()));
            } catch (TransportException e) {
                failures.put(forward, lost(forward, e));
            }
        }
        replies.forEach((forward, reply) -> {
            try {
                reply.retrieve(deadline.millisLeft(), TimeUnit.MILLISECONDS);
                forward.startProof(link);
            } catch (ConnectionException e) {
                failures.put(forward, refused(link, forward, deadline, e));
            }
        });
        Deadline proofEnd = deadline.orAfter(PROOF_TIME);
        List<RemoteForward> unproved = new ArrayList<>();
        proofs.forEach((forward, proof) -> {
            if (!failures.containsKey(forward)) {
                try {
                    proof.await(proofEnd);
                } catch (TunnelException e) {
                    failures.put(forward, e);
                    unproved.add(forward);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    failures.put(
                            forward,
                            forward.failure(Reason.CLOSED, "Interrupted while proving " + forward.forward(), e));
                }
            }
            proof.end(!failures.containsKey(forward));
        });
        if (link.isAlive()) {
            // The server listens at one address of two, perhaps; the next try shall find the port as this one did.
            cancel(link, unproved, proofEnd);
        }
        return failures;
    }

    private static TunnelException lost(RemoteForward forward, Exception cause) {
        return forward.failure(
                Reason.UNREACHABLE,
                "The connection broke while " + forward.forward() + " was opened: "
                        + SshFailureTranslator.message(cause),
                cause);
    }

    private TunnelException refused(SshLink link, RemoteForward forward, Deadline deadline, ConnectionException cause) {
        if (!link.isAlive()) {
            return lost(forward, cause);
        }
        if (deadline.isOver()) {
            return forward.failure(
                    Reason.TIMEOUT, "The login node did not answer in time about " + forward.forward(), cause);
        }
        int port = forward.forward().bind().port();
        String what = "Cannot open " + forward.forward() + ": ";
        return switch (holder(link, port, deadline.orAfter(HOLDER_TIME))) {
            case SOMEBODY_ELSE ->
                forward.failure(
                        Reason.PORT_TAKEN,
                        what + "port " + port + " of " + link
                                + " is in use there by somebody else. Choose another port",
                        cause);
            case SSH_SERVER_FOR_US ->
                PortHeldException.byServer(
                        forward.forward(),
                        what + "port " + port + " of " + link
                                + " is held by its SSH server for another connection of the"
                                + " same user, perhaps an earlier connection whose death it has not noticed",
                        cause);
            case CONNECTION ->
                PortHeldException.byConnection(
                        forward.forward(), what + link + " cannot listen on port " + port, cause);
            case NOBODY ->
                forward.failure(
                        Reason.FORWARDING_FORBIDDEN,
                        what + link + " refuses to listen on port " + port
                                + ", and nothing listens there. Its server forbids it (AllowTcpForwarding, PermitListen,"
                                + " a port below 1024)",
                        cause);
        };
    }

    private PortHolder holder(SshLink link, int port, Deadline deadline) {
        try {
            return PortHolder.of(link, port, outputLimit, deadline);
        } catch (TunnelException e) {
            LOG.debug("cannot tell who holds port {} of {}", port, link, e);
            return PortHolder.NOBODY;
        }
    }

    /** Asks the login node to stop listening, and waits until it has, or cannot any more. */
    public void cancel(SshLink link, List<RemoteForward> forwards, Deadline deadline) {
        Map<RemoteForward, Promise<SSHPacket, ConnectionException>> replies = new LinkedHashMap<>();
        for (RemoteForward forward : forwards) {
            try {
                replies.put(forward, link.cancelForward(forward.forward().bind()));
            } catch (TransportException e) {
                LOG.debug("{} ended with its connection", forward.forward());
                return;
            }
        }
        replies.forEach((forward, reply) -> {
            try {
                reply.retrieve(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            } catch (ConnectionException e) {
                LOG.debug("{} was not confirmed to have ended: {}", forward.forward(), e.toString());
            }
        });
    }
}
