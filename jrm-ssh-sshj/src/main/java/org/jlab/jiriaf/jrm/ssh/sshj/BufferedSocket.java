package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** A socket that is read in large pieces; sshj asks for each packet's head and body in turn, one system call each. */
final class BufferedSocket extends Socket {

    private static final int BUFFER = 256 * 1024;

    private final LastHeard lastHeard;

    BufferedSocket(LastHeard lastHeard) {
        this.lastHeard = lastHeard;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new BufferedInputStream(lastHeard.watch(super.getInputStream()), BUFFER);
    }
}
