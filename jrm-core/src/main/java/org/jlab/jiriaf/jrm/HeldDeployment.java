package org.jlab.jiriaf.jrm;

import java.util.function.Predicate;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;

/** A deployment whose tunnels this process holds, with the session that carries them. */
record HeldDeployment(Deployment deployment, @Nullable LoginSession session) {

    void closeTunnels() {
        if (session != null) {
            session.close();
        }
    }

    void closeTunnels(Predicate<Forward> which) {
        deployment.tunnels().stream()
                .filter(tunnel -> which.test(tunnel.forward()))
                .forEach(Tunnel::close);
    }
}
