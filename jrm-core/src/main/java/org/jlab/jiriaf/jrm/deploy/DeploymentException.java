package org.jlab.jiriaf.jrm.deploy;

import org.jlab.jiriaf.jrm.JrmException;
import org.jspecify.annotations.Nullable;

/**
 * A step of a deployment failed. What the earlier steps had done has been undone; what could not be undone is reported as a
 * suppressed exception, expires by itself or is undone by the next call on the same deployer.
 */
public class DeploymentException extends JrmException {

    private static final long serialVersionUID = 1L;

    private final DeploymentStep step;
    private final String deployment;

    /**
     * Makes an exception.
     *
     * @param deployment name of the deployment
     * @param step the step that failed
     * @param message what failed, on which host and port, why and what to do
     * @param cause the backend's exception, if there is one
     */
    public DeploymentException(String deployment, DeploymentStep step, String message, @Nullable Throwable cause) {
        super(
                deployment + ": " + step + " failed: " + message,
                cause,
                cause instanceof JrmException jrm && jrm.isTransient());
        this.deployment = deployment;
        this.step = step;
    }

    /**
     * The step that failed.
     *
     * @return the step
     */
    public DeploymentStep step() {
        return step;
    }

    /**
     * The deployment.
     *
     * @return its name
     */
    public String deployment() {
        return deployment;
    }
}
