package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.util.Set;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.ProcNetTcp;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/** Finds out on which ports of a login node something listens, in one request. */
public final class ListeningPorts {

    // A kernel without IPv6 has no tcp6; that is no failure.
    private static final String SCRIPT = "cat /proc/net/tcp && if [ -e /proc/net/tcp6 ]; then cat /proc/net/tcp6; fi";

    private ListeningPorts() {}

    public static Set<Integer> of(SshLink link, int outputLimit, Deadline deadline) {
        return tables(link, outputLimit, deadline).listeningPorts();
    }

    /** The sockets of the login node. */
    public static ProcNetTcp tables(SshLink link, int outputLimit, Deadline deadline) {
        ExecResult result = RemoteCommand.run(link, SCRIPT, outputLimit, deadline);
        if (!result.succeeded()) {
            throw SshFailureTranslator.failure(
                    Reason.PROTOCOL,
                    "Cannot find out which ports are in use on " + link + ": reading /proc/net/tcp failed: "
                            + result.words(),
                    null);
        }
        return ProcNetTcp.read(result.output(), link.toString());
    }
}
