package org.jlab.jiriaf.jrm.launch;

import java.util.Optional;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * A launch of jrm's that the LaunchPad says is RESERVED or RUNNING.
 *
 * @param workflow its workflow
 * @param launch the launch
 * @param folder its launch folder
 * @param token name of that folder, and comment of its job
 */
record LiveLaunch(Workflow workflow, Launch launch, String folder, String token) {

    /** The present launch of a workflow, if jrm made it. */
    static Optional<LiveLaunch> of(Workflow workflow) {
        Launch launch = workflow.launch();
        if (launch == null || launch.launchDir() == null) {
            return Optional.empty();
        }
        String folder = launch.launchDir();
        return LaunchToken.of(launch).map(token -> new LiveLaunch(workflow, launch, folder, token));
    }

    int id() {
        return launch.id();
    }

    boolean isReserved() {
        return launch.state() == WorkflowState.RESERVED;
    }

    /** Whether somebody was killed who gave the launch back, so that its workflow alone is still RESERVED. */
    boolean isHalfGivenBack() {
        return launch.state() == WorkflowState.READY;
    }

    /** Whether a job is the one of this launch, and not another that got its id, or whose comment the site has replaced. */
    boolean isRunBy(BatchJobStatus job) {
        return token.equals(job.comment()) || (job.id().equals(launch.jobId()) && job.canHaveName(workflow.name()));
    }

    String describe(@Nullable String jobId) {
        return "workflow " + workflow.id() + (jobId == null ? "" : ", job " + jobId);
    }
}
