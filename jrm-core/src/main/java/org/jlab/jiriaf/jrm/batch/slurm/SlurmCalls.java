package org.jlab.jiriaf.jrm.batch.slurm;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.ShellQuote;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/** Runs Slurm's commands and tells an answer from none. */
final class SlurmCalls {

    static final int COMMAND_NOT_FOUND = 127;

    private static final String END_OF_ANSWER = "end of answer";

    /** Put behind a command, so that {@link #answer} sees that its output came to its end. */
    static final String COMPLETE = " && echo " + ShellQuote.quote(END_OF_ANSWER);

    private SlurmCalls() {}

    /** Runs a command until a time of {@link System#nanoTime}; at least a second, so that the last look is not cut off. */
    static ExecResult exec(LoginSession session, String command, long end) {
        return session.exec(command, Duration.ofNanos(Math.max(TimeUnit.SECONDS.toNanos(1), end - System.nanoTime())));
    }

    /** What a command printed, if it succeeded and its output came to its end. */
    static String answer(LoginSession session, String what, ExecResult result) {
        if (!result.succeeded()) {
            throw refused(session, what, result);
        }
        String output = result.output().stripTrailing();
        if (!output.endsWith(END_OF_ANSWER)) {
            throw new BatchSchedulerException(
                    "Slurm on " + session.route().describe() + " was asked to " + what
                            + " and its answer is not complete; ask again",
                    true);
        }
        return output.substring(0, output.length() - END_OF_ANSWER.length());
    }

    static BatchSchedulerException refused(LoginSession session, String what, ExecResult result) {
        String words = words(result);
        return new BatchSchedulerException(
                "Slurm on " + session.route().describe() + " could not " + what + ": " + words
                        + SlurmErrors.advice(words),
                SlurmErrors.isTransient(words));
    }

    /** What a command that failed said. */
    static String words(ExecResult result) {
        String words = (result.error().isBlank() ? result.output() : result.error()).strip();
        return words.isEmpty() ? "exit code " + result.exitCode() : words;
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
