package org.jlab.jiriaf.jrm.app.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;

/**
 * A way from here to the login node by a local forward, and back by a remote one: shows whether sshd allows both. They end
 * with the session.
 */
final class RoundTrip {

    private static final int MARK = 42;
    private static final int ATTEMPTS = 3;

    private final LoginSession session;
    private final Duration timeout;

    RoundTrip(LoginSession session, Duration timeout) {
        this.session = session;
        this.timeout = timeout;
    }

    Verdict check() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt();
            } catch (TunnelException e) {
                if (e.reason() == TunnelException.Reason.FORWARDING_FORBIDDEN) {
                    return Verdict.failure(
                            e.getMessage() + ". sshd there has to allow AllowTcpForwarding: ask its admins");
                }
                // The ports are chosen by chance; somebody may have been quicker.
                if (e.reason() != TunnelException.Reason.PORT_TAKEN || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Verdict attempt() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        int there = freePort(session.listeningPorts(timeout));
        try (ServerSocket end = new ServerSocket(0, 1, loopback)) {
            end.setSoTimeout((int) timeout.toMillis());
            Forward back = Forward.remote(
                    Endpoint.localhost(there), new Endpoint(loopback.getHostAddress(), end.getLocalPort()));
            Tunnel remote = open(back);
            Tunnel local = openLocal(loopback, there);
            return travel(local.forward().bind(), end)
                    ? Verdict.ok("both directions work on " + session.route().login())
                    : Verdict.failure(remote.forward() + " and " + local.forward()
                            + " carry nothing. sshd there has to allow AllowTcpForwarding and no PermitOpen may stand"
                            + " in the way: ask its admins");
        }
    }

    /** Below the ports that a kernel gives to connections. */
    private static int freePort(Set<Integer> taken) {
        return ThreadLocalRandom.current()
                .ints(PortRange.KUBELET.first(), PortRange.KUBELET.last() + 1)
                .filter(port -> !taken.contains(port))
                .findFirst()
                .orElseThrow();
    }

    private Tunnel openLocal(InetAddress loopback, int there) throws IOException {
        int here;
        try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
            here = free.getLocalPort();
        }
        return open(Forward.local(new Endpoint(loopback.getHostAddress(), here), Endpoint.localhost(there)));
    }

    private Tunnel open(Forward forward) {
        return session.open(List.of(forward), timeout).get(0);
    }

    private boolean travel(Endpoint start, ServerSocket end) {
        try (Socket leaving = new Socket(start.host(), start.port())) {
            leaving.setSoTimeout((int) timeout.toMillis());
            leaving.getOutputStream().write(MARK);
            try (Socket arriving = end.accept()) {
                arriving.setSoTimeout((int) timeout.toMillis());
                arriving.getOutputStream().write(arriving.getInputStream().read());
                return leaving.getInputStream().read() == MARK;
            }
        } catch (IOException e) {
            return false;
        }
    }
}
