package org.jlab.jiriaf.jrm.report;

import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * How far a deployment has come on its way to Ready nodes.
 *
 * @param summary the deployment at a glance
 * @param queue what the batch system says of a job that waits, or null
 */
public record DeploymentProgress(
        WorkflowSummary summary, @Nullable String queue) {

    /**
     * Whether all its nodes are Ready.
     *
     * @return true if they are, false if they are not or nobody knows
     */
    public boolean isReady() {
        Integer ready = summary.nodes().ready();
        return ready != null && ready == summary.nodes().total();
    }

    /**
     * Whether it has ended, so that nothing more can be waited for.
     *
     * @return true if it has
     */
    public boolean isOver() {
        return summary.state().isOver();
    }

    /**
     * Says it in one line.
     *
     * @return such as {@code workflow 12 is RESERVED, job 4711 PENDING (Priority), nodes ready 0 of 2}
     */
    public String describe() {
        Integer ready = summary.nodes().ready();
        return "workflow " + summary.id() + " is " + summary.state() + job()
                + (ready == null
                        ? ""
                        : ", nodes ready " + ready + " of " + summary.nodes().total())
                + (summary.toLookAt() == null ? "" : "; " + summary.toLookAt());
    }

    private String job() {
        if (summary.state() == WorkflowState.READY) {
            return ", waits for an agent of " + summary.site();
        }
        if (summary.jobId() == null) {
            return "";
        }
        return ", job " + summary.jobId() + (queue == null ? "" : " " + queue);
    }
}
