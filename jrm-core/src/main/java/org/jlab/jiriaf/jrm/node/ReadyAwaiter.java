package org.jlab.jiriaf.jrm.node;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Waits on a watch until some nodes are Ready. For one wait. */
final class ReadyAwaiter implements NodeListener {

    private static final int NODES_NAMED = 10;
    private static final String UNREGISTERED =
            "A node that is not registered has a job that still waits in the queue, or a JRM"
                    + " that does not reach the API server: look at the job's output and at the tunnel of the API server's port";
    private static final String UNANSWERED =
            "The API server has not answered at all in that time: is it running, and the connection to it alive?";

    private final Set<String> names;
    private final Consumer<NodeStatus> onChange;

    /** From the watch's thread to the waiting one. */
    private final BlockingQueue<Runnable> news = new LinkedBlockingQueue<>();

    private final Map<String, NodeStatus> nodes = new HashMap<>();
    private boolean synced;
    private @Nullable NodeException disconnected;

    ReadyAwaiter(Collection<String> names, Consumer<NodeStatus> onChange) {
        this.names = new LinkedHashSet<>(names);
        this.onChange = onChange;
    }

    @Override
    public void changed(NodeStatus node) {
        if (names.contains(node.name())) {
            news.add(() -> {
                nodes.put(node.name(), node);
                onChange.accept(node);
            });
        }
    }

    @Override
    public void removed(String name) {
        if (names.contains(name)) {
            news.add(() -> nodes.remove(name));
        }
    }

    @Override
    public void synced() {
        news.add(() -> {
            synced = true;
            disconnected = null;
        });
    }

    @Override
    public void disconnected(NodeException failure) {
        news.add(() -> {
            if (!failure.isTransient()) {
                throw failure;
            }
            disconnected = failure;
        });
    }

    void await(NodeManager manager, Duration timeout) {
        if (names.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        NodeWatch watch = manager.watch(this);
        try {
            while (!allReady()) {
                long left = timeout.toNanos() - (System.nanoTime() - start);
                Runnable next = news.poll(Math.max(left, 0), TimeUnit.NANOSECONDS);
                if (next == null) {
                    throw late(timeout);
                }
                next.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException("Interrupted while waiting for nodes to become Ready: " + missing(), e, true);
        } finally {
            watch.close();
        }
    }

    private boolean allReady() {
        return names.stream().allMatch(this::isReady);
    }

    private boolean isReady(String name) {
        NodeStatus node = nodes.get(name);
        return node != null && node.ready();
    }

    private NodeException late(Duration timeout) {
        long count = names.stream().filter(name -> !isReady(name)).count();
        String late = count + " of " + names.size() + " nodes are not Ready after " + timeout.toSeconds() + " s: "
                + missing();
        if (disconnected != null) {
            return new NodeException(
                    late + ". The API server could not be asked: " + disconnected.getMessage(), disconnected, true);
        }
        return new NodeException(late + ". " + (synced ? UNREGISTERED : UNANSWERED), null, true);
    }

    private String missing() {
        List<String> late = names.stream().filter(name -> !isReady(name)).toList();
        String named = late.stream()
                .limit(NODES_NAMED)
                .map(name -> name + " (" + describe(nodes.get(name)) + ")")
                .collect(Collectors.joining(", "));
        return named + (late.size() > NODES_NAMED ? " and " + (late.size() - NODES_NAMED) + " more" : "");
    }

    private static String describe(@Nullable NodeStatus node) {
        return node == null ? "not registered" : node.describe();
    }
}
