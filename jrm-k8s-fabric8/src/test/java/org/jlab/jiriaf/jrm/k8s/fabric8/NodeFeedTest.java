package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodeFeedTest {

    private static final String JRM = NodeStatus.JRM_TYPE;
    private static final String GONE = """
            {"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired",
             "message": "too old resource version: 1 (2)", "code": 410}}""";

    private final ScriptedDispatcher requests = new ScriptedDispatcher(new KubernetesCrudDispatcher(), request -> null);

    @Test
    void anyNumberOfListenersCostOneListAndOneWatch() {
        try (MockCluster cluster = new MockCluster(requests, 0)) {
            NodeFeed feed = feed(cluster.client(), NodeFeed.SILENCE);
            List<NodeWatch> watches = new ArrayList<>();
            List<Recorder> recorders = Stream.generate(Recorder::new).limit(20).toList();
            recorders.forEach(recorder -> watches.add(feed.subscribe(recorder)));
            await().untilAsserted(
                            () -> assertThat(requests.requests("watch=true")).isNotEmpty());
            cluster.register("a", JRM, null);

            await().untilAsserted(() -> assertThat(recorders)
                    .allSatisfy(recorder -> assertThat(recorder.seen).contains("a ready")));
            assertThat(requests.requests("GET /api/v1/nodes")).hasSize(2);
            watches.forEach(NodeWatch::close);
        }
    }

    @Test
    void endsTheWatchWithItsLastListener() {
        try (MockCluster cluster = new MockCluster(requests, 0)) {
            NodeFeed feed = feed(cluster.client(), NodeFeed.SILENCE);
            Recorder recorder = new Recorder();
            NodeWatch first = feed.subscribe(recorder);
            NodeWatch second = feed.subscribe(new Recorder());
            cluster.register("a", JRM, null);
            await().until(() -> recorder.seen.contains("a ready"));
            // The mock server runs one thread for each watch that has had an event.
            assertThat(watchThreads()).hasSize(1);

            first.close();
            assertThat(watchThreads()).hasSize(1);
            second.close();

            await().untilAsserted(() -> assertThat(watchThreads()).isEmpty());
        }
    }

    @Test
    void listsAnewWhenItsVersionHasExpired() {
        AtomicInteger watches = new AtomicInteger();
        ScriptedDispatcher expiring = new ScriptedDispatcher(
                new KubernetesCrudDispatcher(),
                request -> isWatch(request) && watches.incrementAndGet() == 1 ? socket(GONE) : null);
        try (MockCluster cluster = new MockCluster(expiring, 0)) {
            Recorder recorder = new Recorder();
            NodeWatch watch = feed(cluster.client(), NodeFeed.SILENCE).subscribe(recorder);
            await().until(() -> watches.get() >= 2);
            cluster.register("a", JRM, null);

            await().until(() -> recorder.seen.contains("a ready"));
            assertThat(recorder.seen).noneMatch(seen -> seen.contains("failed"));
            assertThat(expiring.requests("limit=500")).hasSizeGreaterThanOrEqualTo(2);
            watch.close();
        }
    }

    @Test
    void saysThatTheServerIsGoneAndCatchesUpWhenItIsBack() {
        Recorder recorder = new Recorder();
        MockCluster before = new MockCluster();
        int port = before.server().getPort();
        KubernetesClient client = before.server().createClient();
        try {
            before.register("a", JRM, null);
            NodeWatch watch = feed(client, Duration.ofMillis(1200)).subscribe(recorder);
            await().untilAsserted(() -> assertThat(recorder.seen).containsExactly("a ready", "synced"));

            before.close();
            await().until(() -> recorder.seen.stream().anyMatch(seen -> seen.contains("nothing answers there")));
            try (MockCluster after = new MockCluster(new KubernetesCrudDispatcher(), port)) {
                after.register("b", JRM, null);
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(recorder.seen).contains("a gone", "b ready"));
                await().untilAsserted(() -> assertThat(recorder.seen).endsWith("synced"));
            }
            watch.close();
        } finally {
            client.close();
        }
    }

    @Test
    void replacesAWatchThatIsSilentWithoutTellingAnythingTwice() {
        // Open, and never a word: as when a firewall has forgotten the connection.
        AtomicInteger watches = new AtomicInteger();
        ScriptedDispatcher deaf = new ScriptedDispatcher(
                new KubernetesCrudDispatcher(),
                request -> isWatch(request) && watches.incrementAndGet() == 1 ? socket(null) : null);
        try (MockCluster cluster = new MockCluster(deaf, 0)) {
            cluster.register("a", JRM, null);
            Recorder recorder = new Recorder();
            NodeWatch watch = feed(cluster.client(), Duration.ofSeconds(1)).subscribe(recorder);
            await().until(() -> watches.get() >= 1);
            cluster.register("b", JRM, null);

            await().until(() -> recorder.seen.contains("b ready"));
            assertThat(recorder.seen).containsOnlyOnce("a ready");
            watch.close();
        }
    }

    @Test
    void goesOnWhenAListenerFails() {
        try (MockCluster cluster = new MockCluster()) {
            NodeFeed feed = feed(cluster.client(), NodeFeed.SILENCE);
            NodeWatch bad = feed.subscribe(node -> {
                throw new IllegalStateException("a listener that fails, on purpose");
            });
            Recorder recorder = new Recorder();
            NodeWatch good = feed.subscribe(recorder);
            cluster.register("a", JRM, null);
            cluster.register("b", JRM, null);

            await().until(() -> recorder.seen.contains("b ready"));
            bad.close();
            good.close();
        }
    }

    private static NodeFeed feed(KubernetesClient client, Duration silence) {
        ApiFailures failures = new ApiServer(client).failures();
        return new NodeFeed(
                client.newClient(ApiServer.singleAttempts()).adapt(KubernetesClient.class), failures, silence);
    }

    private static boolean isWatch(RecordedRequest request) {
        return request.getPath().contains("watch=true");
    }

    private static MockResponse socket(@Nullable String message) {
        return new MockResponse().withWebSocketUpgrade(new WebSocketListener() {
            @Override
            public void onOpen(WebSocket socket, Response response) {
                if (message != null) {
                    socket.send(message);
                }
            }
        });
    }

    private static List<String> watchThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.matches("pool-\\d+-thread-1"))
                .toList();
    }

    private static final class Recorder implements NodeListener {

        private final Queue<String> seen = new ConcurrentLinkedQueue<>();

        @Override
        public void changed(NodeStatus node) {
            seen.add(node.name() + (node.ready() ? " ready" : " not ready"));
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
            seen.add(String.valueOf(failure.getMessage()));
        }
    }
}
