package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.ChannelRefusedException;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;

/** The sessions of one connection. Servers limit how many there are at a time (MaxSessions, 10 by default). */
final class Sessions {

    private static final Duration TIME_TO_FREE = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofMillis(20);

    private final Connection connection;
    private int open; // guarded by this
    private long ended; // guarded by this
    private Deadline freeBy = Deadline.after(Duration.ZERO); // guarded by this

    Sessions(Connection connection) {
        this.connection = connection;
    }

    /** Opens a session; if the server allows no more, as soon as another of ours has ended. */
    SessionChannel open(int outputLimit, Deadline deadline)
            throws TransportException, ExecutionException, TimeoutException, InterruptedException {
        while (true) {
            long endedBefore = begin();
            SessionChannel session = new SessionChannel(connection, outputLimit, this::end);
            CompletableFuture<Void> opened = session.open();
            try {
                opened.get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
                return session;
            } catch (ExecutionException e) {
                if (SshFailureTranslator.find(e, ChannelRefusedException.class) == null
                        || !awaitPlace(endedBefore, deadline)) {
                    throw e;
                }
            }
        }
    }

    private synchronized long begin() {
        open++;
        return ended;
    }

    private synchronized void end(boolean wasOpen) {
        if (wasOpen) {
            freeBy = Deadline.after(TIME_TO_FREE);
        }
        open--;
        ended++;
        notifyAll();
    }

    /** Waits for a place; returns whether it is worth while to try again. */
    private synchronized boolean awaitPlace(long endedBefore, Deadline deadline) throws InterruptedException {
        while (ended <= endedBefore + 1 && open > 0 && !deadline.isOver()) {
            wait(deadline.millisLeft());
        }
        if (ended > endedBefore + 1) {
            return !deadline.isOver();
        }
        // The server frees the place of the one before a moment after it has closed it, and says nothing about it.
        boolean soonFree = !freeBy.isOver() && !deadline.isOver();
        Deadline retry = Deadline.after(RETRY);
        while (soonFree && !retry.isOver()) {
            wait(retry.millisLeft());
        }
        return soonFree;
    }
}
