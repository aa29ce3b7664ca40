package org.jlab.jiriaf.jrm.batch;

/** States of a batch job, as far as they make a difference here; every batch system has words of its own for them. */
public enum BatchJobState {
    /** Waits for resources, for its turn, for a start time, or for its nodes to boot. */
    PENDING,
    /** Has processes, running or stopped. */
    RUNNING,
    /** Is being taken down. */
    COMPLETING,
    /** The batch system named a state that is not known here. The job is taken for alive. */
    UNKNOWN,
    /** Ended with exit code 0. */
    COMPLETED,
    /** Cancelled by a user or an administrator. */
    CANCELLED,
    /** Ended with another exit code, or out of memory. */
    FAILED,
    /** Ended by its time limit, or by its deadline. */
    TIMEOUT,
    /** Ended because a node failed or could not be booted. */
    NODE_FAIL,
    /** Ended in favour of another job. */
    PREEMPTED;

    /**
     * Tells whether the job has ended for good.
     *
     * @return false for a job that waits, runs, is being taken down, or is in a state that is not known here
     */
    public boolean isOver() {
        return compareTo(COMPLETED) >= 0;
    }
}
