package org.jlab.jiriaf.jrm.workflow;

/**
 * State of a Firework, and of a workflow, as FireWorks defines them. For a workflow of one Firework the two are the same.
 *
 * @see <a href="https://materialsproject.github.io/fireworks/reference.html">FireWorks reference</a>
 */
public enum WorkflowState {
    /** Taken out of use. Final. */
    ARCHIVED,
    /** Failed: a task ended with an error, or the run was declared lost. */
    FIZZLED,
    /** Stopped by a user; can be reignited. */
    DEFUSED,
    /** Held back by a user; can be resumed. */
    PAUSED,
    /** Waits for its parents. */
    WAITING,
    /** May be taken by an agent. */
    READY,
    /** Taken by an agent; its batch job is being submitted or waits in the queue. */
    RESERVED,
    /** Its job runs, or ran and has not reported its end. */
    RUNNING,
    /** Ran to its end. */
    COMPLETED;

    /**
     * Tells whether nothing of the workflow runs or will run unless somebody asks for it.
     *
     * @return true for ARCHIVED, FIZZLED, DEFUSED and COMPLETED
     */
    public boolean isOver() {
        return this == ARCHIVED || this == FIZZLED || this == DEFUSED || this == COMPLETED;
    }
}
