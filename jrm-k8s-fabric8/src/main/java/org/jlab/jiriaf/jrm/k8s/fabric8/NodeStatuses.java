package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.DaemonEndpoint;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeDaemonEndpoints;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jspecify.annotations.Nullable;

/** Reads a Node object. What a node leaves out is simply not known; a node that has just been made has no status yet. */
final class NodeStatuses {

    private NodeStatuses() {}

    static NodeStatus of(Node node) {
        NodeCondition ready = readyCondition(node);
        boolean isReady = ready != null && "True".equals(ready.getStatus());
        Map<String, String> labels = node.getMetadata().getLabels();
        return new NodeStatus(
                node.getMetadata().getName(),
                isReady,
                isReady ? null : reason(ready),
                ready == null ? null : time(ready.getLastHeartbeatTime()),
                node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable()),
                internalIp(node),
                kubeletPort(node),
                labels == null ? Map.of() : labels);
    }

    private static @Nullable NodeCondition readyCondition(Node node) {
        List<NodeCondition> conditions =
                node.getStatus() == null ? List.of() : node.getStatus().getConditions();
        return conditions.stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .findFirst()
                .orElse(null);
    }

    private static String reason(@Nullable NodeCondition ready) {
        if (ready == null) {
            return "it has not reported whether it is";
        }
        String reason = ready.getReason() == null ? "Ready is " + ready.getStatus() : ready.getReason();
        return ready.getMessage() == null || ready.getMessage().isBlank() ? reason : reason + ": " + ready.getMessage();
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException notATime) {
            return null;
        }
    }

    private static @Nullable String internalIp(Node node) {
        List<NodeAddress> addresses =
                node.getStatus() == null ? List.of() : node.getStatus().getAddresses();
        return addresses.stream()
                .filter(address -> "InternalIP".equals(address.getType()))
                .map(NodeAddress::getAddress)
                .findFirst()
                .orElse(null);
    }

    private static int kubeletPort(Node node) {
        NodeDaemonEndpoints endpoints =
                node.getStatus() == null ? null : node.getStatus().getDaemonEndpoints();
        DaemonEndpoint kubelet = endpoints == null ? null : endpoints.getKubeletEndpoint();
        return kubelet == null || kubelet.getPort() == null ? 0 : kubelet.getPort();
    }
}
