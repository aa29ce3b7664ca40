package org.jlab.jiriaf.jrm.port;

import org.jlab.jiriaf.jrm.JrmException;
import org.jspecify.annotations.Nullable;

/** No port could be leased, or a lease could not be renewed or given back. */
public class PortAllocationException extends JrmException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what failed, in which range, why and what to do
     * @param cause the store's own exception, if there is one
     * @param transientFailure whether the same call can succeed later
     */
    public PortAllocationException(String message, @Nullable Throwable cause, boolean transientFailure) {
        super(message, cause, transientFailure);
    }
}
