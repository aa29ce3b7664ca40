package org.jlab.jiriaf.jrm.batch;

/**
 * A submission brought no answer, and nobody can tell yet whether the batch system took the job. It must not be submitted
 * again before it is certain that no job with its token is there or can still appear.
 */
public class UnknownSubmissionException extends BatchSchedulerException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message which job, on which login node, and what went wrong
     */
    public UnknownSubmissionException(String message) {
        super(message, true);
    }
}
