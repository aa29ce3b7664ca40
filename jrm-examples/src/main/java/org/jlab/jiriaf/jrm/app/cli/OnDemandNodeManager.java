package org.jlab.jiriaf.jrm.app.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;
import org.jspecify.annotations.Nullable;

/**
 * A cluster whose client is made when it is first asked. Loading the client takes seconds, for which the tunnels of a service that
 * starts again should not wait. Thread-safe.
 */
final class OnDemandNodeManager implements NodeManager, AutoCloseable {

    private final Supplier<KubernetesClient> source;
    private @Nullable KubernetesClient client; // guarded by this
    private @Nullable NodeManager nodes; // guarded by this

    /**
     * Makes no client yet.
     *
     * @param source makes it, once; it is closed with this
     */
    OnDemandNodeManager(Supplier<KubernetesClient> source) {
        this.source = source;
    }

    private synchronized NodeManager nodes() {
        if (nodes == null) {
            client = source.get();
            nodes = new Fabric8NodeManager(client);
        }
        return nodes;
    }

    @Override
    public void check(Duration timeout) {
        nodes().check(timeout);
    }

    @Override
    public List<NodeStatus> list(Collection<String> names) {
        return nodes().list(names);
    }

    @Override
    public NodeWatch watch(NodeListener listener) {
        return nodes().watch(listener);
    }

    @Override
    public void awaitReady(Collection<String> names, Duration timeout, Consumer<NodeStatus> onChange) {
        nodes().awaitReady(names, timeout, onChange);
    }

    @Override
    public List<String> cordon(Collection<String> names) {
        return nodes().cordon(names);
    }

    @Override
    public void drain(Collection<String> names, Duration timeout) {
        nodes().drain(names, timeout);
    }

    @Override
    public List<String> delete(Collection<String> names) {
        return nodes().delete(names);
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
