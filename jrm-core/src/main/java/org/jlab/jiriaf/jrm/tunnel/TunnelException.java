package org.jlab.jiriaf.jrm.tunnel;

import java.util.Optional;
import org.jlab.jiriaf.jrm.JrmException;
import org.jspecify.annotations.Nullable;

/** An SSH connection, a forward or a remote command failed. {@link #reason()} tells the cases apart that call for different action. */
public class TunnelException extends JrmException {

    private static final long serialVersionUID = 1L;

    /** Why it failed. */
    public enum Reason {
        /** Name not found, connection refused, no route, or the peer went away. A retry can help. */
        UNREACHABLE(true),
        /** No answer in time. A retry can help. */
        TIMEOUT(true),
        /** The host key is not in known_hosts, or another one is. */
        HOST_KEY_REJECTED(false),
        /** The server took none of the keys and passwords. */
        AUTHENTICATION_REFUSED(false),
        /** The user certificate is no longer, or not yet, valid. */
        CERTIFICATE_EXPIRED(false),
        /** The server does not allow the forward. */
        FORWARDING_FORBIDDEN(false),
        /** Somebody else listens on the port. Another port can help. */
        PORT_TAKEN(false),
        /** The SSH configuration or a key file cannot be used. */
        CONFIGURATION(false),
        /** The session or the manager has been closed. */
        CLOSED(false),
        /** Anything else that went wrong between the two ends. */
        PROTOCOL(true);

        private final boolean transientFailure;

        Reason(boolean transientFailure) {
            this.transientFailure = transientFailure;
        }
    }

    private final Reason reason;
    private final transient @Nullable Forward forward;

    /**
     * Makes an exception.
     *
     * @param reason why it failed
     * @param forward the forward it is about, or null if it is about the connection or a command
     * @param message what failed, on which host and port, why and what to do
     * @param cause the SSH library's own exception, if there is one
     */
    public TunnelException(Reason reason, @Nullable Forward forward, String message, @Nullable Throwable cause) {
        super(message, cause, reason.transientFailure);
        this.reason = reason;
        this.forward = forward;
    }

    /**
     * Why it failed.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * The forward that failed.
     *
     * @return the forward, or empty if it is about the connection or a command
     */
    public Optional<Forward> forward() {
        return Optional.ofNullable(forward);
    }
}
