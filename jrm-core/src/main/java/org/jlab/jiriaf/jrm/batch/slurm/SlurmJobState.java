package org.jlab.jiriaf.jrm.batch.slurm;

import java.util.Locale;

/**
 * States of a Slurm job, as far as they make a difference here.
 *
 * @see <a href="https://slurm.schedmd.com/squeue.html#SECTION_JOB-STATE-CODES">squeue, job state codes</a>
 */
enum SlurmJobState {
    /** Waits for resources, for its turn, or for its nodes to boot. */
    PENDING,
    /** Has processes, running or stopped. */
    RUNNING,
    /** Is being taken down. */
    COMPLETING,
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
    PREEMPTED,
    /** Slurm does not know it any more. */
    GONE,
    /** A state that this list does not have; taken for alive. */
    UNKNOWN;

    /**
     * Reads what {@code squeue --format=%T}, {@code sacct} or {@code scontrol} print.
     *
     * @param text one or several lines; blank means that the job is no longer listed
     */
    static SlurmJobState of(String text) {
        String word = text.strip().toUpperCase(Locale.ROOT).split("[\\s+]", 2)[0];
        return switch (word) {
            case "" -> GONE;
            case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT" ->
                PENDING;
            case "RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "RESIZING", "STAGE_OUT" -> RUNNING;
            case "COMPLETING" -> COMPLETING;
            case "COMPLETED" -> COMPLETED;
            case "CANCELLED" -> CANCELLED;
            case "FAILED", "OUT_OF_MEMORY" -> FAILED;
            case "TIMEOUT", "DEADLINE" -> TIMEOUT;
            case "NODE_FAIL", "BOOT_FAIL" -> NODE_FAIL;
            case "PREEMPTED", "REVOKED" -> PREEMPTED;
            default -> UNKNOWN;
        };
    }

    boolean isRunning() {
        return this == RUNNING;
    }

    boolean isOver() {
        return compareTo(COMPLETED) >= 0 && this != UNKNOWN;
    }
}
