package org.jlab.jiriaf.jrm.journal;

import java.util.Objects;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;

/**
 * A forward of a deployment, with its purpose.
 *
 * @param forward the forward
 * @param purpose what it is for
 */
public record DeploymentForward(Forward forward, ForwardPurpose purpose) {

    /** Checks. */
    public DeploymentForward {
        Objects.requireNonNull(forward, "forward");
        Objects.requireNonNull(purpose, "purpose");
    }

    /**
     * Whether it listens on the control plane, so that its port there is leased.
     *
     * @return whether it is a local forward
     */
    public boolean isLocal() {
        return forward.direction() == Forward.Direction.LOCAL;
    }

    /**
     * The port on which it listens.
     *
     * @return a port of the control plane for a local forward, of the login node for a remote one
     */
    public int port() {
        return forward.bind().port();
    }
}
