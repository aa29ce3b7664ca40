package org.jlab.jiriaf.jrm.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.RocketRenderer;
import org.jlab.jiriaf.jrm.batch.RocketScripts;
import org.jlab.jiriaf.jrm.batch.UnknownSubmissionException;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Reservation;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;

/**
 * Takes READY workflows and submits a job for each. Whatever happens in between, a workflow is then RESERVED with the token of
 * its job in the LaunchPad, READY again, or FIZZLED with the reason.
 */
final class LaunchTaker {

    /**
     * What one pass brought.
     *
     * @param submitted the jobs submitted
     * @param hasMore whether more is READY, which the batch system would not take now
     */
    record Taken(List<FollowedJob> submitted, boolean hasMore) {}

    private final LaunchContext context;
    private final RocketRenderer renderer = new RocketRenderer();

    LaunchTaker(LaunchContext context) {
        this.context = context;
    }

    /** Takes what is READY, until there is nothing or the batch system takes no more. */
    Taken takeAll(LoginSession session, String base) {
        LaunchFolders folders = new LaunchFolders(session, context.callTimeout());
        List<FollowedJob> submitted = new ArrayList<>();
        while (!Thread.currentThread().isInterrupted()) {
            String folder = base + "/" + LaunchToken.create(context.self());
            Optional<Reservation> reservation =
                    context.queue().reserve(context.worker(context.self().host()), folder);
            if (reservation.isEmpty()) {
                return new Taken(submitted, false);
            }
            if (!launch(session, folders, reservation.get(), folder, submitted)) {
                break;
            }
        }
        return new Taken(submitted, true);
    }

    /** Launches one workflow; false if another had better wait. */
    private boolean launch(
            LoginSession session,
            LaunchFolders folders,
            Reservation reservation,
            String folder,
            List<FollowedJob> submitted) {
        int launchId = reservation.launch().id();
        String token = folder.substring(folder.lastIndexOf('/') + 1);
        String jobId;
        try {
            RocketScripts scripts = renderer.render(context.site(), reservation, folder);
            BatchSubmission job = new BatchSubmission(
                    folder, scripts.batchScript(), reservation.queue().jobName(), token);
            folders.create(folder, scripts.tasks());
            jobId = context.scheduler().submit(session, job, context.callTimeout());
        } catch (UnknownSubmissionException e) {
            // It stays RESERVED; whether there is a job is seen when all of them are followed.
            context.event(reservation.name(), LaunchEvent.Kind.RETRYING, message(e));
            return false;
        } catch (JrmException | IllegalArgumentException e) {
            return refused(reservation, e);
        }
        FollowedJob job =
                new FollowedJob(launchId, reservation.launch().workflowId(), reservation.name(), jobId, token);
        if (note(session, job)) {
            submitted.add(job);
            context.event(
                    reservation.name(),
                    LaunchEvent.Kind.SUBMITTED,
                    "workflow " + reservation.launch().workflowId() + ", job " + jobId + " in " + folder);
        }
        return true;
    }

    private boolean refused(Reservation reservation, RuntimeException e) {
        int launchId = reservation.launch().id();
        if (e instanceof JrmException failure && failure.isTransient()) {
            context.queue().cancel(launchId);
            context.event(reservation.name(), LaunchEvent.Kind.RETURNED, message(e));
            return false;
        }
        // READY again it would be refused again, for ever.
        context.queue().complete(launchId, WorkflowState.FIZZLED, message(e));
        context.event(reservation.name(), LaunchEvent.Kind.FIZZLED, message(e));
        return true;
    }

    /** Notes the job in the LaunchPad; false if its workflow was taken back meanwhile, and the job is cancelled. */
    private boolean note(LoginSession session, FollowedJob job) {
        if (!context.hasJobIds()) {
            return true;
        }
        try {
            context.queue().submitted(job.launchId(), job.jobId());
            return true;
        } catch (WorkflowStoreException e) {
            if (e.isTransient()) {
                throw e;
            }
            context.scheduler().cancel(session, job.jobId(), context.callTimeout());
            context.event(
                    job.name(), LaunchEvent.Kind.CANCELLED, "job " + job.jobId() + ", just submitted: " + message(e));
            return false;
        }
    }

    private static String message(RuntimeException e) {
        return String.valueOf(e.getMessage());
    }
}
