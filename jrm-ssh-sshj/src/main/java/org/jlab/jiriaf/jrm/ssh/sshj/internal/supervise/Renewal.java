package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.login.UserKey;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jspecify.annotations.Nullable;

/**
 * Warns of the end of a user certificate, and connects anew once its key file has been written again: an expired certificate
 * does not end a connection, but forbids the next one.
 */
final class Renewal {

    private static final Duration LOOK_AT_KEYS = Duration.ofSeconds(2);

    private final SshLink link;
    private final Supplier<SshLink> connector;
    private final Settings settings;
    private final TunnelEventPublisher events;
    private boolean warned;
    private Deadline next = Deadline.after(LOOK_AT_KEYS);

    Renewal(SshLink link, Supplier<SshLink> connector, Settings settings, TunnelEventPublisher events) {
        this.link = link;
        this.connector = connector;
        this.settings = settings;
        this.events = events;
    }

    /** Returns a connection that is to take over, or null if none is due. */
    @Nullable
    SshLink successorIfDue() {
        if (!next.isOver()) {
            return null;
        }
        next = Deadline.after(LOOK_AT_KEYS);
        link.keys().forEach(this::warnIfDue);
        if (link.keys().stream().noneMatch(UserKey::isRenewed)) {
            return null;
        }
        try {
            SshLink successor = connector.get();
            events.tell(
                    TunnelEvent.Kind.CERTIFICATE_RENEWED, "Logged in to " + successor + " anew with the renewed key");
            return successor;
        } catch (TunnelException e) {
            next = Deadline.after(settings.longestRetry());
            events.tell(
                    TunnelEvent.Kind.ATTEMPT_FAILED,
                    "The key was renewed, but does not log in; the old connection stays: " + e.getMessage());
            return null;
        }
    }

    private void warnIfDue(UserKey key) {
        Instant end = key.validUntil();
        if (!warned
                && end != null
                && Instant.now().plus(settings.certificateWarning()).isAfter(end)) {
            warned = true;
            events.tell(
                    TunnelEvent.Kind.CERTIFICATE_EXPIRES,
                    "The certificate of " + key.file() + " for " + link + " expires at " + end
                            + ". The connection stays, but cannot be repaired after that: renew it");
        }
    }
}
