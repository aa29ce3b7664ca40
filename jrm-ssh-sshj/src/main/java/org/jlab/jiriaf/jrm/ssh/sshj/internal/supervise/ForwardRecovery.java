package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.ForwardTable;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.HeldForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.RemoteForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.RemoteForwardRequest;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;

/**
 * Brings the forwards back on a new connection, again and again until each is up. A port on the login node that the old
 * connection still holds there becomes free only when the server notices that it is dead.
 */
final class ForwardRecovery {

    private static final Duration NOTHING_TO_DO = Duration.ofSeconds(1);

    private final SshLink link;
    private final ForwardTable forwards;
    private final RemoteForwardRequest armer;
    private final Backoff backoff;
    private final Duration patience;
    private final long start = System.nanoTime();
    private int attempts;
    private Deadline next = Deadline.after(Duration.ZERO);

    /**
     * @param patience how long one try may take; a connection that dies meanwhile is noticed only then
     */
    ForwardRecovery(
            SshLink link, ForwardTable forwards, RemoteForwardRequest armer, Backoff backoff, Duration patience) {
        this.link = link;
        this.forwards = forwards;
        this.armer = armer;
        this.backoff = backoff;
        this.patience = patience;
    }

    /** Tries again, if it is time to. */
    void continueIfDue() {
        if (!next.isOver()) {
            return;
        }
        // Those that were never up belong to whoever is opening them.
        List<HeldForward> down = forwards.all().stream()
                .filter(forward ->
                        forward.established().isDone() && !forward.state().isUp())
                .toList();
        if (down.isEmpty()) {
            next = Deadline.after(NOTHING_TO_DO);
            return;
        }
        attempts++;
        Map<RemoteForward, TunnelException> failures =
                armer.arm(link, ForwardTable.remotes(down), Deadline.after(patience));
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        Duration delay = backoff.after(waited, true);
        next = Deadline.after(delay);
        for (HeldForward forward : down) {
            TunnelException failed = failures.get(forward);
            if (failed == null) {
                forward.up();
            } else {
                forward.down(
                        String.valueOf(armer.afterWaiting(failed, waited).getMessage()),
                        attempts,
                        Instant.now().plus(delay));
            }
        }
    }

    /** How long nothing is due. */
    Duration pause() {
        return next.remaining();
    }
}
