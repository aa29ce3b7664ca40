package org.jlab.jiriaf.jrm.ssh.sshj.internal;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.SSHException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/** Says what an exception of sshj or of the network means for the user. */
public final class SshFailureTranslator {

    private SshFailureTranslator() {}

    /**
     * Explains why a hop could not be logged in to.
     *
     * @param hop the server
     * @param stage what was being done, such as {@code exchange keys with}
     * @param cause what was thrown
     * @param proxy what the hop's proxy command says about it, or null without one
     */
    public static TunnelException ofHop(String hop, String stage, Throwable cause, @Nullable String proxy) {
        if (cause instanceof TunnelException known) {
            return known;
        }
        String what = "Cannot " + stage + " " + hop + ": ";
        if (proxy != null) {
            return failure(Reason.UNREACHABLE, what + proxy + ". Check that the command works by itself", cause);
        }
        if (find(cause, UnknownHostException.class) != null) {
            return failure(Reason.UNREACHABLE, what + "no such host name. Check the name and the resolver", cause);
        }
        ChannelRefusedException refused = find(cause, ChannelRefusedException.class);
        if (refused != null) {
            return refused.isProhibited()
                    ? failure(
                            Reason.FORWARDING_FORBIDDEN,
                            what + "the jump host does not forward there: " + refused.getMessage(),
                            cause)
                    : failure(
                            Reason.UNREACHABLE,
                            what + "the jump host cannot connect to it: " + refused.getMessage(),
                            cause);
        }
        if (find(cause, ConnectException.class) != null || find(cause, NoRouteToHostException.class) != null) {
            return failure(
                    Reason.UNREACHABLE,
                    what + message(cause) + ". Check that the host is up and the port is that of its SSH server",
                    cause);
        }
        if (find(cause, SocketTimeoutException.class) != null
                || find(cause, java.util.concurrent.TimeoutException.class) != null) {
            return failure(Reason.TIMEOUT, what + "no answer in time", cause);
        }
        SSHException ssh = find(cause, SSHException.class);
        if (ssh != null && ssh.getDisconnectReason() == DisconnectReason.KEY_EXCHANGE_FAILED) {
            return failure(Reason.PROTOCOL, what + "no algorithm in common: " + message(cause), cause);
        }
        return failure(Reason.UNREACHABLE, what + "the connection broke: " + message(cause), cause);
    }

    public static TunnelException failure(Reason reason, String message, @Nullable Throwable cause) {
        return new TunnelException(reason, null, message, cause);
    }

    public static String message(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null || message.isBlank() ? root.getClass().getSimpleName() : message;
    }

    public static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return type.cast(t);
            }
        }
        return null;
    }
}
