package org.jlab.jiriaf.jrm.ssh.sshj;

import java.util.Set;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.ProcNetTcp;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/** Finds out on which ports of a login node something listens, in one request. */
final class ListeningPorts {

    // A kernel without IPv6 has no tcp6; that is no failure.
    private static final String SCRIPT = "cat /proc/net/tcp && { cat /proc/net/tcp6 2>/dev/null || true; }";

    private ListeningPorts() {}

    static Set<Integer> of(SshLink link, int outputLimit, Deadline deadline) {
        return ProcNetTcp.listeningPorts(tables(link, outputLimit, deadline));
    }

    /** The sockets of the login node, as {@link ProcNetTcp} reads them. */
    static String tables(SshLink link, int outputLimit, Deadline deadline) {
        ExecResult result = RemoteCommand.run(link, SCRIPT, outputLimit, deadline);
        if (!result.succeeded()) {
            throw Failures.failure(
                    Reason.PROTOCOL,
                    "Cannot find out which ports are in use on " + link + ": reading /proc/net/tcp failed: "
                            + result.words(),
                    null);
        }
        return result.output();
    }
}
