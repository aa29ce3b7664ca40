package org.jlab.jiriaf.jrm.ssh.sshj.internal;

import net.schmizz.sshj.connection.ConnectionException;

/** The server did not open a channel. */
public final class ChannelRefusedException extends ConnectionException {

    private static final long serialVersionUID = 1L;

    private final boolean prohibited;

    public ChannelRefusedException(String message, boolean prohibited) {
        super(message);
        this.prohibited = prohibited;
    }

    /** Whether the server's configuration forbids it, rather than the target refusing it. */
    boolean isProhibited() {
        return prohibited;
    }
}
