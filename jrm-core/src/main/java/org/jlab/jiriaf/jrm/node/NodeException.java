package org.jlab.jiriaf.jrm.node;

import org.jlab.jiriaf.jrm.JrmException;
import org.jspecify.annotations.Nullable;

/** The API server refused or could not be asked, or nodes did not become Ready. */
public class NodeException extends JrmException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what failed, for which nodes, at which server, why and what to do
     * @param cause the client's own exception, if there is one
     * @param transientFailure whether the same call can succeed later
     */
    public NodeException(String message, @Nullable Throwable cause, boolean transientFailure) {
        super(message, cause, transientFailure);
    }
}
