package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch of all JRM nodes for any number of listeners, running while there are any. The client's informer lists and watches
 * and begins anew after 410 and lost connections; a connection that is dead without either side noticing it does not see, so
 * a watch that is silent for long is replaced. Thread-safe.
 */
final class NodeFeed {

    private static final Logger LOG = LoggerFactory.getLogger(NodeFeed.class);

    /** JRMs report every few seconds, so after that either there is none, or we are cut off. */
    static final Duration SILENCE = Duration.ofSeconds(60);

    private static final int CHECKS_IN_SILENCE = 12;

    /** No cluster has more; see {@link ListBounds#MAX_PAGES}. */
    private static final int MAX_NODES = ListBounds.MAX_PAGES * NodeApi.PAGE;

    private final KubernetesClient client;
    private final ApiFailures failures;
    private final Duration silence;
    private final Map<Subscription, NodeListener> listeners = new LinkedHashMap<>();
    private final Map<String, NodeStatus> known = new TreeMap<>();
    private @Nullable Run run;
    private @Nullable NodeException disconnected;

    /** Whether the listeners have the whole picture. */
    private boolean complete;

    NodeFeed(KubernetesClient client, ApiFailures failures, Duration silence) {
        this.client = client;
        this.failures = failures;
        this.silence = silence;
    }

    NodeWatch subscribe(NodeListener listener) {
        Subscription subscription = new Subscription();
        Run started = null;
        synchronized (this) {
            listeners.put(subscription, listener);
            if (run == null) {
                started = new Run();
                run = started;
            } else {
                catchUp(listener);
            }
        }
        if (started != null) {
            started.start();
        }
        return subscription;
    }

    private void catchUp(NodeListener listener) {
        known.values().forEach(node -> tell(listener, each -> each.changed(node)));
        NodeException failure = disconnected;
        if (failure != null) {
            tell(listener, each -> each.disconnected(failure));
        } else if (complete) {
            tell(listener, NodeListener::synced);
        }
    }

    private void unsubscribe(Subscription subscription) {
        Run stopped = null;
        synchronized (this) {
            listeners.remove(subscription);
            if (listeners.isEmpty()) {
                stopped = run;
                forget();
            }
        }
        if (stopped != null) {
            stopped.stop();
        }
    }

    private void forget() {
        run = null;
        disconnected = null;
        complete = false;
        known.clear();
    }

    private void tellAll(Consumer<NodeListener> call) {
        for (Subscription subscription : List.copyOf(listeners.keySet())) {
            NodeListener listener = listeners.get(subscription);
            // Unless one of those before has closed it.
            if (listener != null) {
                tell(listener, call);
            }
        }
    }

    private static void tell(NodeListener listener, Consumer<NodeListener> call) {
        try {
            call.accept(listener);
        } catch (RuntimeException e) {
            LOG.warn("A listener of nodes failed; the others go on", e);
        }
    }

    private final class Subscription implements NodeWatch {

        @Override
        public void close() {
            unsubscribe(this);
        }
    }

    /** One informer; what it says after it has been replaced is ignored. */
    private final class Run implements ResourceEventHandler<Node> {

        private final SharedIndexInformer<Node> informer;
        private final Set<String> listed = new HashSet<>();
        private boolean stopped;
        private boolean synced;
        private boolean wasWatching = true;
        private long lastNews = System.nanoTime();

        Run() {
            informer = client.nodes()
                    .withLabel(NodeStatus.TYPE_LABEL, NodeStatus.JRM_TYPE)
                    .withLimit((long) NodeApi.PAGE)
                    .runnableInformer(0)
                    .exceptionHandler(this::failed)
                    .addEventHandler(this);
        }

        synchronized void start() {
            if (!stopped) {
                informer.start().exceptionally(told -> null);
                scheduleCheck();
            }
        }

        synchronized void stop() {
            stopped = true;
            informer.stop();
        }

        @Override
        public void onAdd(Node node) {
            changed(node);
        }

        @Override
        public void onUpdate(Node before, Node node) {
            changed(node);
        }

        private void changed(Node node) {
            NodeStatus status = NodeStatuses.of(node);
            boolean full = false;
            synchronized (NodeFeed.this) {
                if (isCurrent()) {
                    full = known.size() >= MAX_NODES && !known.containsKey(status.name());
                }
                if (full) {
                    failed(true, tooMany());
                } else if (run == this) {
                    listed.add(status.name());
                    if (!status.equals(known.put(status.name(), status))) {
                        tellAll(listener -> listener.changed(status));
                    }
                }
            }
            if (full) {
                stop();
            }
        }

        @Override
        public void onDelete(Node node, boolean finalStateUnknown) {
            synchronized (NodeFeed.this) {
                if (isCurrent()) {
                    listed.remove(node.getMetadata().getName());
                    removed(node.getMetadata().getName());
                }
            }
        }

        private void removed(String name) {
            if (known.remove(name) != null) {
                tellAll(listener -> listener.removed(name));
            }
        }

        @Override
        public void onList(String resourceVersion, boolean empty) {
            synchronized (NodeFeed.this) {
                if (isCurrent()) {
                    synced = true;
                    // Left over from the watch before this one.
                    List.copyOf(known.keySet()).stream()
                            .filter(name -> !listed.contains(name))
                            .forEach(this::removed);
                    if (!complete) {
                        complete = true;
                        tellAll(NodeListener::synced);
                    }
                }
            }
        }

        private NodeException tooMany() {
            return new NodeException(
                    "there are more than " + MAX_NODES
                            + " nodes, which no cluster has. Check `server` in the kubeconfig:"
                            + " is it an API server?",
                    null,
                    false);
        }

        /** Whether this run still counts; and a sign of life. */
        private boolean isCurrent() {
            lastNews = System.nanoTime();
            if (run != this) {
                return false;
            }
            disconnected = null;
            return true;
        }

        /** Told by the informer; returns whether it is to go on. */
        private boolean failed(boolean started, Throwable cause) {
            NodeException failure = failures.of("Watching nodes", cause);
            synchronized (NodeFeed.this) {
                if (run != this) {
                    return false;
                }
                disconnected = failure;
                complete = false;
                tellAll(listener -> listener.disconnected(failure));
                if (!failure.isTransient()) {
                    listeners.clear();
                    forget();
                }
                return failure.isTransient();
            }
        }

        private void scheduleCheck() {
            CompletableFuture.delayedExecutor(silence.toMillis() / CHECKS_IN_SILENCE, TimeUnit.MILLISECONDS)
                    .execute(this::check);
        }

        private void check() {
            Run next;
            synchronized (NodeFeed.this) {
                if (run != this) {
                    return;
                }
                boolean watching = informer.isWatching();
                boolean lost = !watching && !wasWatching;
                boolean silent = System.nanoTime() - lastNews > silence.toNanos();
                wasWatching = watching;
                if (!synced || !(lost || silent)) {
                    scheduleCheck();
                    return;
                }
                next = new Run();
                run = next;
            }
            LOG.debug("Replacing a watch of nodes that has gone silent");
            stop();
            next.start();
        }
    }
}
