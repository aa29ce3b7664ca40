package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;

/**
 * Nodes of a Kubernetes cluster, through the fabric8 client. Up to eight nodes are asked for one by one, more by one list in
 * pages of 500; all watches and waits share one watch, which runs while there are any; more than eight nodes are cordoned or
 * deleted eight at a time.
 *
 * <p>A request is repeated up to three times when the API server is busy (429, with regard to {@code Retry-After}), in trouble
 * (5xx) or does not answer, but not longer than the timeout. Other answers are errors at once; each says what to do.
 *
 * <p>The client stays the caller's: it is to be closed after the last watch. Its user needs {@code get}, {@code list},
 * {@code watch}, {@code patch} and {@code delete} on nodes and, to drain, {@code list} on pods and {@code create} on
 * pods/eviction. Thread-safe.
 */
public final class Fabric8NodeManager implements NodeManager {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final NodeApi nodes;
    private final NodeFeed feed;
    private final ApiServer server;
    private final Duration requestTimeout;

    /**
     * Makes a manager whose requests may take 30 s each.
     *
     * @param client leads to the cluster
     */
    public Fabric8NodeManager(KubernetesClient client) {
        this(client, TIMEOUT);
    }

    /**
     * Makes a manager.
     *
     * @param client leads to the cluster
     * @param requestTimeout how long one request may take, with all repetitions; a list has one request per 500 nodes
     */
    public Fabric8NodeManager(KubernetesClient client, Duration requestTimeout) {
        Objects.requireNonNull(client, "client");
        if (requestTimeout.isNegative() || requestTimeout.isZero()) {
            throw new IllegalArgumentException("requestTimeout must be more than nothing, not " + requestTimeout);
        }
        this.requestTimeout = requestTimeout;
        server = new ApiServer(client);
        nodes = new NodeApi(server, requestTimeout);
        feed = new NodeFeed(
                client.newClient(ApiServer.singleAttempts()).adapt(KubernetesClient.class),
                server.failures(),
                NodeFeed.SILENCE);
    }

    @Override
    public void check(Duration timeout) {
        nodes.check(timeout);
    }

    @Override
    public List<NodeStatus> list(Collection<String> names) {
        return nodes.find(names).stream().map(NodeStatuses::of).toList();
    }

    @Override
    public NodeWatch watch(NodeListener listener) {
        return feed.subscribe(listener);
    }

    @Override
    public List<String> cordon(Collection<String> names) {
        return names(BoundedParallel.filter(nodes.find(names), nodes::cordon));
    }

    @Override
    public void drain(Collection<String> names, Duration timeout) {
        Deadline deadline = Deadline.in(timeout);
        new NodeDrain(server, requestTimeout, deadline).await(cordon(names));
    }

    @Override
    public List<String> delete(Collection<String> names) {
        return names(BoundedParallel.filter(nodes.find(names), nodes::delete));
    }

    private static List<String> names(List<Node> nodes) {
        return nodes.stream().map(node -> node.getMetadata().getName()).toList();
    }
}
