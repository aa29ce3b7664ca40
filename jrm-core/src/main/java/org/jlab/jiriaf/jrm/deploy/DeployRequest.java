package org.jlab.jiriaf.jrm.deploy;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jspecify.annotations.Nullable;

/**
 * One deployment as it is asked for: a site, and how to treat the request. Immutable.
 *
 * <pre>{@code
 * DeployRequest.of(site).withRequestId("night-shift").withTimeout(Duration.ofMinutes(5))
 * }</pre>
 */
public final class DeployRequest {

    /** How long a deployment may take unless the request says otherwise: 2 minutes. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

    private final SiteConfig site;
    private final @Nullable String requestId;
    private final @Nullable Kubeconfig kubeconfig;
    private final Duration timeout;

    private DeployRequest(
            SiteConfig site, @Nullable String requestId, @Nullable Kubeconfig kubeconfig, Duration timeout) {
        this.site = site;
        this.requestId = requestId;
        this.kubeconfig = kubeconfig;
        this.timeout = timeout;
    }

    /**
     * Asks for a deployment to a site, like no other request, with {@link #DEFAULT_TIMEOUT}.
     *
     * @param site the site
     * @return the request
     */
    public static DeployRequest of(SiteConfig site) {
        return new DeployRequest(Objects.requireNonNull(site, "site"), null, null, DEFAULT_TIMEOUT);
    }

    /**
     * Names the request. A second request of the same name is the same deployment, also after the process that made the first one
     * is gone; its tunnels are then opened by the process that repeats the request.
     *
     * @param id the name, of the caller's choice, not blank
     * @return a changed request
     * @throws IllegalArgumentException if the name is blank
     */
    public DeployRequest withRequestId(String id) {
        if (id.isBlank()) {
            throw new IllegalArgumentException("requestId must not be blank");
        }
        return new DeployRequest(site, id, kubeconfig, timeout);
    }

    /**
     * Sets what is put at {@code jrm.kubeconfig} of the site, instead of the deployer's own ({@link
     * JrmDeployer.Builder#kubeconfig}).
     *
     * @param config what JRMs join the cluster with
     * @return a changed request
     */
    public DeployRequest withKubeconfig(Kubeconfig config) {
        return new DeployRequest(site, requestId, Objects.requireNonNull(config, "kubeconfig"), timeout);
    }

    /**
     * Sets how long the deployment may take until an agent can take its workflow.
     *
     * @param duration more than zero
     * @return a changed request
     * @throws IllegalArgumentException if the duration is zero or negative
     */
    public DeployRequest withTimeout(Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("timeout must be more than zero, not " + duration);
        }
        return new DeployRequest(site, requestId, kubeconfig, duration);
    }

    /**
     * The site.
     *
     * @return the site
     */
    public SiteConfig site() {
        return site;
    }

    /**
     * The name of the request.
     *
     * @return the name; empty for a request like no other
     */
    public Optional<String> requestId() {
        return Optional.ofNullable(requestId);
    }

    /**
     * The kubeconfig of this request.
     *
     * @return the kubeconfig; empty for the deployer's own
     */
    public Optional<Kubeconfig> kubeconfig() {
        return Optional.ofNullable(kubeconfig);
    }

    /**
     * How long the deployment may take.
     *
     * @return the time
     */
    public Duration timeout() {
        return timeout;
    }

    @Override
    public String toString() {
        return site.jrm().site() + (requestId == null ? "" : ", request " + requestId) + ", within " + timeout;
    }
}
