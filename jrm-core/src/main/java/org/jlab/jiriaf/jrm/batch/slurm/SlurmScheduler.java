package org.jlab.jiriaf.jrm.batch.slurm;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/**
 * Slurm, by {@code sbatch}, {@code squeue}, {@code sacct} and {@code scancel} on the login node. Holds no state; thread-safe.
 *
 * <p>{@code squeue} shows a job for some minutes after its end ({@code MinJobAge}, 300 s by default). Later only accounting
 * knows how it ended; where there is none, such a job is missing from the answer, as is one that never was.
 *
 * <p>A running job is first sent SIGINT in all its processes, at which a FireWorks rocket records the end of its run and the
 * JRMs end in order; if it has not ended after half of the time, but at most {@value #REPORT_SECONDS} s, it is cancelled.
 *
 * @see <a href="https://slurm.schedmd.com/scancel.html">scancel</a>
 */
public final class SlurmScheduler implements BatchScheduler {

    private static final int REPORT_SECONDS = 30;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final String LIST = "list the jobs";
    private static final Pattern JOB_ID = Pattern.compile("[0-9]+([_+][0-9]+)?");

    /** Makes a scheduler. */
    public SlurmScheduler() {}

    @Override
    public String submit(LoginSession session, BatchSubmission job, Duration timeout) {
        return new SlurmSubmission(this, session, job, timeout).submit();
    }

    @Override
    public List<BatchJobStatus> jobs(LoginSession session, Duration timeout) {
        ExecResult result = session.exec(squeue("--user=`id -u`"), timeout);
        return SlurmRecords.ofSqueue(SlurmCalls.answer(session, LIST, result))
                .orElseThrow(() -> SlurmCalls.incomplete(session, LIST));
    }

    @Override
    public boolean isJobId(String text) {
        return JOB_ID.matcher(text).matches();
    }

    @Override
    public Map<String, BatchJobStatus> find(LoginSession session, Collection<String> jobIds, Duration timeout) {
        jobIds.forEach(this::check);
        if (jobIds.isEmpty()) {
            return Map.of();
        }
        long end = System.nanoTime() + timeout.toNanos();
        Map<String, BatchJobStatus> found = new HashMap<>(among(jobs(session, timeout), jobIds));
        TreeSet<String> missing = new TreeSet<>(jobIds);
        missing.removeAll(found.keySet());
        if (!missing.isEmpty()) {
            found.putAll(among(accounted(session, missing, end), missing));
        }
        return found;
    }

    private static Map<String, BatchJobStatus> among(List<BatchJobStatus> jobs, Collection<String> ids) {
        Map<String, BatchJobStatus> found = new HashMap<>();
        for (String id : ids) {
            List<BatchJobStatus> parts =
                    jobs.stream().filter(job -> SlurmRecords.isOf(id, job)).toList();
            if (!parts.isEmpty()) {
                found.put(id, SlurmRecords.whole(id, parts));
            }
        }
        return found;
    }

    /** What accounting knows of jobs that the queue no longer shows; nothing where the user may not ask it. */
    private static List<BatchJobStatus> accounted(LoginSession session, Collection<String> ids, long end) {
        ExecResult result = sacct(session, ids, end);
        return isWithoutAccounting(result)
                ? List.of()
                : SlurmRecords.ofSacct(SlurmCalls.answer(session, "look up jobs " + String.join(",", ids), result));
    }

    private static ExecResult sacct(LoginSession session, Collection<String> ids, long end) {
        // Without --duplicates: the latest job of an id. The user is given, for ids go round among all users.
        return SlurmCalls.exec(
                session,
                SlurmRecords.ENVIRONMENT + " sacct --noheader --allocations --parsable2 --delimiter="
                        + ShellQuote.quote(String.valueOf(SlurmRecords.FIELD)) + " --user=`id -u` --jobs="
                        + String.join(",", ids) + " --format=" + SlurmRecords.SACCT_FORMAT,
                end);
    }

    private static boolean isWithoutAccounting(ExecResult sacct) {
        return sacct.exitCode() == SlurmCalls.COMMAND_NOT_FOUND
                || sacct.exitCode() == SlurmCalls.CANNOT_BE_RUN
                || (!sacct.succeeded() && SlurmErrors.isWithoutAccounting(sacct.error() + sacct.output()));
    }

