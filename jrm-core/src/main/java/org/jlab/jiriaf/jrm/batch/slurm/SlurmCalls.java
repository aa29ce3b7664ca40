package org.jlab.jiriaf.jrm.batch.slurm;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/** Runs Slurm's commands and tells an answer from none. */
final class SlurmCalls {

    static final int COMMAND_NOT_FOUND = 127;
    static final int CANNOT_BE_RUN = 126;

    private static final int SIGNAL = 128;
    private static final int LAST_SIGNAL = 64;

    private SlurmCalls() {}

    /** Runs a command until a time of {@link System#nanoTime}; at least a second, so that the last look is not cut off. */
    static ExecResult exec(LoginSession session, String command, long end) {
        return session.exec(command, Duration.ofNanos(Math.max(TimeUnit.SECONDS.toNanos(1), end - System.nanoTime())));
    }

    /** What a command printed, if it succeeded and complained of nothing. A session gives complete answers or none. */
    static String answer(LoginSession session, String what, ExecResult result) {
        if (!result.succeeded() || SlurmErrors.complains(result.error())) {
            throw failed(session, what, result);
        }
        return result.output();
    }

    static BatchSchedulerException incomplete(LoginSession session, String what) {
        return new BatchSchedulerException(
                "Slurm on " + session.route().describe() + " was asked to " + what
                        + " and its answer is not complete; ask again",
                true);
    }

    /** Slurm did not answer. It may another time, unless its command is not there. */
    static BatchSchedulerException failed(LoginSession session, String what, ExecResult result) {
        return failed(session, what, result, result.exitCode() == COMMAND_NOT_FOUND);
    }

    /** Slurm did not end a job. It may another time, unless its command is not there or the user may not end this job. */
    static BatchSchedulerException notEnded(LoginSession session, String what, ExecResult result) {
        boolean denied = SlurmErrors.isDenied(result.words());
        return failed(session, what, result, denied || result.exitCode() == COMMAND_NOT_FOUND);
    }

    private static BatchSchedulerException failed(
            LoginSession session, String what, ExecResult result, boolean forGood) {
        String words = result.words();
        return new BatchSchedulerException(message(session, what, words, SlurmErrors.advice(words)), !forGood);
    }

    /** Slurm did not take a job. It may another time, unless it says that it refuses this job for good. */
    static BatchSchedulerException notTaken(LoginSession session, String what, ExecResult result) {
        String words = result.words();
        Optional<SlurmRefusal> refusal = SlurmRefusal.of(result);
        String advice = refusal.map(known -> "; " + known.advice()).orElseGet(() -> SlurmErrors.advice(words));
        return new BatchSchedulerException(message(session, what, words, advice), refusal.isEmpty());
    }

    private static String message(LoginSession session, String what, String words, String advice) {
        return "Slurm on " + session.route().describe() + " could not " + what + ": " + words + advice;
    }

    /** Whether a command came to its own end. sbatch itself ends with 255 where it does not understand an option. */
    static boolean hasRun(ExecResult result) {
        return !wasKilled(result) && result.exitCode() != COMMAND_NOT_FOUND && result.exitCode() != CANNOT_BE_RUN;
    }

    /** Whether a signal ended a command or its shell; shells tell of signal N by exit code 128 + N. */
    static boolean wasKilled(ExecResult result) {
        return result.exitCode() < 0 || (result.exitCode() > SIGNAL && result.exitCode() <= SIGNAL + LAST_SIGNAL);
    }

    static void pause(long nanos, String waitingFor) {
        try {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BatchSchedulerException("Interrupted while waiting for " + waitingFor, true);
        }
    }
}
