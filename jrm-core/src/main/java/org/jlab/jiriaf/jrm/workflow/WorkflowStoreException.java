package org.jlab.jiriaf.jrm.workflow;

import org.jlab.jiriaf.jrm.JrmException;
import org.jspecify.annotations.Nullable;

/** The store refused or could not be reached. */
public class WorkflowStoreException extends JrmException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what failed, for which workflow, on which host, why and what to do
     * @param cause the driver's own exception, if there is one
     * @param transientFailure whether the same call can succeed later
     */
    public WorkflowStoreException(String message, @Nullable Throwable cause, boolean transientFailure) {
        super(message, cause, transientFailure);
    }
}
