package org.jlab.jiriaf.jrm.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;

/** Holds one forward through a jump host to a login node, repaired whenever it breaks, until Enter is pressed. */
public final class OpenTunnel {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private OpenTunnel() {}

    /**
     * Runs the example.
     *
     * @param arguments jump host, login node, private key, forward, such as {@code dtn.nersc.gov login33 ~/.ssh/nersc "-L
     *     localhost:10001:localhost:10001"}
     * @throws IOException if standard input cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        SshRoute route = new SshRoute(
                List.of(SshHop.parse(arguments[0]), SshHop.parse(arguments[1])), Path.of(arguments[2]), null);
        try (TunnelManager tunnels = SshjTunnelManager.builder().build()) {
            open(tunnels, route, Forward.parse(arguments[3]), System.out);
            int unused = System.in.read();
        }
    }

    static void open(TunnelManager tunnels, SshRoute route, Forward forward, PrintStream out) {
        // The session is closed with its manager; close it yourself to give the forwards up earlier.
        LoginSession session = tunnels.connect(route, TIMEOUT);
        for (Tunnel tunnel : session.open(List.of(forward), TIMEOUT)) {
            out.println(tunnel.forward() + " is " + tunnel.state().status() + " on " + route.describe());
        }
    }
}
