package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/**
 * A socket that is read in large pieces, because sshj asks for each packet's head and body in turn, one system call each; and
 * that can be given up without being forgotten, while no packet gets through to the peer.
 */
public class BufferedSocket extends Socket {

    private static final int BUFFER = 256 * 1024;

    private final LastHeard lastHeard;
    private boolean abandoned; // guarded by this

    public BufferedSocket(LastHeard lastHeard) {
        this.lastHeard = lastHeard;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return buffered(super.getInputStream());
    }

    final InputStream buffered(InputStream stream) {
        return new BufferedInputStream(lastHeard.watch(stream), BUFFER);
    }

    /**
     * Ends it for whoever uses it, for ever: readers see the end, writers fail. It is not closed before {@link #reset}, whatever
     * sshj does. A closed one would be forgotten by the system while its end cannot be told, and the peer would go on to hold
     * what belongs to the connection.
     */
    synchronized void abandon() throws IOException {
        if (isConnected() && !isClosed()) {
            abandoned = true;
            shutdownInput();
            shutdownOutput();
        } else {
            close();
        }
    }

    /** Closes it and tells the peer at once that the connection is no more. */
    synchronized void reset() throws IOException {
        abandoned = false;
        if (!isClosed()) {
            setSoLinger(true, 0);
        }
        close();
    }

    @Override
    public synchronized void close() throws IOException {
        if (!abandoned) {
            super.close();
        }
    }
}
