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
 * @param internalIp its InternalIP, or null
 * @param kubeletPort its kubelet port, or 0 if it names none
 * @param labels its labels
 */
public record NodeStatus(
        String name,
        boolean ready,
        @Nullable String reason,
        @Nullable Instant lastHeartbeat,
        @Nullable String internalIp,
        int kubeletPort,
        Map<String, String> labels) {

    /** Copies. */
    public NodeStatus {
        labels = Map.copyOf(labels);
    }
}
