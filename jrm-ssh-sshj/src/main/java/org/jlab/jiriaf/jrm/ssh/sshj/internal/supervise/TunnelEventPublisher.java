package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.HeldForward;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listener what happens on one route. */
final class TunnelEventPublisher {

    private static final Logger LOG = LoggerFactory.getLogger(TunnelEventPublisher.class);

    private final SshRoute route;
    private final Consumer<TunnelEvent> listener;
    private volatile @Nullable SshHop login;

    TunnelEventPublisher(SshRoute route, Consumer<TunnelEvent> listener) {
        this.route = route;
        this.listener = listener;
    }

    /** Notes to which login node the connection leads from now on; null while there is none. */
    void login(@Nullable SshHop present) {
        login = present;
    }

    /** Tells of the connection as a whole. */
    void tell(TunnelEvent.Kind kind, String message) {
        tell(new TunnelEvent(Instant.now(), route, login, null, kind, message));
    }

    /** Tells of a forward whose state has changed. */
    void tell(HeldForward forward) {
        TunnelState state = forward.state();
        TunnelEvent.Kind kind = switch (state.status()) {
            case UP -> TunnelEvent.Kind.FORWARD_UP;
            case DOWN -> TunnelEvent.Kind.FORWARD_DOWN;
            case CLOSED -> TunnelEvent.Kind.FORWARD_CLOSED;
        };
        String status = state.status().name().toLowerCase(Locale.ROOT);
        String reason = state.reason() == null ? "" : ": " + state.reason();
        tell(new TunnelEvent(
                Instant.now(), route, login, forward.forward(), kind, forward.forward() + " is " + status + reason));
    }

    private void tell(TunnelEvent event) {
        LOG.debug("{}", event.message());
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            LOG.warn("The listener failed on: {}", event.message(), e);
        }
    }
}
