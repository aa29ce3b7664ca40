package org.jlab.jiriaf.jrm.ssh.sshj;

import java.time.Duration;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.HeldForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise.SharedConnection;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.tunnel.TunnelStats;

/** A forward as one of its holders, or a list of all, shows it. */
final class SshjTunnel implements Tunnel {

    private final SharedConnection connection;
    private final HeldForward held;
    private final Consumer<SshjTunnel> whenClosed;

    /**
     * @param whenClosed gives the forward up, on whoever's behalf it is shown; has to bear being called again
     */
    SshjTunnel(SharedConnection connection, HeldForward held, Consumer<SshjTunnel> whenClosed) {
        this.connection = connection;
        this.held = held;
        this.whenClosed = whenClosed;
    }

    HeldForward held() {
        return held;
    }

    @Override
    public SshRoute route() {
        return connection.route();
    }

    @Override
    public Forward forward() {
        return held.forward();
    }

    @Override
    public TunnelState state() {
        return held.state();
    }

    @Override
    public ConnectionState connection() {
        return connection.state();
    }

    @Override
    public TunnelStats stats() {
        return held.stats();
    }

    @Override
    public ProbeResult probe(Duration timeout) {
        return held.probe(Deadline.after(timeout));
    }

    @Override
    public void close() {
        whenClosed.accept(this);
    }
}
