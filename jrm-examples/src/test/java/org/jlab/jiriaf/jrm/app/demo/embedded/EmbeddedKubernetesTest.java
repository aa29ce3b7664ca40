package org.jlab.jiriaf.jrm.app.demo.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class EmbeddedKubernetesTest {

    private static final String NODE = """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s", "labels": {"type": "virtual-kubelet"}},
             "status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10001}}}}""";
    private static final String READY = """
            {"status": {"conditions": [{"type": "Ready", "status": "%s", "reason": "KubeletReady",
                                        "lastHeartbeatTime": "2026-11-22T00:00:00Z"}]}}""";

    @Test
    void servesTheLifeOfANodeToAPlainHttpClient() throws Exception {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        try (EmbeddedKubernetes kubernetes = new EmbeddedKubernetes(InetAddress.getLoopbackAddress(), 0)) {
            kubernetes.client().nodes().withLabel("type", "virtual-kubelet").watch(new Recorder(seen));
            assertThat(send(kubernetes, "POST", "/api/v1/nodes", NODE.formatted("n1")))
                    .isEqualTo(201);
            assertThat(send(kubernetes, "POST", "/api/v1/nodes", NODE.formatted("n1")))
                    .isEqualTo(409);
            assertThat(send(kubernetes, "PATCH", "/api/v1/nodes/n1/status", READY.formatted("True")))
                    .isEqualTo(202);
            assertThat(send(
                            kubernetes,
                            "PATCH",
                            "/api/v1/nodes/n1",
                            "{\"metadata\": {\"labels\": {\"jiriaf.alivetime\": \"55\"}}}"))
                    .isEqualTo(202);
            Node node = kubernetes.client().nodes().withName("n1").get();
            assertThat(node.getStatus().getConditions())
                    .extracting(NodeCondition::getStatus)
                    .containsExactly("True");
            assertThat(node.getStatus()
                            .getDaemonEndpoints()
                            .getKubeletEndpoint()
                            .getPort())
                    .isEqualTo(10001);
            assertThat(node.getMetadata().getLabels()).containsEntry("jiriaf.alivetime", "55");
            assertThat(send(kubernetes, "DELETE", "/api/v1/nodes/n1", "")).isEqualTo(200);
            assertThat(send(kubernetes, "PATCH", "/api/v1/nodes/n1/status", READY.formatted("True")))
                    .isEqualTo(404);

            await().untilAsserted(() ->
                    assertThat(seen).containsExactly("ADDED n1 0", "MODIFIED n1 1", "MODIFIED n1 1", "DELETED n1 1"));
        }
    }

    @Test
    void statusPatchChangesNothingButTheStatus() throws Exception {
        try (EmbeddedKubernetes kubernetes = new EmbeddedKubernetes(InetAddress.getLoopbackAddress(), 0)) {
            send(kubernetes, "POST", "/api/v1/nodes", NODE.formatted("n1"));

            send(
                    kubernetes,
                    "PATCH",
                    "/api/v1/nodes/n1/status",
                    "{\"metadata\": {\"labels\": {\"type\": \"other\"}}, \"status\": {\"phase\": \"Running\"}}");

            Node node = kubernetes.client().nodes().withName("n1").get();
            assertThat(node.getMetadata().getLabels()).containsEntry("type", "virtual-kubelet");
            assertThat(node.getStatus().getPhase()).isEqualTo("Running");
            assertThat(node.getStatus().getAddresses()).hasSize(1);
        }
    }

    @Test
    void answersVersionAsKubectlAsksForIt() throws Exception {
        try (EmbeddedKubernetes kubernetes = new EmbeddedKubernetes(InetAddress.getLoopbackAddress(), 0)) {
            assertThat(kubernetes.client().getKubernetesVersion()).isNotNull();
            assertThat(kubernetes.kubeconfig(kubernetes.url())).contains("server: " + kubernetes.url());
        }
    }

    @Test
    void closeLeavesNoThreadAndNoListener() throws Exception {
        Set<Thread> before = threads();
        EmbeddedKubernetes kubernetes = new EmbeddedKubernetes(InetAddress.getLoopbackAddress(), 0);
        kubernetes.client().nodes().watch(new Recorder(new ConcurrentLinkedQueue<>()));
        kubernetes.client().nodes().list();

        kubernetes.close();
        kubernetes.close();

        new ServerSocket(kubernetes.port(), 1, InetAddress.getLoopbackAddress()).close();
        await().pollInSameThread().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            Set<Thread> left = threads();
            left.removeAll(before);
            assertThat(left).isEmpty();
        });
    }

    @Test
    void listensOnTheAddressAndPortItIsGiven() throws Exception {
        InetAddress second = InetAddress.getByName("127.0.0.2");
        try (EmbeddedKubernetes first = new EmbeddedKubernetes(second, 0)) {
            assertThat(first.url()).hasHost("127.0.0.2").hasPort(first.port());
            assertThatIllegalStateException()
                    .isThrownBy(() -> new EmbeddedKubernetes(second, first.port()))
                    .withMessageContaining("127.0.0.2:" + first.port());
        }
    }

    @Test
    void refusesAnAddressThatOthersCanReach() throws Exception {
        InetAddress all = InetAddress.getByName("0.0.0.0");
        assertThatIllegalArgumentException().isThrownBy(() -> new EmbeddedKubernetes(all, 0));
    }

    private static int send(EmbeddedKubernetes kubernetes, String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(kubernetes.url() + path))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Content-Type", method.equals("PATCH") ? "application/merge-patch+json" : "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode();
    }

    /** Without those of the JDK's HTTP client in {@link #send}, which end when it is collected. */
    private static Set<Thread> threads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> thread.getName().startsWith("HttpClient-"));
        return threads;
    }

    private record Recorder(Queue<String> seen) implements Watcher<Node> {

        @Override
        public void eventReceived(Action action, Node node) {
            seen.add(action + " " + node.getMetadata().getName() + " "
                    + node.getStatus().getConditions().size());
        }

        @Override
        public void onClose(WatcherException cause) {}
    }
}
