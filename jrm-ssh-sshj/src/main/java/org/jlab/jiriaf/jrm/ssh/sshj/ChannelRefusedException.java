package org.jlab.jiriaf.jrm.ssh.sshj;

import net.schmizz.sshj.connection.ConnectionException;

/** The server did not open a channel. */
final class ChannelRefusedException extends ConnectionException {

    private static final long serialVersionUID = 1L;

    private final boolean prohibited;

    ChannelRefusedException(SshChannel.OpenFailure failure) {
        super(failure.message().isBlank() ? "refused (code " + failure.code() + ")" : failure.message());
        prohibited = failure.isProhibited();
    }

    /** Whether the server's configuration forbids it, rather than the target having refused. */
    boolean isProhibited() {
        return prohibited;
    }
}
