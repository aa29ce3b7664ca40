package org.jlab.jiriaf.jrm.tunnel;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The purpose of a forward between control plane and login node.
 *
 * @param kind what it carries
 * @param node name of the Kubernetes node that it leads to, or null for those of all nodes
 * @param originalPort port of the application on the node, for custom metrics; otherwise null
 */
public record ForwardPurpose(
        Kind kind, @Nullable String node, @Nullable Integer originalPort) {

    /** What a forward carries. */
    public enum Kind {
        /** The LaunchPad, to the site. */
        DB,
        /** The Kubernetes API, to the site. */
        APISERVER,
        /** Metrics of a kubelet, from the site. */
        METRICS,
        /** Metrics of an application, from the site. */
        CUSTOM_METRICS,
        /** Not known: a record of another program does not say. */
        UNKNOWN
    }

    /** The LaunchPad. */
    public static final ForwardPurpose LAUNCHPAD = new ForwardPurpose(Kind.DB, null, null);

    /** The API server. */
    public static final ForwardPurpose API_SERVER = new ForwardPurpose(Kind.APISERVER, null, null);

    /** Not known. */
    public static final ForwardPurpose NOT_KNOWN = new ForwardPurpose(Kind.UNKNOWN, null, null);

    /** Checks. */
    public ForwardPurpose {
        Objects.requireNonNull(kind, "kind");
    }

    /**
     * Metrics of a kubelet.
     *
     * @param node name of the node
     * @return the purpose
     */
    public static ForwardPurpose metrics(String node) {
        return new ForwardPurpose(Kind.METRICS, node, null);
    }

    /**
     * Metrics of an application.
     *
     * @param node name of the node
     * @param originalPort port of the application on the node
     * @return the purpose
     */
    public static ForwardPurpose customMetrics(String node, int originalPort) {
        return new ForwardPurpose(Kind.CUSTOM_METRICS, node, originalPort);
    }
}
