package org.jlab.jiriaf.jrm.batch.slurm;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/**
 * Slurm, by {@code squeue} and {@code scancel} on the login node. Needs no accounting. Holds no state; thread-safe.
 *
 * <p>A running job is first sent SIGINT in all its processes, at which a FireWorks rocket records the end of its run and the
 * JRMs end in order; if it has not ended after half of the time, but at most {@value #REPORT_SECONDS} s, it is cancelled.
 *
 * @see <a href="https://slurm.schedmd.com/scancel.html">scancel</a>
 */
public final class SlurmScheduler implements BatchScheduler {

    private static final int REPORT_SECONDS = 30;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Pattern JOB_ID = Pattern.compile("[0-9]+([_+][0-9]+)?");
    // The words of slurm_strerror() for ESLURM_INVALID_JOB_ID and ESLURM_ALREADY_DONE.
    private static final Pattern NO_LONGER_THERE =
            Pattern.compile("Invalid job id|already completing or completed", Pattern.CASE_INSENSITIVE);

    /** Makes a scheduler. */
    public SlurmScheduler() {}

    @Override
    public void cancel(LoginSession session, String jobId, Duration timeout) {
        if (!JOB_ID.matcher(jobId).matches()) {
            throw new IllegalArgumentException("Not a Slurm job id: '" + jobId + "'");
        }
        long end = System.nanoTime() + timeout.toNanos();
        SlurmJobState state = state(session, jobId, end);
        if (state.isRunning()) {
            scancel(session, "--full --signal=INT " + jobId, end);
            long report = Math.min(timeout.toNanos() / 2, TimeUnit.SECONDS.toNanos(REPORT_SECONDS));
            state = awaitEnd(session, jobId, System.nanoTime() + report, end);
        }
        if (!state.isOver()) {
            scancel(session, jobId, end);
            state = awaitEnd(session, jobId, end, end);
        }
        if (!state.isOver()) {
            throw new BatchSchedulerException(
                    "Job " + jobId + " on " + session.route().describe() + " has been cancelled and is still " + state
                            + " after " + timeout.toSeconds() + " s; see `scontrol show job " + jobId + "` there",
                    true);
        }
    }

    private SlurmJobState awaitEnd(LoginSession session, String jobId, long until, long end) {
        long pause = TimeUnit.MILLISECONDS.toNanos(100);
        SlurmJobState state = state(session, jobId, end);
        while (!state.isOver() && System.nanoTime() < until) {
            pause(Math.min(pause, until - System.nanoTime()), jobId);
            pause = Math.min(pause + pause / 4, LONGEST_PAUSE.toNanos());
            state = state(session, jobId, end);
        }
        return state;
    }

    private static SlurmJobState state(LoginSession session, String jobId, long end) {
        ExecResult result = exec(session, "squeue --noheader --jobs=" + jobId + " --format=%T", end);
        if (!result.succeeded()) {
            if (NO_LONGER_THERE.matcher(result.error()).find()) {
                return SlurmJobState.GONE;
            }
            throw refused(session, "tell the state of job " + jobId, result);
        }
        return SlurmJobState.of(result.output());
    }

    private static void scancel(LoginSession session, String arguments, long end) {
        ExecResult result = exec(session, "scancel " + arguments, end);
        if (!result.succeeded() && !NO_LONGER_THERE.matcher(result.error()).find()) {
            throw refused(session, "cancel job " + arguments.substring(arguments.lastIndexOf(' ') + 1), result);
        }
    }

    // At least a second, so that the last look is not cut off and its answer lost.
    private static ExecResult exec(LoginSession session, String command, long end) {
        return session.exec(command, Duration.ofNanos(Math.max(TimeUnit.SECONDS.toNanos(1), end - System.nanoTime())));
    }

    private static BatchSchedulerException refused(LoginSession session, String what, ExecResult result) {
        String words = (result.error().isBlank() ? result.output() : result.error()).strip();
        return new BatchSchedulerException(
                "Slurm on " + session.route().describe() + " could not " + what + ": "
                        + (words.isEmpty() ? "exit code " + result.exitCode() : words),
                SlurmErrors.isTransient(words));
    }

    private static void pause(long nanos, String jobId) {
        try {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BatchSchedulerException("Interrupted while waiting for the end of job " + jobId, true);
        }
    }
}
