package org.jlab.jiriaf.jrm.batch;

import org.jlab.jiriaf.jrm.JrmException;

/** The batch system refused something; the message carries its own words. */
public class BatchSchedulerException extends JrmException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message which job, on which login node, in the batch system's words, and what to do
     * @param transientFailure whether the same call can succeed later
     */
    public BatchSchedulerException(String message, boolean transientFailure) {
        super(message, null, transientFailure);
    }
}
