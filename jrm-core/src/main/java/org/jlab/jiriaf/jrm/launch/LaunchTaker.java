package org.jlab.jiriaf.jrm.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchScriptException;
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
        String jobId;
        try {
            BatchSubmission job = prepare(folders, reservation, folder);
            jobId = context.scheduler().submit(session, job, context.callTimeout());
        } catch (UnknownSubmissionException e) {
            // It stays RESERVED; whether there is a job is seen when all of them are followed.
            context.event(reservation.name(), LaunchEvent.Kind.RETRYING, message(e));
            return false;
        } catch (BatchSchedulerException e) {
            return notTaken(folders, reservation, folder, e);
        } catch (BatchScriptException | IllegalArgumentException e) {
            fizzle(reservation, message(e));
            return true;
        } catch (WorkflowStoreException e) {
            throw e;
        } catch (JrmException e) {
            giveBack(reservation, message(e));
            return false;
        }
        add(session, reservation, folder, jobId, submitted);
        return true;
    }

    private BatchSubmission prepare(LaunchFolders folders, Reservation reservation, String folder) {
        RocketScripts scripts = renderer.render(context.site(), reservation, folder);
        BatchSubmission job = new BatchSubmission(
                folder, scripts.batchScript(), reservation.queue().jobName(), token(folder));
        folders.create(folder, scripts.tasks());
        return job;
    }

    private static String token(String folder) {
        return folder.substring(folder.lastIndexOf('/') + 1);
    }

    /** Only a refusal of this very job, known as such, ends its workflow; another job may be taken then. */
    private boolean notTaken(LaunchFolders folders, Reservation reservation, String folder, BatchSchedulerException e) {
        if (!e.isTransient()) {
            fizzle(reservation, message(e));
            return true;
        }
        // Words that are not known may come from a batch system that took the job all the same: it finds its launch
        // given up.
        if (isGivenUp(folders, reservation, folder)) {
            giveBack(reservation, message(e));
        }
        return false;
    }

    /** False if the job has begun or the site does not answer; then it is seen when all of them are followed. */
    private boolean isGivenUp(LaunchFolders folders, Reservation reservation, String folder) {
        try {
            return folders.giveUp(folder).givenUp();
        } catch (JrmException e) {
            context.event(reservation.name(), LaunchEvent.Kind.RETRYING, message(e));
            return false;
        }
    }

    private void giveBack(Reservation reservation, String why) {
        context.queue().cancel(reservation.launch().id());
        context.event(reservation.name(), LaunchEvent.Kind.RETURNED, why);
    }

    /** Ends a workflow that, READY again, would be refused again for ever. */
    private void fizzle(Reservation reservation, String why) {
        context.queue().complete(reservation.launch().id(), WorkflowState.FIZZLED, why);
        context.event(reservation.name(), LaunchEvent.Kind.FIZZLED, why);
    }

    private void add(
            LoginSession session, Reservation reservation, String folder, String jobId, List<FollowedJob> submitted) {
        FollowedJob job = new FollowedJob(
                reservation.launch().id(), reservation.launch().workflowId(), reservation.name(), jobId, token(folder));
        if (note(session, job)) {
            submitted.add(job);
            context.event(
                    reservation.name(),
                    LaunchEvent.Kind.SUBMITTED,
                    "workflow " + job.workflowId() + ", job " + jobId + " in " + folder);
        }
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
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
