package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link NodeManager} does. Subclasses make a manager of a cluster without nodes, and play the JRMs of that cluster
 * behind the manager's back.
 */
public abstract class NodeManagerContract {

    /** Long enough to be met on a busy machine. */
    private static final Duration LONG = Duration.ofSeconds(20);

    @SuppressWarnings("NullAway.Init")
    private NodeManager manager;

    /** Makes the manager under test. */
    protected abstract NodeManager newManager();

    /**
     * Puts a node into the cluster, with InternalIP 172.17.0.1, kubelet port 10001 and a heartbeat.
     *
     * @param type value of its label {@code type}
     * @param reason reason of a Ready condition that is False, or null for one that is True
     */
    protected abstract void register(String name, String type, @Nullable String reason);

    /** Changes the Ready condition of a node, with a heartbeat. */
    protected abstract void setReady(String name, @Nullable String reason);

    /** Takes a node away. */
    protected abstract void unregister(String name);

    /** Looks into the cluster. */
    protected abstract boolean exists(String name);

    /** Looks into the cluster. */
    protected abstract boolean cordoned(String name);

    @BeforeEach
    void makeManager() {
        manager = newManager();
    }

    @Test
    void checksAClusterThatAnswers() {
        assertThatCode(() -> manager.check(LONG)).doesNotThrowAnyException();
    }

    @Test
    void listsTheNamedNodesThatExist() {
        register("a", NodeStatus.JRM_TYPE, null);
        register("b", NodeStatus.JRM_TYPE, "KubeletNotReady");
        register("c", NodeStatus.JRM_TYPE, null);

        List<NodeStatus> nodes = manager.list(List.of("b", "missing", "a"));

        assertThat(nodes).extracting(NodeStatus::name).containsExactly("a", "b");
        assertThat(nodes).extracting(NodeStatus::ready).containsExactly(true, false);
        NodeStatus b = nodes.get(1);
        assertThat(b.reason()).contains("KubeletNotReady");
        assertThat(b.internalIp()).isEqualTo("172.17.0.1");
        assertThat(b.kubeletPort()).isEqualTo(10001);
        assertThat(b.labels()).containsEntry("type", "virtual-kubelet");
        assertThat(b.lastHeartbeat())
                .isBetween(
                        Instant.now().minus(Duration.ofMinutes(1)),
                        Instant.now().plusSeconds(1));
        assertThat(b.cordoned()).isFalse();
    }

    @Test
    void listsManyNodesByName() {
        List<String> names =
                IntStream.range(0, 60).mapToObj(i -> "node-%02d".formatted(i)).toList();
        names.forEach(name -> register(name, NodeStatus.JRM_TYPE, null));
        register("other", NodeStatus.JRM_TYPE, null);

        assertThat(manager.list(names)).extracting(NodeStatus::name).containsExactlyElementsOf(names);
        assertThat(manager.list(List.of())).isEmpty();
    }

    @Test
    void neitherShowsNorTouchesNodesThatAreNotJrms() {
        register("worker", "metal", null);

        assertThat(manager.list(List.of("worker"))).isEmpty();
        assertThat(manager.cordon(List.of("worker"))).isEmpty();
        manager.drain(List.of("worker"), LONG);
        assertThat(manager.delete(List.of("worker"))).isEmpty();
        assertThat(exists("worker")).isTrue();
        assertThat(cordoned("worker")).isFalse();
    }

    @Test
    void deletesTheNamedNodesAndNoOthers() {
        register("a", NodeStatus.JRM_TYPE, null);
        register("b", NodeStatus.JRM_TYPE, "NodeStatusUnknown");
        register("c", NodeStatus.JRM_TYPE, null);

        assertThat(manager.delete(List.of("a", "b", "missing"))).containsExactlyInAnyOrder("a", "b");
        assertThat(exists("a")).isFalse();
        assertThat(exists("b")).isFalse();
        assertThat(exists("c")).isTrue();
        assertThat(manager.delete(List.of("a", "b"))).isEmpty();
    }

    @Test
    void cordonsNodes() {
        register("a", NodeStatus.JRM_TYPE, null);
        register("b", NodeStatus.JRM_TYPE, null);

        assertThat(manager.cordon(List.of("a", "missing"))).containsExactly("a");
        assertThat(manager.cordon(List.of("a"))).containsExactly("a");

        assertThat(cordoned("a")).isTrue();
        assertThat(cordoned("b")).isFalse();
        assertThat(manager.list(List.of("a"))).allMatch(NodeStatus::cordoned);
    }

    @Test
    void drainsNodesThatHaveNoPods() {
        register("a", NodeStatus.JRM_TYPE, null);

        manager.drain(List.of("a", "missing"), LONG);

        assertThat(cordoned("a")).isTrue();
        assertThat(exists("a")).isTrue();
    }

