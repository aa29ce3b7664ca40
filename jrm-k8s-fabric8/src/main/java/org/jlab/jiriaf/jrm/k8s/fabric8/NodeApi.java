package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jlab.jiriaf.jrm.k8s.fabric8.ApiServer.Call;
import org.jlab.jiriaf.jrm.k8s.fabric8.ApiServer.Reply;
import org.jlab.jiriaf.jrm.node.NodeStatus;

/** The requests about nodes that jrm makes. Thread-safe. */
final class NodeApi {

    private static final String JRM_SELECTOR = NodeStatus.TYPE_LABEL + "=" + NodeStatus.JRM_TYPE;

    /** As kubectl's {@code --chunk-size}. */
    static final int PAGE = 500;

    /** So many are asked for one by one; more are cheaper in one list. */
    private static final int FEW = 8;

    static final String NODES = "/api/v1/nodes";

    /** How often a list begins anew because the server no longer knows the pages before (410). */
    private static final int EXPIRED_LISTS = 2;

    private final ApiServer server;
    private final Duration timeout;

    NodeApi(ApiServer server, Duration timeout) {
        this.server = server;
        this.timeout = timeout;
    }

    void check(Duration within) {
        server.fetch(Call.get("Asking for nodes", listPath(1)), NodeList.class, Deadline.in(within));
    }

    /** The JRM nodes among those named, by name. */
    List<Node> find(Collection<String> names) {
        Set<String> wanted = new HashSet<>(names);
        List<Node> nodes = wanted.size() <= FEW ? one(wanted) : all(wanted);
        return nodes.stream()
                .filter(node -> NodeStatuses.of(node).isJrm())
                .sorted(Comparator.comparing(node -> node.getMetadata().getName()))
                .toList();
    }

    private List<Node> one(Set<String> names) {
        List<Node> nodes = new ArrayList<>();
        for (String name : names) {
            Call call = Call.get("Looking up node " + name, path(name), 404);
            Reply reply = server.send(call, Deadline.in(timeout));
            if (reply.isSuccess()) {
                nodes.add(server.read(call, reply, Node.class));
            }
        }
        return nodes;
    }

    /** Keeps those alone, so that a server cannot fill the memory with others. */
    private List<Node> all(Set<String> wanted) {
        Map<String, Node> nodes = new HashMap<>();
        ListBounds bounds = new ListBounds(ListBounds.MAX_PAGES);
        String next = "";
        int expired = 0;
        while (true) {
            Call call = list(next, expired < EXPIRED_LISTS);
            Reply reply = server.send(call, Deadline.in(timeout));
            if (!reply.isSuccess()) {
                expired++;
                nodes.clear();
                next = "";
                continue;
            }
            NodeList page = server.read(call, reply, NodeList.class);
            page.getItems().stream()
                    .filter(node -> wanted.contains(node.getMetadata().getName()))
                    .forEach(node -> nodes.put(node.getMetadata().getName(), node));
            next = server.next(call, bounds, page.getMetadata());
            if (next.isEmpty()) {
                return List.copyOf(nodes.values());
            }
        }
    }

    private static Call list(String next, boolean mayExpire) {
        String path = listPath(PAGE) + (next.isEmpty() ? "" : "&continue=" + ApiServer.encode(next));
        return mayExpire ? Call.get("Listing nodes", path, 410) : Call.get("Listing nodes", path);
    }

    /**
     * Cordons a node, unless it is.
     *
     * @return whether it is still there
     */
    boolean cordon(Node node) {
        if (NodeStatuses.of(node).cordoned()) {
            return true;
        }
        String name = node.getMetadata().getName();
        Reply reply = server.send(
                new Call(
                        "Cordoning node " + name,
                        "PATCH",
                        path(name),
                        "application/merge-patch+json",
                        "{\"spec\":{\"unschedulable\":true}}",
                        Set.of(404)),
                Deadline.in(timeout));
        return reply.isSuccess();
    }

    /**
     * Deletes exactly this node: a namesake that has been made since stays.
     *
     * @return whether it is gone
     */
    boolean delete(Node node) {
        String name = node.getMetadata().getName();
        String uid = node.getMetadata().getUid();
        String preconditions = uid == null ? "" : ",\"preconditions\":{\"uid\":\"" + uid + "\"}";
        Reply reply = server.send(
                new Call(
                        "Deleting node " + name,
                        "DELETE",
                        path(name),
                        "application/json",
                        "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\"" + preconditions + "}",
                        Set.of(404, 409)),
                Deadline.in(timeout));
        return reply.code() != 409;
    }

    private static String listPath(int limit) {
        return NODES + "?labelSelector=" + ApiServer.encode(JRM_SELECTOR) + "&limit=" + limit;
    }

    private static String path(String name) {
        return NODES + "/" + ApiServer.encode(name);
    }
}
