package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/** Runs scripts on the login node, each in a session and a {@code /bin/sh} of its own. */
public final class RemoteCommand {

    private RemoteCommand() {}

    public static ExecResult run(SshLink link, String script, int outputLimit, Deadline deadline) {
        SessionChannel session = null;
        boolean started = false;
        boolean ended = false;
        try {
            session = link.sessions().open(outputLimit, deadline);
            get(session.startShell(deadline), deadline);
            started = true;
            ExecResult result = get(session.run(script, deadline), deadline);
            ended = true;
            return result;
        } catch (TransportException e) {
            throw failure(
                    link, script, Reason.UNREACHABLE, "the connection broke: " + SshFailureTranslator.message(e), e);
        } catch (ExecutionException e) {
            Reason reason = link.isAlive() ? Reason.PROTOCOL : Reason.UNREACHABLE;
            throw failure(link, script, reason, SshFailureTranslator.message(e), e);
        } catch (TimeoutException e) {
            String why = session == null || started
                    ? "it did not end in the time given, and was abandoned"
                    : ShellFrame.notStarted(session.said()) + ", in the time given";
            throw failure(link, script, Reason.TIMEOUT, why, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(link, script, Reason.CLOSED, "interrupted", e);
        } finally {
            if (session != null && !ended) {
                session.abandonQuietly();
            }
        }
    }

    private static <T> T get(CompletableFuture<T> future, Deadline deadline)
            throws ExecutionException, TimeoutException, InterruptedException {
        return future.get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
    }

    private static TunnelException failure(SshLink link, String script, Reason reason, String why, Throwable cause) {
        String line = script.strip().replaceAll("\\s+", " ");
        String shown = line.length() > 80 ? line.substring(0, 80) + "…" : line;
        return new TunnelException(reason, null, "Cannot run '" + shown + "' on " + link + ": " + why, cause);
    }
}
