package org.jlab.jiriaf.jrm.ssh.sshj;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/** Runs commands on the login node, each in a session of its own. */
final class RemoteCommand {

    private RemoteCommand() {}

    static ExecResult run(SshLink link, String command, int outputLimit, Deadline deadline) {
        SessionChannel session = null;
        boolean ended = false;
        try {
            session = link.sessions().open(outputLimit, deadline);
            ExecResult result = get(session.exec(command), deadline);
            ended = true;
            return result;
        } catch (TransportException e) {
            throw failure(link, command, Reason.UNREACHABLE, "the connection broke: " + Failures.message(e), e);
        } catch (ExecutionException e) {
            Reason reason = link.isAlive() ? Reason.PROTOCOL : Reason.UNREACHABLE;
            throw failure(link, command, reason, Failures.message(e), e);
        } catch (TimeoutException e) {
            throw failure(link, command, Reason.TIMEOUT, "it did not end in the time given, and was abandoned", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(link, command, Reason.CLOSED, "interrupted", e);
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

    private static TunnelException failure(SshLink link, String command, Reason reason, String why, Throwable cause) {
        String shown = command.length() > 80 ? command.substring(0, 80) + "…" : command;
        return new TunnelException(reason, null, "Cannot run '" + shown + "' on " + link + ": " + why, cause);
    }
}
