package org.jlab.jiriaf.jrm;

import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jspecify.annotations.Nullable;

/** A deployment whose tunnels this process holds, with its login node and the session that carries them. */
record HeldDeployment(
        Deployment deployment, String loginHost, @Nullable LoginSession session) {

    void closeTunnels() {
        if (session != null) {
            session.close();
        }
    }
}
