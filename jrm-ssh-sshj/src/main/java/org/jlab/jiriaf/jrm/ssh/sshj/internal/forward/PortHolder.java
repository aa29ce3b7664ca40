package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.util.List;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.ListeningPorts;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.RemoteCommand;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.ProcNetTcp;
import org.jlab.jiriaf.jrm.tunnel.ProcNetTcp.Listener;

/** Who has a port of the login node. */
enum PortHolder {
    /** Nobody. */
    NOBODY,
    /** Nobody, but a connection made there has the port for its own end, or had it within the last minute. */
    CONNECTION,
    /** The SSH server, for another connection of the user who is logged in. */
    SSH_SERVER_FOR_US,
    /** Somebody else, or another program. */
    SOMEBODY_ELSE;

    /** First the user's number, then the names of the processes that hold a socket, as far as the user may know them. */
    private static final String HOLDERS = """
            id -u
            find /proc/[0-9]*/fd -lname 'socket:\\[%d\\]' 2>/dev/null |
                while IFS=/ read -r empty proc pid rest; do cat "/proc/$pid/comm"; done
            """;

    static PortHolder of(SshLink link, int port, int outputLimit, Deadline deadline) {
        ProcNetTcp tables = ListeningPorts.tables(link, outputLimit, deadline);
        List<Listener> listeners = tables.listeners().stream()
                .filter(listener -> listener.port() == port)
                .toList();
        if (listeners.isEmpty()) {
            return tables.connectedPorts().contains(port) ? CONNECTION : NOBODY;
        }
        for (Listener listener : listeners) {
            ExecResult result = RemoteCommand.run(link, HOLDERS.formatted(listener.inode()), outputLimit, deadline);
            if (!isSshServerForUs(listener, result.output().lines().toList())) {
                return SOMEBODY_ELSE;
            }
        }
        return SSH_SERVER_FOR_US;
    }

    /** The server's process runs as the user, but does not show its files to him. To root it does. */
    private static boolean isSshServerForUs(Listener listener, List<String> answer) {
        return !answer.isEmpty()
                && answer.get(0).equals(Long.toString(listener.user()))
                && answer.stream().skip(1).allMatch(name -> name.startsWith("sshd"));
    }
}
