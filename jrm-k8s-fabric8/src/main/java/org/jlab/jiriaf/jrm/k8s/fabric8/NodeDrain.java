package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.k8s.fabric8.ApiServer.Call;
import org.jlab.jiriaf.jrm.k8s.fabric8.ApiServer.Reply;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jspecify.annotations.Nullable;

/**
 * Moves pods off cordoned nodes by the eviction API, which honours disruption budgets: 429 says that a budget does not allow
 * an eviction now. For one drain.
 */
final class NodeDrain {

    private static final Duration ROUND = Duration.ofMillis(500);

    /** As kubectl waits when a budget stands in the way. */
    private static final Duration ROUND_AFTER_REFUSAL = Duration.ofSeconds(5);

    private static final Duration LAST_LOOK = Duration.ofSeconds(2);

    private static final int PODS_NAMED = 10;

    /** A node has some hundred pods, which is one page. */
    private static final int MAX_POD_PAGES = 5;

    /** Marks the API server's image of a static pod, which only the node's own kubelet can end. */
    private static final String MIRROR = "kubernetes.io/config.mirror";

    private final ApiServer server;
    private final Duration requestTimeout;
    private final Deadline deadline;
    private final Map<String, String> refusals = new HashMap<>();

    NodeDrain(ApiServer server, Duration requestTimeout, Deadline deadline) {
        this.server = server;
        this.requestTimeout = requestTimeout;
        this.deadline = deadline;
    }

    /** Evicts and waits until nothing is left on the nodes; those that are empty are not asked about again. */
    void await(Collection<String> nodes) {
        Map<String, List<Pod>> left = movablePods(nodes);
        while (!left.isEmpty()) {
            if (deadline.isOver()) {
                throw late(left);
            }
            refusals.clear();
            left.values().forEach(pods -> pods.forEach(this::evict));
            pause(left.keySet());
            left = movablePods(left.keySet());
        }
    }

    private Map<String, List<Pod>> movablePods(Collection<String> nodes) {
        Map<String, List<Pod>> pods = new TreeMap<>();
        for (String node : nodes) {
            List<Pod> movable =
                    podsOn(node).stream().filter(NodeDrain::isMovable).toList();
            if (!movable.isEmpty()) {
                pods.put(node, movable);
            }
        }
        return pods;
    }

    private List<Pod> podsOn(String node) {
        List<Pod> pods = new ArrayList<>();
        ListBounds bounds = new ListBounds(MAX_POD_PAGES);
        String next = "";
        do {
            String path = "/api/v1/pods?fieldSelector=" + ApiServer.encode("spec.nodeName=" + node) + "&limit="
                    + NodeApi.PAGE + (next.isEmpty() ? "" : "&continue=" + ApiServer.encode(next));
            Call call = Call.get("Listing the pods of node " + node, path);
            PodList page = server.fetch(call, PodList.class, requestDeadline());
            pods.addAll(page.getItems());
            next = server.next(call, bounds, page.getMetadata());
        } while (!next.isEmpty());
        return pods;
    }

    /** A server that hangs may not hold a drain beyond its deadline, but for the last look. */
    private Deadline requestDeadline() {
        Duration left = deadline.left().plus(LAST_LOOK);
        return Deadline.in(left.compareTo(requestTimeout) < 0 ? left : requestTimeout);
    }

    private static boolean isMovable(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return (annotations == null || !annotations.containsKey(MIRROR))
                && pod.getMetadata().getOwnerReferences().stream().noneMatch(NodeDrain::isDaemonSet);
    }

    private static boolean isDaemonSet(OwnerReference owner) {
        return Boolean.TRUE.equals(owner.getController()) && "DaemonSet".equals(owner.getKind());
    }

    private void evict(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        String namespace = pod.getMetadata().getNamespace();
        String name = pod.getMetadata().getName();
        String path =
                "/api/v1/namespaces/" + ApiServer.encode(namespace) + "/pods/" + ApiServer.encode(name) + "/eviction";
        // 404 and 409: the pod is gone, or another one has its name by now; the next round sees which.
        Reply reply = server.send(
                new Call(
                        "Evicting pod " + key(pod),
                        "POST",
                        path,
                        "application/json",
                        eviction(pod),
                        Set.of(404, 409, 429)),
                requestDeadline());
        if (reply.code() == 429) {
            refusals.put(key(pod), ApiFailures.shown(server.message(reply)));
        }
    }

    private static String eviction(Pod pod) {
        return """
                {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"namespace": "%s", "name": "%s"},
                 "deleteOptions": {"preconditions": {"uid": "%s"}}}""".formatted(
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid());
    }

    private void pause(Collection<String> nodes) {
        Duration round = refusals.isEmpty() ? ROUND : ROUND_AFTER_REFUSAL;
        Duration left = deadline.left();
        try {
            TimeUnit.MILLISECONDS.sleep((left.compareTo(round) < 0 ? left : round).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException(
                    "Interrupted while draining " + String.join(", ", nodes) + "; they stay cordoned", e, true);
        }
    }

    private NodeException late(Map<String, List<Pod>> left) {
        List<String> pods = left.entrySet().stream()
                .flatMap(node -> node.getValue().stream()
                        .map(pod -> key(pod) + " on " + node.getKey() + " (" + state(pod) + ")"))
                .toList();
        String named = pods.stream().limit(PODS_NAMED).collect(Collectors.joining(", "));
        String more = pods.size() > PODS_NAMED ? " and " + (pods.size() - PODS_NAMED) + " more" : "";
        return new NodeException(
                pods.size() + " pods are left after " + deadline.timeout().toSeconds() + " s of draining: " + named
                        + more
                        + ". The nodes stay cordoned. Give it more time, relax the disruption budget, or delete the pods",
                null,
                true);
    }

    private String state(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return "ending since " + pod.getMetadata().getDeletionTimestamp();
        }
        @Nullable String refusal = refusals.get(key(pod));
        return refusal == null ? "running" : refusal;
    }

    private static String key(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }
}
