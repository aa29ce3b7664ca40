package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Draining against the mock server, to which the eviction API and the field selector of pods are added here. */
class NodeDrainTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final KubernetesCrudDispatcher crud = new KubernetesCrudDispatcher();
    private final Set<String> withinBudget = ConcurrentHashMap.newKeySet();
    private final ScriptedDispatcher requests = new ScriptedDispatcher(crud, this::evictions);
    private final MockCluster cluster = new MockCluster(requests, 0);
    private final NodeManager manager = new Fabric8NodeManager(cluster.client());

    @BeforeEach
    void registerNodes() {
        cluster.register("a", NodeStatus.JRM_TYPE, null);
        cluster.register("b", NodeStatus.JRM_TYPE, null);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void evictsThePodsOfTheNamedNodesOnly() {
        addPod("one", "a", null);
        addPod("two", "a", null);
        addPod("elsewhere", "b", null);
        withinBudget.addAll(Set.of("one", "two", "elsewhere"));

        manager.drain(List.of("a"), LONG);

        assertThat(pods()).containsExactly("elsewhere");
        assertThat(manager.list(List.of("a", "b")))
                .extracting(NodeStatus::cordoned)
                .containsExactly(true, false);
        assertThat(requests.requests("POST /api/v1/namespaces/default/pods/one/eviction"))
                .hasSize(1);
    }

    @Test
    void leavesPodsThatCannotBeMoved() {
        addPod("daemon", "a", "DaemonSet");
        addPod("job", "a", "Job");
        cluster.client()
                .pods()
                .inNamespace("default")
                .resource(mirror("static", "a"))
                .create();
        withinBudget.add("job");

        manager.drain(List.of("a"), LONG);

        assertThat(pods()).containsExactlyInAnyOrder("daemon", "static");
    }

    @Test
    void waitsUntilADisruptionBudgetAllowsIt() {
        addPod("last", "a", null);
        CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> manager.drain(List.of("a"), LONG));
        await().until(() -> !requests.requests("/eviction").isEmpty());
        assertThat(drained).isNotDone();

        withinBudget.add("last");

        assertThat(drained).succeedsWithin(LONG);
        assertThat(pods()).isEmpty();
    }

    @Test
    void saysWhatIsLeftAtTheDeadlineAndWhy() {
        addPod("last", "a", null);

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.drain(List.of("a"), Duration.ofSeconds(1)))
                .withMessageContaining("1 pods are left after 1 s of draining: default/last on a (")
                .withMessageContaining("would violate the pod's disruption budget")
                .withMessageContaining("stay cordoned")
                .matches(NodeException::isTransient);
        assertThat(pods()).containsExactly("last");
        assertThat(manager.list(List.of("a"))).allMatch(NodeStatus::cordoned);
    }

    @Test
    void canBeInterrupted() throws InterruptedException {
        addPod("last", "a", null);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread draining = new Thread(() -> {
            try {
                manager.drain(List.of("a"), LONG);
            } catch (NodeException e) {
                thrown.complete(e);
            }
        });
        draining.start();
        await().until(() -> !requests.requests("/eviction").isEmpty());

        draining.interrupt();

        assertThat(thrown)
                .succeedsWithin(LONG)
                .satisfies(e -> assertThat(e).isInstanceOf(NodeException.class).hasMessageContaining("nterrupted"));
        draining.join();
    }

    private @Nullable MockResponse evictions(RecordedRequest request) {
        String path = request.getPath();
        if (path.contains("fieldSelector=spec.nodeName%3D")) {
            String node = path.replaceAll(".*nodeName%3D([^&]+).*", "$1");
            return crud.handleGet("/api/v1/pods?labelSelector=node%3D" + node);
        }
        if (!path.endsWith("/eviction")) {
            return null;
        }
        String pod = path.replace("/eviction", "");
        if (withinBudget.contains(pod.substring(pod.lastIndexOf('/') + 1))) {
            return crud.handleDelete(pod).setResponseCode(201);
        }
        return new MockResponse().setResponseCode(429).setBody("""
                {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 429,
                 "message": "Cannot evict pod as it would violate the pod's disruption budget."}""");
    }

    private void addPod(String name, String node, @Nullable String ownerKind) {
        PodBuilder pod = new PodBuilder(pod(name, node));
        if (ownerKind != null) {
            pod.editMetadata()
                    .addNewOwnerReference()
                    .withController(true)
                    .withKind(ownerKind)
                    .withName("owner")
                    .endOwnerReference()
                    .endMetadata();
        }
        cluster.client().pods().inNamespace("default").resource(pod.build()).create();
    }

    private static Pod mirror(String name, String node) {
        return new PodBuilder(pod(name, node))
                .editMetadata()
                .withAnnotations(Map.of("kubernetes.io/config.mirror", "hash"))
                .endMetadata()
                .build();
    }

    private static Pod pod(String name, String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("node", node)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .build();
    }

    private List<String> pods() {
        return cluster.client().pods().inNamespace("default").list().getItems().stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }
}
