package org.jlab.jiriaf.jrm.app.serve;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jspecify.annotations.Nullable;

/**
 * One forward that somebody asks for by hand.
 *
 * @param kind what it is to carry
 * @param port for metrics the kubelet's port; for the others by default that of the site and the LaunchPad
 * @param mappedPort for custom metrics the port on the control plane
 * @param customMetricsPort for custom metrics the port on the node
 * @param nodename the node, for metrics and custom metrics
 * @param direct for custom metrics whether the forward ends at the port on the node itself, as {@code x2221} in a site file means;
 *     by default what the site file says of this port
 */
public record HandForward(
        Kind kind,
        @Nullable Integer port,
        @Nullable Integer mappedPort,
        @Nullable Integer customMetricsPort,
        @Nullable String nodename,
        @Nullable Boolean direct) {

    /** What a forward is to carry. */
    public enum Kind {
        /** The LaunchPad, to the site. */
        @JsonProperty("db")
        DB,
        /** The Kubernetes API, to the site. */
        @JsonProperty("apiserver")
        APISERVER,
        /** A kubelet's metrics, from the site. */
        @JsonProperty("metrics")
        METRICS,
        /** An application's metrics, from the site. */
        @JsonProperty("custom_metrics")
        CUSTOM_METRICS
    }

    /** Checks. */
    public HandForward {
        if (kind == null) {
            throw new IllegalArgumentException("kind must be db, apiserver, metrics or custom_metrics");
        }
        if (kind == Kind.METRICS) {
            require(port, "port", kind);
            require(nodename, "nodename", kind);
        }
        if (kind == Kind.CUSTOM_METRICS) {
            require(mappedPort, "mapped_port", kind);
            require(customMetricsPort, "custom_metrics_port", kind);
            require(nodename, "nodename", kind);
        }
        check(port, "port");
        check(mappedPort, "mapped_port");
        check(customMetricsPort, "custom_metrics_port");
    }

    private static void require(@Nullable Object value, String name, Kind kind) {
        if (value == null || value.toString().isBlank()) {
            throw new IllegalArgumentException(name + " must be given for " + word(kind));
        }
    }

    private static void check(@Nullable Integer port, String name) {
        if (port != null && (port < 1 || port > 65535)) {
            throw new IllegalArgumentException(name + " must be 1 to 65535, not " + port);
        }
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /**
     * The forward to be opened.
     *
     * @param site where to
     * @param settings where things listen on this side
     * @return the forward
     */
    public Forward forward(SiteConfig site, DeploymentSettings settings) {
        DeploymentPlan plan = DeploymentPlan.preview(site, settings);
        return switch (kind) {
            case DB ->
                port == null ? plan.launchpadForward() : Forward.remote(Endpoint.localhost(port), settings.launchpad());
            case APISERVER ->
                port == null
                        ? plan.apiserverForward()
                        : Forward.remote(Endpoint.localhost(port), new Endpoint(settings.apiserverHost(), port));
            case METRICS ->
                plan.kubeletForward(new JrmNode(
                        String.valueOf(nodename), required(port), site.jrm().vkubeletPodIp(0), List.of()));
            case CUSTOM_METRICS -> {
                MappedPort mapped = new MappedPort(required(mappedPort), required(customMetricsPort));
                Forward planned = plan.customMetricsForward(mapped);
                yield direct == null
                        ? planned
                        : Forward.local(
                                planned.bind(), Endpoint.localhost(direct ? mapped.original() : mapped.mapped()));
            }
        };
    }

    private static int required(@Nullable Integer value) {
        return Objects.requireNonNull(value);
    }

    /**
     * What it is for.
     *
     * @return its purpose
     */
    ForwardPurpose purpose() {
        return new ForwardPurpose(ForwardPurpose.Kind.valueOf(kind.name()), nodename, customMetricsPort);
    }
}