    /**
     * Asks whether this user may look up ended jobs with {@code sacct}. Where he may not, {@link #find} finds only jobs that
     * {@code squeue} still shows.
     *
     * @param session session on a login node of the site
     * @param timeout how long it may take
     * @return why there is no accounting for this user, in Slurm's words; empty if there is
     * @throws BatchSchedulerException if accounting does not answer now, which leaves it open
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the login node cannot be asked
     */
    public Optional<String> accountingFault(LoginSession session, Duration timeout) {
        ExecResult result = sacct(session, List.of("1"), System.nanoTime() + timeout.toNanos());
        if (isWithoutAccounting(result)) {
            return Optional.of(result.words());
        }
        SlurmCalls.answer(session, "ask accounting", result);
        return Optional.empty();
    }

    /**
     * Asks whether Slurm would take a batch script; nothing is submitted.
     *
     * @param session session on a login node of the site
     * @param script the script; Slurm reads it up to its first command
     * @param timeout how long it may take
     * @return Slurm's answer, also if there is none from its controller
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the login node cannot be asked
     */
    public SlurmTestResult test(LoginSession session, String script, Duration timeout) {
        return SlurmTestResult.of(
                session.exec("printf '%s\\n' " + ShellQuote.quote(script) + " | sbatch --test-only", timeout));
    }

    private static String squeue(String which) {
        return SlurmRecords.ENVIRONMENT + " squeue --noheader --all --states=all " + which + " --format="
                + ShellQuote.quote(SlurmRecords.SQUEUE_FORMAT);
    }

    @Override
    public void cancel(LoginSession session, String jobId, Duration timeout) {
        check(jobId);
        long end = System.nanoTime() + timeout.toNanos();
        Optional<BatchJobState> state = state(session, jobId, end);
        if (state.equals(Optional.of(BatchJobState.RUNNING))) {
            scancel(session, "--full --signal=INT " + jobId, end);
            long report = Math.min(timeout.toNanos() / 2, TimeUnit.SECONDS.toNanos(REPORT_SECONDS));
            state = awaitEnd(session, jobId, System.nanoTime() + report, end);
        }
        if (isAlive(state)) {
            scancel(session, jobId, end);
            state = awaitEnd(session, jobId, end, end);
        }
        if (isAlive(state)) {
            throw new BatchSchedulerException(
                    "Job " + jobId + " on " + session.route().describe() + " has been cancelled and is still "
                            + state.orElseThrow() + " after " + timeout.toSeconds() + " s; see `scontrol show job "
                            + jobId + "` there",
                    true);
        }
    }

    private void check(String jobId) {
        if (!isJobId(jobId)) {
            throw new IllegalArgumentException("Not a Slurm job id: '" + jobId + "'");
        }
    }

    /** A job that Slurm no longer lists is over. */
    private static boolean isAlive(Optional<BatchJobState> state) {
        return state.isPresent() && !state.get().isOver();
    }

    private static Optional<BatchJobState> awaitEnd(LoginSession session, String jobId, long until, long end) {
        long pause = TimeUnit.MILLISECONDS.toNanos(100);
        Optional<BatchJobState> state = state(session, jobId, end);
        while (isAlive(state) && System.nanoTime() < until) {
            SlurmCalls.pause(Math.min(pause, until - System.nanoTime()), "the end of job " + jobId);
            pause = Math.min(pause + pause / 4, LONGEST_PAUSE.toNanos());
            state = state(session, jobId, end);
        }
        return state;
    }

    private static Optional<BatchJobState> state(LoginSession session, String jobId, long end) {
        ExecResult result = SlurmCalls.exec(session, "squeue --noheader --all --jobs=" + jobId + " --format=%T", end);
        boolean gone = SlurmErrors.isNoLongerThere(result.error());
        if (!gone && (!result.succeeded() || SlurmErrors.complains(result.error()))) {
            throw SlurmCalls.failed(session, "tell the state of job " + jobId, result);
        }
        List<BatchJobState> states = SlurmRecords.states(result.output());
        if (states.stream().filter(state -> !state.isOver()).count() > 1) {
            throw new BatchSchedulerException(
                    "Several clusters have a job " + jobId + " of this user (SLURM_CLUSTERS on "
                            + session.route().describe() + "), and scancel would end them all; end the right one with"
                            + " `scancel --clusters`",
                    true);
        }
        return states.stream().min(Comparator.comparing(BatchJobState::isOver));
    }

    private static void scancel(LoginSession session, String arguments, long end) {
        ExecResult result = SlurmCalls.exec(session, "scancel " + arguments, end);
        if (!result.succeeded() && !SlurmErrors.isNoLongerThere(result.error())) {
            throw SlurmCalls.notEnded(
                    session, "cancel job " + arguments.substring(arguments.lastIndexOf(' ') + 1), result);
        }
    }
}
