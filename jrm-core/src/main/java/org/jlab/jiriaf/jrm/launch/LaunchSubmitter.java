package org.jlab.jiriaf.jrm.launch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.UnknownSubmissionException;
import org.jlab.jiriaf.jrm.script.BatchScriptException;
import org.jlab.jiriaf.jrm.script.LaunchScriptRenderer;
import org.jlab.jiriaf.jrm.script.LaunchScripts;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Reservation;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;

/**
 * Takes READY workflows and submits a job for each. Whatever happens in between, a workflow is then RESERVED with the token of
 * its job in the LaunchPad, READY again, or FIZZLED with the reason. A workflow that the batch system does not take waits, and keeps no other from being
 * taken. For one thread at a time.
 */
final class LaunchSubmitter {

    /**
     * What one pass brought.
     *
     * @param submitted the jobs submitted
     * @param stopped whether it ended before everything READY was tried, since the site takes nothing or does not answer
     */
    record Taken(List<TrackedJob> submitted, boolean stopped) {}

    /** What became of one workflow. */
    private enum Attempt {
        /** It has a job, or will never have one. */
        DONE,
        /** The batch system did not take it now; it is READY again. */
        NOT_TAKEN,
        /** The site does not answer as it should; what is READY had better wait. */
        NO_ANSWER
    }

    /** If so many workflows, one after the other, are not taken, the site is the reason and not the workflow. */
    private static final int NOT_TAKEN_AT_ALL = 2;

    private final LaunchContext context;
    private final SubmissionDelay retries;
    private final Set<Integer> notTaken =
            new LinkedHashSet<>(); // ids of workflows, the one that failed last at the end
    private final LaunchScriptRenderer renderer = new LaunchScriptRenderer();
    private int inARow;

    /**
     * Makes one.
     *
     * @param firstDelay how long workflows wait that the batch system did not take
     */
    LaunchSubmitter(LaunchContext context, Duration firstDelay) {
        this.context = context;
        this.retries = new SubmissionDelay(context.clock(), firstDelay);
    }

    /** Lets what was not taken be tried again at once, since there may be room now. */
    void retryAtOnce() {
        retries.succeeded();
    }

    /** Takes what is READY, until there is nothing or the site takes no more. What was not taken before comes last. */
    Taken takeAll(LoginSession session, String base) {
        LaunchFolders folders = new LaunchFolders(session, context.callTimeout());
        List<TrackedJob> submitted = new ArrayList<>();
        boolean goesOn = takeOthers(session, folders, base, submitted) && retry(session, folders, base, submitted);
        return new Taken(submitted, !goesOn);
    }

    /** Takes workflows that were never refused; false if the site takes nothing. */
    private boolean takeOthers(LoginSession session, LaunchFolders folders, String base, List<TrackedJob> submitted) {
        inARow = Math.min(inARow, NOT_TAKEN_AT_ALL - 1);
        while (!Thread.currentThread().isInterrupted() && inARow < NOT_TAKEN_AT_ALL) {
            String folder = newFolder(base);
            Optional<Reservation> reservation = reserve(folder, notTaken);
            if (reservation.isEmpty()) {
                return true;
            }
            Attempt attempt = launch(session, folders, reservation.get(), folder, submitted);
            if (attempt == Attempt.NO_ANSWER) {
                return false;
            }
            inARow = attempt == Attempt.DONE ? 0 : inARow + 1;
            if (attempt == Attempt.NOT_TAKEN && notTaken.isEmpty()) {
                retries.failed();
            }
            if (attempt == Attempt.NOT_TAKEN) {
                notTaken.add(reservation.get().launch().workflowId());
            }
        }
        return false;
    }

    /** Tries again what has waited longest, and more as long as it is taken; false if the site does not answer. */
    private boolean retry(LoginSession session, LaunchFolders folders, String base, List<TrackedJob> submitted) {
        while (!notTaken.isEmpty() && retries.isDue() && !Thread.currentThread().isInterrupted()) {
            int workflowId = notTaken.iterator().next();
            notTaken.remove(workflowId);
            String folder = newFolder(base);
            Optional<Reservation> reservation = reserve(folder, notTaken);
            if (reservation.isEmpty()) {
                // Deleted, paused, or launched by another.
                continue;
            }
            Attempt attempt = launch(session, folders, reservation.get(), folder, submitted);
            if (attempt == Attempt.DONE) {
                retries.succeeded();
                continue;
            }
            notTaken.add(workflowId);
            retries.failed();
            return attempt == Attempt.NOT_TAKEN;
        }
        return true;
    }

    private String newFolder(String base) {
        return base + "/" + LaunchToken.create(context.self());
    }

    private Optional<Reservation> reserve(String folder, Set<Integer> except) {
        return context.queue().reserve(context.worker(context.self().host()), folder, Set.copyOf(except));
    }

    private Attempt launch(
            LoginSession session,
            LaunchFolders folders,
            Reservation reservation,
            String folder,
            List<TrackedJob> submitted) {
        String jobId;
        try {
            BatchSubmission job = prepare(folders, reservation, folder);
            jobId = context.scheduler().submit(session, job, context.callTimeout());
        } catch (UnknownSubmissionException e) {
            // It stays RESERVED; whether there is a job is seen when all of them are followed.
            context.event(reservation.name(), LaunchEvent.Kind.RETRYING, message(e));
            return Attempt.NO_ANSWER;
        } catch (BatchSchedulerException e) {
            return notTaken(folders, reservation, folder, e);
        } catch (BatchScriptException | IllegalArgumentException e) {
            fizzle(reservation, message(e));
            return Attempt.DONE;
        } catch (WorkflowStoreException e) {
            throw e;
        } catch (JrmException e) {
            giveBack(reservation, message(e));
            return Attempt.NO_ANSWER;
        }
        add(session, reservation, folder, jobId, submitted);
        return Attempt.DONE;
    }

    private BatchSubmission prepare(LaunchFolders folders, Reservation reservation, String folder) {
        LaunchScripts scripts = renderer.render(context.site(), reservation, folder);
        BatchSubmission job = new BatchSubmission(
                folder, scripts.batchScript(), reservation.queue().jobName(), token(folder));
        folders.create(folder, scripts.tasks());
        return job;
    }

    private static String token(String folder) {
        return folder.substring(folder.lastIndexOf('/') + 1);
    }

    /** Only a refusal of this very job, known as such, ends its workflow; another job may be taken then. */
    private Attempt notTaken(LaunchFolders folders, Reservation reservation, String folder, BatchSchedulerException e) {
        if (!e.isTransient()) {
            fizzle(reservation, message(e));
            return Attempt.DONE;
        }
        // Words that are not known may come from a batch system that took the job all the same: it finds its launch
        // given up.
        if (isGivenUp(folders, reservation, folder)) {
            giveBack(reservation, message(e));
            return Attempt.NOT_TAKEN;
        }
        return Attempt.NO_ANSWER;
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
            LoginSession session, Reservation reservation, String folder, String jobId, List<TrackedJob> submitted) {
        TrackedJob job = new TrackedJob(
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
    private boolean note(LoginSession session, TrackedJob job) {
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
