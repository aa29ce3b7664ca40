package org.jlab.jiriaf.jrm.launch;

import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * How a launch ended, from what its job left in its folder and what the batch system tells. Where the job came to its end, its
 * exit code decides, also if the batch system ended it right after; but not if a node failed or was taken from it.
 *
 * @param state COMPLETED or FIZZLED
 * @param reason why, in words
 */
record LaunchOutcome(WorkflowState state, String reason) {

    static LaunchOutcome of(@Nullable BatchJobStatus job, LaunchFolders.Report report) {
        Integer code = report.exitCode();
        boolean completed =
                code != null ? code == 0 && !isLost(job) : job != null && job.state() == BatchJobState.COMPLETED;
        StringBuilder reason = new StringBuilder(batchSystem(job, report));
        if (code != null) {
            reason.append("; its tasks ended with exit code ").append(code);
        } else if (!completed) {
            reason.append(report.jobId() == null ? "; it has not begun" : "; its tasks did not come to their end");
        }
        if (!completed && !report.errors().isEmpty()) {
            reason.append(": ").append(report.errors());
        }
        return new LaunchOutcome(completed ? WorkflowState.COMPLETED : WorkflowState.FIZZLED, reason.toString());
    }

    /** Whether the nodes were taken from the job. Seen with Slurm 22.05: srun then ends with 0. */
    private static boolean isLost(@Nullable BatchJobStatus job) {
        return job != null && (job.state() == BatchJobState.NODE_FAIL || job.state() == BatchJobState.PREEMPTED);
    }

    private static String batchSystem(@Nullable BatchJobStatus job, LaunchFolders.Report report) {
        if (job == null) {
            return (report.jobId() == null ? "its job" : "job " + report.jobId()) + " is over";
        }
        String reason = job.reason();
        return "job " + job.id() + " " + job.state() + (reason == null ? "" : " (" + reason + ")");
    }
}
