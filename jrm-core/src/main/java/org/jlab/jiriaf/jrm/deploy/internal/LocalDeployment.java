package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.function.Predicate;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;

/** A deployment whose tunnels this process holds, with the session that carries them. Thread-safe. */
public final class LocalDeployment {

    private final Deployment deployment;
    private volatile @Nullable LoginSession session;
    private volatile boolean withoutPassword;

    LocalDeployment(Deployment deployment, @Nullable LoginSession session) {
        this.deployment = deployment;
        this.session = session;
    }

    public Deployment deployment() {
        return deployment;
    }

    /** The session; null if there is none, or once it has been closed. */
    @Nullable
    LoginSession session() {
        return session;
    }

    void closeTunnels() {
        LoginSession open = session;
        if (open != null) {
            open.close();
            session = null;
        }
    }

    void closeTunnels(Predicate<Forward> which) {
        deployment.tunnels().stream()
                .filter(tunnel -> which.test(tunnel.forward()))
                .forEach(Tunnel::close);
    }

    /** The password of its compute nodes has been removed from the site: nobody needs to log in for it again. */
    void noteWithoutPassword() {
        withoutPassword = true;
    }

    boolean isWithoutPassword() {
        return withoutPassword;
    }
}
