package org.jlab.jiriaf.jrm.ssh.sshj;

import java.time.Duration;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jspecify.annotations.Nullable;

/** A port of the login node is held by its SSH server for another connection of the same user; it may become free. */
final class PortHeldException extends TunnelException {

    private static final long serialVersionUID = 1L;

    PortHeldException(Forward forward, String message, @Nullable Throwable cause) {
        super(Reason.PORT_TAKEN, forward, message, cause);
    }

    /** The same after it was waited for in vain. */
    TunnelException afterWaiting(Duration waited) {
        return new TunnelException(
                Reason.PORT_TAKEN,
                forward().orElseThrow(),
                getMessage() + ". It has not become free in " + waited.toSeconds()
                        + " s: end that connection (its sshd process on the login node), or choose another port",
                this);
    }
}
