package org.jlab.jiriaf.jrm.script;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/**
 * The password with which the {@code ssh} of compute nodes logs in to the login node, where a site takes nothing else. It lies in
 * a file of the user's home that nobody else can read, as long as the job lasts; {@code ssh} gets it from a program beside it
 * ({@code SSH_ASKPASS}). So it is in no script, no document, no process list and no environment; those have the path.
 */
public final class NodePassword {

    private static final String FOLDER = ".jrm";

    // ssh also asks whether to trust a host, or for a passphrase.
    private static final String ASKPASS = """
            #!/bin/sh
            # Answers ssh when it asks for the password of jrm's deployment.
            case $1 in
            *assword:*) exec cat "${0%/*}/password-${0##*/askpass-}" ;;
            *) exit 1 ;;
            esac
            """;

    private NodePassword() {}

    /**
     * Puts the password on a site.
     *
     * @param session session with the login node, whose home directory the compute nodes share
     * @param job name of the job that will need it, see {@link BatchJob#name()}
     * @param password the password
     * @param timeout how long each request may take
     * @throws BatchSchedulerException if it cannot be put there
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the site cannot be reached
     */
    public static void put(LoginSession session, String job, Secret password, Duration timeout) {
        run(session, "umask 077; mkdir -p " + FOLDER + " && chmod 700 " + FOLDER, timeout);
        // Writing makes files that their owner alone can read.
        session.writeFile(file("password", job), bytes(password.reveal() + "\n"), timeout);
        session.writeFile(file("askpass", job), bytes(ASKPASS), timeout);
        run(session, "chmod 700 " + ShellQuote.quote(file("askpass", job)), timeout);
    }

    /**
     * Removes the password of a job; that there is none is no error. A job that ends in order has done so itself.
     *
     * @param session session with the login node
     * @param job name of the job
     * @param timeout how long it may take
     * @throws BatchSchedulerException if it cannot be removed
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the site cannot be reached
     */
    public static void remove(LoginSession session, String job, Duration timeout) {
        removeAll(session, List.of(job), timeout);
    }

    /**
     * Removes the passwords of jobs as {@link #remove} does.
     *
     * @param session session with the login node
     * @param jobs names of the jobs
     * @param timeout how long each request may take
     * @throws BatchSchedulerException if one cannot be removed
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the site cannot be reached
     */
    public static void removeAll(LoginSession session, List<String> jobs, Duration timeout) {
        List<String> files = jobs.stream()
                .flatMap(job -> Stream.of(file("password", job), file("askpass", job)))
                .toList();
        run(session, "rm -f " + ShellQuote.join(files), timeout);
    }

    /**
     * Where the password of a job lies.
     *
     * @param job name of the job
     * @return path on the site, for messages
     */
    public static String path(String job) {
        return "~/" + file("password", job);
    }

    /** The program, as one word of a script. */
    static String askpass(String job) {
        return "\"$HOME\"/" + ShellQuote.quote(file("askpass", job));
    }

    /** The line of a script that removes it. */
    static String removal(String job) {
        return "rm -f \"$HOME\"/" + ShellQuote.quote(file("password", job)) + " " + askpass(job);
    }

    private static String file(String what, String job) {
        return FOLDER + "/" + what + "-" + job;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void run(LoginSession session, String command, Duration timeout) {
        // A login shell starts in the home directory as a rule; some sites have it go elsewhere.
        ExecResult result = session.exec("cd && " + command, timeout);
        if (!result.succeeded()) {
            throw new BatchSchedulerException(
                    "Cannot keep the password for the compute nodes in ~/" + FOLDER + " on "
                            + session.route().describe() + ": " + result.words(),
                    false);
        }
    }
}
