package org.jlab.jiriaf.jrm;

import org.jspecify.annotations.Nullable;

/**
 * Root of everything that jrm throws on its own account. The message says what failed, on which host, port, id or
 * field, why, and what to do about it. Wrong arguments are {@link IllegalArgumentException} and calls in the wrong order
 * {@link IllegalStateException}; exceptions of a driver appear only as the cause.
 */
public class JrmException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean transientFailure;

    /**
     * Makes an exception.
     *
     * @param message what failed, where, why and what to do
     * @param cause the driver's own exception, if there is one
     * @param transientFailure whether the same call can succeed later with nothing changed on this side
     */
    public JrmException(String message, @Nullable Throwable cause, boolean transientFailure) {
        super(message, cause);
        this.transientFailure = transientFailure;
    }

    /**
     * Tells whether a retry can help: true for a host that does not answer, false for a refused key.
     *
     * @return whether the same call can succeed later with nothing changed on this side
     */
    public final boolean isTransient() {
        return transientFailure;
    }
}
