package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jspecify.annotations.Nullable;

/** fabric8's mock API server in CRUD mode, and the JRMs that register there. */
final class MockCluster implements AutoCloseable {

    private final KubernetesMockServer server;
    private final KubernetesClient client;

    MockCluster() {
        this(new KubernetesCrudDispatcher(), 0);
    }

    MockCluster(Dispatcher dispatcher, int port) {
        // It would print each request.
        Logger.getLogger(MockWebServer.class.getName()).setLevel(Level.WARNING);
        server = new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), dispatcher, false);
        server.start(InetAddress.getLoopbackAddress(), port);
        client = server.createClient();
    }

    KubernetesMockServer server() {
        return server;
    }

    KubernetesClient client() {
        return client;
    }

    void register(String name, String type, @Nullable String reason) {
        Node node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(NodeStatus.TYPE_LABEL, type)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .addNewAddress("172.17.0.1", "InternalIP")
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(10001)
                .endDaemonEndpoints()
                .withConditions(condition(reason))
                .endStatus()
                .build();
        client.nodes().resource(node).create();
    }

    void setReady(String name, @Nullable String reason) {
        client.nodes().withName(name).editStatus(node -> {
            node.getStatus().getConditions().set(0, condition(reason));
            return node;
        });
    }

    private static NodeCondition condition(@Nullable String reason) {
        return new NodeConditionBuilder()
                .withType("Ready")
                .withStatus(reason == null ? "True" : "False")
                .withReason(reason)
                .withLastHeartbeatTime(Instant.now().toString())
                .build();
    }

    @Override
    public void close() {
        client.close();
        try {
            server.destroy();
        } catch (IllegalStateException e) {
            // It has stopped listening, but waits in vain for a silent watch to say goodbye.
            if (!(e.getCause() instanceof TimeoutException)) {
                throw e;
            }
        }
    }
}
