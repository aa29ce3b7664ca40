package org.jlab.jiriaf.jrm.ssh.sshj;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.transport.TransportException;

/** The sessions of one connection. Servers limit how many there are at a time (MaxSessions, 10 by default). */
final class Sessions {

    private final Connection connection;
    private int open; // guarded by this
    private long ended; // guarded by this

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
                if (Failures.find(e, ChannelRefusedException.class) == null || !awaitEnd(endedBefore, deadline)) {
                    throw e;
                }
            }
        }
    }

    private synchronized long begin() {
        open++;
        return ended;
    }

    private synchronized void end() {
        open--;
        ended++;
        notifyAll();
    }

    /** Waits until a session has ended beside the one that was refused; returns whether one has. */
    private synchronized boolean awaitEnd(long endedBefore, Deadline deadline) throws InterruptedException {
        while (ended <= endedBefore + 1 && open > 0 && !deadline.isOver()) {
            wait(deadline.millisLeft());
        }
        return ended > endedBefore + 1 && !deadline.isOver();
    }
}