    @Test
    void waitsUntilTheLastNodeIsReady() {
        register("a", NodeStatus.JRM_TYPE, null);
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> ready = CompletableFuture.runAsync(() -> manager.awaitReady(
                List.of("a", "b"), LONG, node -> seen.add(node.name() + (node.ready() ? " ready" : " not ready"))));
        await().until(() -> seen.contains("a ready"));

        register("foreign", NodeStatus.JRM_TYPE, null);
        register("b", NodeStatus.JRM_TYPE, "Starting");
        await().until(() -> seen.contains("b not ready"));
        assertThat(ready).isNotDone();
        setReady("b", null);

        assertThat(ready).succeedsWithin(LONG);
        assertThat(seen)
                .containsSubsequence("a ready", "b not ready", "b ready")
                .doesNotContain("foreign ready");
    }

    @Test
    void waitsForANodeThatWasReadyAndIsGone() {
        register("a", NodeStatus.JRM_TYPE, null);
        register("b", NodeStatus.JRM_TYPE, "Starting");
        CountDownLatch seen = new CountDownLatch(2);
        CompletableFuture<Void> ready =
                CompletableFuture.runAsync(() -> manager.awaitReady(List.of("a", "b"), LONG, node -> seen.countDown()));
        await().until(() -> seen.getCount() == 0);

        unregister("a");
        setReady("b", null);
        assertThat(ready).isNotDone();
        register("a", NodeStatus.JRM_TYPE, null);

        assertThat(ready).succeedsWithin(LONG);
    }

    @Test
    void waitsForNothingWhenNoNodeIsNamed() {
        assertThatCode(() -> manager.awaitReady(List.of(), LONG, node -> {})).doesNotThrowAnyException();
    }

    @Test
    void saysWhichNodesAreNotReadyInTimeAndWhy() {
        register("a", NodeStatus.JRM_TYPE, null);
        register("b", NodeStatus.JRM_TYPE, "NodeStatusUnknown");
        register("c", "metal", null);

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.awaitReady(List.of("a", "b", "c", "d"), Duration.ofSeconds(1), node -> {}))
                .withMessageStartingWith("3 of 4 nodes are not Ready after 1 s: b (not Ready: NodeStatusUnknown")
                .withMessageContaining("last heartbeat 20")
                .withMessageContaining("c (not registered), d (not registered)")
                .matches(NodeException::isTransient);
    }

    @Test
    void waitingCanBeInterrupted() throws InterruptedException {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                manager.awaitReady(List.of("a"), LONG, node -> {});
            } catch (NodeException e) {
                flag.complete(Thread.currentThread().isInterrupted());
                thrown.complete(e);
            }
        });
        waiting.start();
        waiting.interrupt();

        assertThat(thrown)
                .succeedsWithin(LONG)
                .satisfies(e -> assertThat(e).hasMessageContaining("a (not registered)"));
        assertThat(flag).isCompletedWithValue(true);
        waiting.join();
    }

    @Test
    void passesOnWhatTheCallbackThrows() {
        register("a", NodeStatus.JRM_TYPE, null);

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> manager.awaitReady(List.of("a"), LONG, node -> {
                    throw new IllegalStateException("from the callback");
                }))
                .withMessage("from the callback");
    }

    @Test
    void watchShowsWhatIsThereAndWhatHappens() {
        register("a", NodeStatus.JRM_TYPE, null);
        register("worker", "metal", null);
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Recorder third = new Recorder();
        NodeWatch watch = manager.watch(first);
        await().untilAsserted(() -> assertThat(first.seen).containsExactly("a ready", "synced"));
        register("b", NodeStatus.JRM_TYPE, "Starting");
        await().untilAsserted(() -> assertThat(first.seen).containsExactly("a ready", "synced", "b Starting"));
        NodeWatch other = manager.watch(second);
        await().untilAsserted(() -> assertThat(second.seen).containsExactly("a ready", "b Starting", "synced"));
        other.close();
        other.close();
        unregister("a");
        await().untilAsserted(() -> assertThat(first.seen).endsWith("a gone"));
        watch.close();
        register("c", NodeStatus.JRM_TYPE, null);

        NodeWatch later = manager.watch(third);
        await().untilAsserted(() -> assertThat(third.seen)
                .containsExactlyInAnyOrder("b Starting", "c ready", "synced")
                .endsWith("synced"));
        later.close();
        assertThat(first.seen).containsExactly("a ready", "synced", "b Starting", "a gone");
        assertThat(second.seen).hasSize(3);
    }

    private static final class Recorder implements NodeListener {

        private final Queue<String> seen = new ConcurrentLinkedQueue<>();

        @Override
        public void changed(NodeStatus node) {
            seen.add(node.name() + " " + (node.ready() ? "ready" : node.reason()));
        }

        @Override
        public void removed(String name) {
            seen.add(name + " gone");
        }

        @Override
        public void synced() {
            seen.add("synced");
        }

        @Override
        public void disconnected(NodeException failure) {
            seen.add(failure.toString());
        }
    }
}
