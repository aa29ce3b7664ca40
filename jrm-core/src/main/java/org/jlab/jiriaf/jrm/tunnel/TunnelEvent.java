package org.jlab.jiriaf.jrm.tunnel;

import java.time.Instant;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to an SSH connection or a forward while it was held.
 *
 * @param at when
 * @param route the connection
 * @param login the login node in use, or null while there is no connection
 * @param forward the forward, or null if it is about the connection as a whole
 * @param kind what happened
 * @param message what happened, in words, with the reason if it is bad news
 */
public record TunnelEvent(
        Instant at,
        SshRoute route,
        @Nullable SshHop login,
        @Nullable Forward forward,
        Kind kind,
        String message) {

    /** Makes the message fit one line, since parts of it can come from elsewhere. */
    public TunnelEvent {
        message = TextRules.toOneLine(message, Integer.MAX_VALUE);
    }

    /** What happened. */
    public enum Kind {
        /** Logged in, for the first time or again. */
        CONNECTED,
        /** The connection broke; it is being repaired. */
        DISCONNECTED,
        /** An attempt to repair the connection failed; there will be another. */
        ATTEMPT_FAILED,
        /** The forward carries traffic. */
        FORWARD_UP,
        /** The forward carries none; it is being repaired. */
        FORWARD_DOWN,
        /** The forward was given up by its last holder. */
        FORWARD_CLOSED,
        /** The user certificate of the connection expires soon. New connections will not be possible then. */
        CERTIFICATE_EXPIRES,
        /** A renewed key or certificate was found and a new connection has taken over. */
        CERTIFICATE_RENEWED
    }
}
