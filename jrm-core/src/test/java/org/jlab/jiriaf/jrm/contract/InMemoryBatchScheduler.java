package org.jlab.jiriaf.jrm.contract;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.UnknownSubmissionException;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jspecify.annotations.Nullable;

/** A batch system in memory, whose jobs do what a test says. Asks nothing of its session. Thread-safe. */
public final class InMemoryBatchScheduler implements BatchScheduler {

    /** Whose jobs these are. */
    public static final String USER = "user";

    private final Clock clock;
    private final Map<String, BatchJobStatus> queue = new LinkedHashMap<>();
    private final Map<String, BatchJobStatus> accounted = new HashMap<>();
    private final List<String> cancelled = new ArrayList<>();
    private final List<BatchSubmission> submitted = new ArrayList<>();
    private int nextId = 1;
    private int queries;
    private @Nullable RuntimeException fault;
    private @Nullable BatchSchedulerException refusal;
    private boolean losesAnswers;

    /**
     * Makes one without jobs.
     *
     * @param clock tells when jobs are submitted, start and end
     */
    public InMemoryBatchScheduler(Clock clock) {
        this.clock = clock;
    }

    /**
     * Puts a job into the queue, PENDING.
     *
     * @param name its name
     * @param comment its comment, or null
     * @return its id
     */
    public synchronized String add(String name, @Nullable String comment) {
        String id = Integer.toString(nextId++);
        addAs(id, name, comment);
        return id;
    }

    /**
     * Puts a job into the queue under an id that another one has had.
     *
     * @param id the id
     * @param name its name
     * @param comment its comment, or null
     */
    public synchronized void addAs(String id, String name, @Nullable String comment) {
        queue.put(
                id,
                new BatchJobStatus(
                        id, name, comment, USER, BatchJobState.PENDING, "Priority", null, clock.instant(), null, null));
    }

    /**
     * Starts a job.
     *
     * @param id its id
     */
    public synchronized void start(String id) {
        change(id, BatchJobState.RUNNING, null);
    }

    /**
     * Brings a job into a state. One that is over stays in the queue until it is forgotten.
     *
     * @param id its id
     * @param state the state
     * @param reason what the batch system says to it, or null
     */
    public synchronized void change(String id, BatchJobState state, @Nullable String reason) {
        BatchJobStatus job = queue.get(id);
        if (job == null) {
            throw new IllegalArgumentException("There is no job " + id);
        }
        Instant now = clock.instant();
        Instant started = job.startedAt() == null && state == BatchJobState.RUNNING ? now : job.startedAt();
        queue.put(
                id,
                new BatchJobStatus(
                        id,
                        job.name(),
                        job.comment(),
                        job.user(),
                        state,
                        reason,
                        started == null ? null : "n1",
                        job.submittedAt(),
                        started,
                        state.isOver() ? now : null));
    }

    /**
     * Takes a job out of the queue.
     *
     * @param id its id
     * @param kept whether accounting goes on to know it
     */
    public synchronized void forget(String id, boolean kept) {
        BatchJobStatus job = queue.remove(id);
        if (job != null && kept) {
            accounted.put(id, job);
        }
    }

    /**
     * Lets every further call fail.
     *
     * @param failure the exception, or null to answer again
     */
    public synchronized void failWith(@Nullable RuntimeException failure) {
        this.fault = failure;
    }

    /** Does not answer any more, as a controller that is being restarted. */
    public void breakDown() {
        failWith(new BatchSchedulerException("Unable to contact the controller", true));
    }

    /**
     * The jobs that were asked to be cancelled.
     *
     * @return their ids, in order
     */
    public synchronized List<String> cancelled() {
        return List.copyOf(cancelled);
    }

    /**
     * What was submitted and taken.
     *
     * @return the submissions, in order
     */
    public synchronized List<BatchSubmission> submitted() {
        return List.copyOf(submitted);
    }

    /**
     * The jobs in the queue, without asking.
     *
     * @return those that wait or run, and those that are over and not forgotten
     */
    public synchronized List<BatchJobStatus> queue() {
        return List.copyOf(queue.values());
    }

    /**
     * How often jobs have been listed or looked up.
     *
     * @return the number of calls
     */
    public synchronized int queries() {
        return queries;
    }

    /**
     * Refuses further submissions.
     *
     * @param failure the exception, or null to take them again
     */
    public synchronized void refuse(@Nullable BatchSchedulerException failure) {
        this.refusal = failure;
    }

    /**
     * Takes further submissions without answering them.
     *
     * @param lost whether answers get lost
     */
    public synchronized void loseAnswers(boolean lost) {
        this.losesAnswers = lost;
    }

    @Override
    public synchronized String submit(LoginSession session, BatchSubmission job, Duration timeout) {
        ask();
        if (refusal != null) {
            throw refusal;
        }
        String id = add(job.name(), job.token());
        submitted.add(job);
        if (losesAnswers) {
            throw new UnknownSubmissionException("No answer about job " + job.name());
        }
        return id;
    }

    @Override
    public synchronized List<BatchJobStatus> jobs(LoginSession session, Duration timeout) {
        ask();
        return List.copyOf(queue.values());
    }

    @Override
    public boolean isJobId(String text) {
        return text.matches("[0-9]+");
    }

    private void check(String jobId) {
        if (!isJobId(jobId)) {
            throw new IllegalArgumentException("Not a job id in memory: '" + jobId + "'");
        }
    }

    @Override
    public synchronized Map<String, BatchJobStatus> find(
            LoginSession session, Collection<String> jobIds, Duration timeout) {
        jobIds.forEach(this::check);
        ask();
        Map<String, BatchJobStatus> found = new HashMap<>();
        for (String id : jobIds) {
            BatchJobStatus job = queue.getOrDefault(id, accounted.get(id));
            if (job != null) {
                found.put(id, job);
            }
        }
        return found;
    }

    @Override
    public synchronized void cancel(LoginSession session, String jobId, Duration timeout) {
        check(jobId);
        ask();
        cancelled.add(jobId);
        BatchJobStatus job = queue.get(jobId);
        if (job != null && !job.state().isOver()) {
            change(jobId, BatchJobState.CANCELLED, null);
        }
    }

    private void ask() {
        queries++;
        if (fault != null) {
            throw fault;
        }
    }
}
