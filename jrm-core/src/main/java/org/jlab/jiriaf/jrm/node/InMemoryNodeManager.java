package org.jlab.jiriaf.jrm.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Nodes in the memory of this process, for tests and examples without Kubernetes. The second half of its methods plays the
 * JRM: it registers nodes, makes them ready and lets them go. Nodes here have no pods, so draining only cordons. Thread-safe.
 */
public final class InMemoryNodeManager implements NodeManager {

    private final Map<String, NodeStatus> nodes = new TreeMap<>();
    private final Map<Watch, NodeListener> watches = new LinkedHashMap<>();

    /** Makes a cluster without nodes. */
    public InMemoryNodeManager() {}

    @Override
    public void check(Duration timeout) {
        // Memory always answers.
    }

    @Override
    public synchronized List<NodeStatus> list(Collection<String> names) {
        Set<String> wanted = new TreeSet<>(names);
        return nodes.values().stream()
                .filter(node -> node.isJrm() && wanted.contains(node.name()))
                .toList();
    }

    @Override
    public synchronized NodeWatch watch(NodeListener listener) {
        Watch watch = new Watch();
        watches.put(watch, listener);
        nodes.values().stream().filter(NodeStatus::isJrm).forEach(listener::changed);
        listener.synced();
        return watch;
    }

    @Override
    public synchronized List<String> cordon(Collection<String> names) {
        List<String> present = list(names).stream().map(NodeStatus::name).toList();
        present.forEach(name -> update(
                name,
                node -> new NodeStatus(
                        name,
                        node.ready(),
                        node.reason(),
                        node.lastHeartbeat(),
                        true,
                        node.internalIp(),
                        node.kubeletPort(),
                        node.labels())));
        return present;
    }

    @Override
    public void drain(Collection<String> names, Duration timeout) {
        cordon(names);
    }

    @Override
    public synchronized List<String> delete(Collection<String> names) {
        List<String> present = list(names).stream().map(NodeStatus::name).toList();
        present.forEach(this::unregister);
        return present;
    }

    /**
     * Registers a node, or replaces it.
     *
     * @param node the node; without the label {@code type=virtual-kubelet} it is somebody else's
     */
    public synchronized void register(NodeStatus node) {
        nodes.put(node.name(), node);
        if (node.isJrm()) {
            tellAll(listener -> listener.changed(node));
        }
    }

    /**
     * Registers the node of a JRM that is Ready.
     *
     * @param name its name
     */
    public void register(String name) {
        register(new NodeStatus(
                name, true, null, Instant.now(), false, null, 0, Map.of(NodeStatus.TYPE_LABEL, NodeStatus.JRM_TYPE)));
    }

    /**
     * Makes a node Ready, or no longer Ready, with a heartbeat.
     *
     * @param name its name
     * @param ready what it shall be
     * @param reason why it is not ready, or null
     * @throws IllegalArgumentException if there is no such node
     */
    public synchronized void setReady(String name, boolean ready, @Nullable String reason) {
        update(
                name,
                node -> new NodeStatus(
                        name,
                        ready,
                        reason,
                        Instant.now(),
                        node.cordoned(),
                        node.internalIp(),
                        node.kubeletPort(),
                        node.labels()));
    }

    /**
     * Removes a node, whoever made it.
     *
     * @param name its name; one that does not exist is not an error
     */
    public synchronized void unregister(String name) {
        NodeStatus gone = nodes.remove(name);
        if (gone != null && gone.isJrm()) {
            tellAll(listener -> listener.removed(name));
        }
    }

    /**
     * Lists all nodes, whoever made them.
     *
     * @return the nodes, by name
     */
    public synchronized List<NodeStatus> nodes() {
        return List.copyOf(nodes.values());
    }

    private void update(String name, UnaryOperator<NodeStatus> change) {
        NodeStatus node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("There is no node " + name + ", only " + nodes.keySet());
        }
        register(change.apply(node));
    }

    private void tellAll(Consumer<NodeListener> call) {
        for (Watch watch : List.copyOf(watches.keySet())) {
            NodeListener listener = watches.get(watch);
            // Unless one of those before has closed it.
            if (listener != null) {
                call.accept(listener);
            }
        }
    }

    private final class Watch implements NodeWatch {

        @Override
        public void close() {
            synchronized (InMemoryNodeManager.this) {
                watches.remove(this);
            }
        }
    }
}
