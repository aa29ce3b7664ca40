package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.time.Duration;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jspecify.annotations.Nullable;

/**
 * A port of the login node is held by its SSH server for another connection of the same user, or by a connection that uses
 * it for its own end; it may become free.
 */
public final class PortHeldException extends TunnelException {

    private static final long serialVersionUID = 1L;

    /** What to do if it does not become free. */
    private final String advice;

    private PortHeldException(Forward forward, String message, String advice, @Nullable Throwable cause) {
        super(Reason.PORT_TAKEN, forward, message, cause);
        this.advice = advice;
    }

    /** The server itself has the port, for another connection of ours. */
    static PortHeldException byServer(Forward forward, String message, @Nullable Throwable cause) {
        return new PortHeldException(
                forward, message, "end that connection (its sshd process on the login node)", cause);
    }

    /**
     * Somebody's connection has the port. Programs pick any free port for their end of a connection, those of Slurm from 1024
     * on, and the kernel keeps it for a minute when the connection is over.
     */
    static PortHeldException byConnection(Forward forward, String message, @Nullable Throwable cause) {
        return new PortHeldException(
                forward,
                message
                        + ". Probably a connection made there uses the port for its own end, or did so within the last minute"
                        + " ('ss -tan' shows it)",
                "try again in a minute",
                cause);
    }

    /** The same after it was waited for in vain. */
    TunnelException afterWaiting(Duration waited) {
        return new TunnelException(
                Reason.PORT_TAKEN,
                forward().orElseThrow(),
                getMessage() + ". It has not become free in " + waited.toSeconds() + " s: " + advice
                        + ", or choose another port",
                this);
    }
}
