package org.jlab.jiriaf.jrm.ssh.sshj;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.HeldForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.ListeningPorts;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.RemoteCommand;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.RemoteFiles;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise.SharedConnection;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/** One user's share of a connection. */
final class SshjSession implements LoginSession {

    private final SharedConnection connection;
    private final int outputLimit;
    private final ScheduledExecutorService timer;
    private final Runnable whenClosed;
    private final Set<SshjTunnel> tunnels = new LinkedHashSet<>(); // guarded by this
    private boolean closed; // guarded by this

    SshjSession(SharedConnection connection, int outputLimit, ScheduledExecutorService timer, Runnable whenClosed) {
        this.connection = connection;
        this.outputLimit = outputLimit;
        this.timer = timer;
        this.whenClosed = whenClosed;
    }

    @Override
    public SshRoute route() {
        return connection.route();
    }

    @Override
    public ConnectionState connection() {
        return connection.state();
    }

    @Override
    public List<Tunnel> open(List<Forward> forwards, Duration timeout) {
        checkOpen();
        List<HeldForward> held = connection.open(forwards, Deadline.after(timeout));
        List<SshjTunnel> opened = new ArrayList<>();
        for (HeldForward forward : held) {
            opened.add(new SshjTunnel(connection, forward, this::close));
        }
        synchronized (this) {
            if (!closed) {
                tunnels.addAll(opened);
                return List.copyOf(opened);
            }
        }
        connection.release(held);
        throw closedFailure();
    }

    @Override
    public ExecResult exec(String command, Duration timeout) {
        checkOpen();
        Deadline deadline = Deadline.after(timeout);
        return RemoteCommand.run(connection.awaitLink(deadline), command, outputLimit, deadline);
    }

    @Override
    public byte[] readFile(String path, int limit, Duration timeout) {
        checkOpen();
        Deadline deadline = Deadline.after(timeout);
        return new RemoteFiles(connection.awaitLink(deadline), timer).read(path, limit, deadline);
    }

    @Override
    public void writeFile(String path, byte[] content, Duration timeout) {
        checkOpen();
        Deadline deadline = Deadline.after(timeout);
        new RemoteFiles(connection.awaitLink(deadline), timer).write(path, content, deadline);
    }

    @Override
    public void check(Duration timeout) {
        checkOpen();
        Deadline deadline = Deadline.after(timeout);
        connection.awaitLink(deadline).check(deadline);
    }

    @Override
    public Set<Integer> listeningPorts(Duration timeout) {
        checkOpen();
        Deadline deadline = Deadline.after(timeout);
        return ListeningPorts.of(connection.awaitLink(deadline), outputLimit, deadline);
    }

    private synchronized void checkOpen() {
        if (closed) {
            throw closedFailure();
        }
    }

    private TunnelException closedFailure() {
        return SshFailureTranslator.failure(
                Reason.CLOSED, "The session with " + route().describe() + " is closed", null);
    }

    private void close(SshjTunnel tunnel) {
        boolean mine;
        synchronized (this) {
            mine = tunnels.remove(tunnel);
        }
        if (mine) {
            connection.release(List.of(tunnel.held()));
        }
    }

    @Override
    public void close() {
        List<HeldForward> held;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            held = tunnels.stream().map(SshjTunnel::held).toList();
            tunnels.clear();
        }
        if (connection.leave()) {
            connection.close();
        } else {
            connection.release(held);
        }
        whenClosed.run();
    }
}
