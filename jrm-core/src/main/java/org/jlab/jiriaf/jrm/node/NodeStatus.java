package org.jlab.jiriaf.jrm.node;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node as the Kubernetes API server knows it.
 *
 * @param name name of the node
 * @param ready whether its Ready condition is True
 * @param reason why it is not ready, in the API server's words, or null
 * @param lastHeartbeat last heartbeat of its Ready condition, or null
 * @param cordoned whether it takes no new pods ({@code spec.unschedulable})
 * @param internalIp its InternalIP, or null
 * @param kubeletPort its kubelet port, or 0 if it names none
 * @param labels its labels
 */
public record NodeStatus(
        String name,
        boolean ready,
        @Nullable String reason,
        @Nullable Instant lastHeartbeat,
        boolean cordoned,
        @Nullable String internalIp,
        int kubeletPort,
        Map<String, String> labels) {

    /** Label that JRMs put on their nodes, with the value {@link #JRM_TYPE}. */
    public static final String TYPE_LABEL = "type";

    /** Value of {@link #TYPE_LABEL} on the node of a JRM. */
    public static final String JRM_TYPE = "virtual-kubelet";

    /** Copies. */
    public NodeStatus {
        labels = Map.copyOf(labels);
    }

    /**
     * Tells whether a JRM made the node.
     *
     * @return whether it carries the label {@code type=virtual-kubelet}
     */
    public boolean isJrm() {
        return JRM_TYPE.equals(labels.get(TYPE_LABEL));
    }

    /**
     * Says in a few words how the node is.
     *
     * @return such as {@code Ready} or {@code not Ready: NodeStatusUnknown, last heartbeat 2026-11-22T21:07:13Z}
     */
    public String describe() {
        if (ready) {
            return "Ready";
        }
        return "not Ready" + (reason == null ? "" : ": " + reason)
                + (lastHeartbeat == null ? ", no heartbeat yet" : ", last heartbeat " + lastHeartbeat);
    }
}
