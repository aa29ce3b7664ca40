package org.jlab.jiriaf.jrm.batch.slurm;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.UnknownSubmissionException;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;

/**
 * One submission. {@code sbatch} gets half of the time and is then killed on the login node, so that it cannot submit behind
 * the back of whoever looks for its job in the other half.
 */
final class SlurmSubmission {

    /** Slurm's default for {@code SchedulerParameters=max_script_size}. */
    static final int MAX_SCRIPT_BYTES = 4 * 1024 * 1024;

    // sbatch --parsable prints ID or ID;CLUSTER; a shell or a site's own sbatch may print more, also numbers.
    private static final Pattern SUBMITTED = Pattern.compile("([1-9][0-9]*)(;.*)?");
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final SlurmScheduler scheduler;
    private final LoginSession session;
    private final BatchSubmission job;
    private final long end;
    private final long sbatchSeconds;

    SlurmSubmission(SlurmScheduler scheduler, LoginSession session, BatchSubmission job, Duration timeout) {
        this.scheduler = scheduler;
        this.session = session;
        this.job = job;
        this.end = System.nanoTime() + timeout.toNanos();
        this.sbatchSeconds = Math.max(1, timeout.toSeconds() / 2);
    }

    String submit() {
        byte[] script = job.scriptBytes();
        if (script.length > MAX_SCRIPT_BYTES) {
            throw new BatchSchedulerException(
                    "The batch script of job " + job.name() + " has " + script.length + " bytes, and Slurm takes "
                            + MAX_SCRIPT_BYTES + " (max_script_size); use fewer nodes per job",
                    false);
        }
        session.writeFile(job.scriptPath(), script, Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        ExecResult result;
        try {
            result = SlurmCalls.exec(session, sbatch(), end);
        } catch (TunnelException e) {
            return findAgain(String.valueOf(e.getMessage()), List.of());
        }
        String words = result.words();
        if (result.succeeded()) {
            List<String> ids = jobIds(result.output());
            return ids.size() == 1
                    ? ids.get(0)
                    : findAgain(
                            "sbatch printed " + (ids.isEmpty() ? "no job id" : "several numbers") + ": " + words, ids);
        }
        if (SlurmCalls.wasKilled(result) || SlurmErrors.isUnanswered(words)) {
            return findAgain(words, List.of());
        }
        throw SlurmCalls.notTaken(session, "take job " + job.name(), result);
    }

    private String sbatch() {
        // No requeue: a job that starts anew would find its launch over.
        return "cd " + ShellQuote.quote(job.folder()) + " && timeout -s KILL " + sbatchSeconds + " "
                + ShellQuote.join(List.of(
                        "sbatch",
                        "--parsable",
                        "--no-requeue",
                        "--job-name=" + job.name(),
                        "--comment=" + job.token(),
                        BatchSubmission.SCRIPT_FILE));
    }

    private static List<String> jobIds(String output) {
        return output.lines()
                .map(line -> SUBMITTED.matcher(line.strip()))
                .filter(Matcher::matches)
                .map(line -> line.group(1))
                .distinct()
                .toList();
    }

    /**
     * The job, if Slurm has taken it although its id was not told.
     *
     * @param words what was told
     * @param ids numbers one of which may be the id, which tells where a site replaces comments
     */
    private String findAgain(String words, List<String> ids) {
        String noAnswer = null;
        do {
            try {
                Optional<String> found = scheduler.jobs(session, remaining()).stream()
                        .filter(status -> job.token().equals(status.comment())
                                || (ids.contains(status.id()) && job.name().equals(status.name())))
                        .map(BatchJobStatus::id)
                        .findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                noAnswer = null;
            } catch (JrmException e) {
                noAnswer = e.getMessage();
            }
        } while (System.nanoTime() < end && pause());
        throw new UnknownSubmissionException("Nobody can tell whether Slurm on "
                + session.route().describe() + " took job " + job.name() + ": " + words + "; "
                + (noAnswer == null ? "so far no job has" : noAnswer + "; look for a job with") + " the comment "
                + job.token());
    }

    /** False if the thread was interrupted, which leaves the question open. */
    private boolean pause() {
        try {
            SlurmCalls.pause(Math.min(PAUSE, end - System.nanoTime()), "job " + job.name());
            return true;
        } catch (BatchSchedulerException e) {
            return false;
        }
    }

    private Duration remaining() {
        return Duration.ofNanos(Math.max(TimeUnit.SECONDS.toNanos(1), end - System.nanoTime()));
    }
}
