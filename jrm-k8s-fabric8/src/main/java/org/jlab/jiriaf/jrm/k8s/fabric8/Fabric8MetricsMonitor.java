package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.k8s.fabric8.ApiServer.Call;
import org.jlab.jiriaf.jrm.k8s.fabric8.ApiServer.Reply;
import org.jlab.jiriaf.jrm.node.NodeException;

/**
 * Tells a Prometheus Operator in the cluster what to scrape on JRMs: a Service without selector, an EndpointSlice per node and a
 * ServiceMonitor for all. Samples get the labels {@code site}, {@code node}, {@code workflow} and {@code original_port}.
 *
 * <p>Objects are ours by the label {@code app.kubernetes.io/managed-by=jrm}. They are applied on the server's side, with the
 * field manager {@code jrm}; ours that are no longer wanted are deleted; an object of the same name that is not ours is left
 * alone and is an error.
 *
 * <p>The ServiceMonitor asks for {@code serviceDiscoveryRole: EndpointSlice}; an Operator that does not know the field has to
 * have it in its Prometheus object, since the API server makes no Endpoints of slices. The client's user needs {@code get},
 * {@code list}, {@code create}, {@code patch} and {@code delete} on services, endpointslices.discovery.k8s.io and
 * servicemonitors.monitoring.coreos.com of the namespace. The client stays the caller's. Thread-safe, but two processes that
 * apply different nodes under one name undo each other's work.
 *
 * @see <a href="https://prometheus-operator.dev/docs/api-reference/api/">Prometheus Operator: API reference</a>
 */
public final class Fabric8MetricsMonitor {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final Map<String, String> COLLECTIONS = Map.of(
            "Service", "/api/v1/namespaces/%s/services",
            "EndpointSlice", "/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices",
            "ServiceMonitor", "/apis/" + MonitorResources.MONITOR_API + "/namespaces/%s/servicemonitors");

    private final KubernetesClient client;
    private final ApiServer server;
    private final String namespace;
    private final String name;
    private final MonitorResources resources;

    /**
     * Makes one.
     *
     * @param client leads to the cluster
     * @param namespace where the objects are, one that the Operator's Prometheus watches
     * @param name name of service and monitor, and beginning of the names of the slices
     */
    public Fabric8MetricsMonitor(KubernetesClient client, String namespace, String name) {
        this.client = client;
        this.server = new ApiServer(client);
        this.namespace = namespace;
        this.name = name;
        this.resources = new MonitorResources(namespace, name);
    }

    /**
     * The objects, to be looked at or applied by others.
     *
     * @param namespace where they shall be
     * @param name name of service and monitor
     * @param nodes what there is to scrape
     * @return service, endpoint slices and monitor
     */
    public static List<HasMetadata> resources(String namespace, String name, Collection<MetricsEndpoints> nodes) {
        return new MonitorResources(namespace, name).all(nodes);
    }

    /**
     * Makes the cluster's objects say what there is to scrape, and nothing else.
     *
     * @param nodes what there is to scrape
     * @return what was deleted because it is no longer there, such as {@code EndpointSlice jrm-metrics-a}
     * @throws NodeException if the API server cannot be asked or refuses, knows no ServiceMonitor, or has an object of the same
     *     name that is not ours; what has been applied by then stays, and the next call goes on
     */
    public List<String> apply(Collection<MetricsEndpoints> nodes) {
        List<HasMetadata> wanted = resources.all(nodes);
        wanted.forEach(this::requireOurs);
        wanted.forEach(this::apply);
        Set<String> names = wanted.stream()
                .filter(EndpointSlice.class::isInstance)
                .map(object -> object.getMetadata().getName())
                .collect(Collectors.toSet());
        return deleteSlices(slice -> !names.contains(slice.getMetadata().getName()));
    }

    /**
     * Deletes all objects of this name that are ours.
     *
     * @return what was deleted
     * @throws NodeException if the API server cannot be asked or refuses
     */
    public List<String> remove() {
        List<String> deleted = new ArrayList<>();
        List<HasMetadata> ours = new ArrayList<>(resources.all(List.of()));
        Collections.reverse(ours);
        for (HasMetadata object : ours) {
            if (ownership(object) == Ownership.OURS && delete(object)) {
                deleted.add(describe(object));
            }
        }
        deleted.addAll(deleteSlices(slice -> true));
        return deleted;
    }

    private enum Ownership {
        ABSENT,
        OURS,
        FOREIGN
    }

    private Ownership ownership(HasMetadata object) {
        Call call = Call.get("Looking up " + describe(object), path(object), 404);
        Reply reply = server.send(call, Deadline.in(TIMEOUT));
        if (!reply.isSuccess()) {
            return Ownership.ABSENT;
        }
        Map<String, String> labels = server.read(call, reply, PartialObjectMetadata.class)
                .getMetadata()
                .getLabels();
        return labels != null && MonitorResources.MANAGER.equals(labels.get(MonitorResources.MANAGED_BY))
                ? Ownership.OURS
                : Ownership.FOREIGN;
    }

    private void requireOurs(HasMetadata object) {
        if (ownership(object) == Ownership.FOREIGN) {
            throw new NodeException(
                    describe(object) + " in namespace " + namespace + " is not jrm's: it lacks the label "
                            + MonitorResources.MANAGED_BY + "=" + MonitorResources.MANAGER
                            + ". Choose another name, or delete it if nobody needs it",
                    null,
                    false);
        }
    }

    private void apply(HasMetadata object) {
        Reply reply = server.send(
                new Call(
                        "Applying " + describe(object),
                        "PATCH",
                        path(object) + "?fieldManager=" + MonitorResources.MANAGER + "&force=true",
                        "application/apply-patch+yaml",
                        client.getKubernetesSerialization().asJson(object),
                        Set.of(403, 404)),
                Deadline.in(TIMEOUT));
        if (!reply.isSuccess()) {
            String remedy = reply.code() == 403
                    ? "Our user needs get, list, create, patch and delete on services, endpointslices and servicemonitors there"
                    : "The namespace must exist, and the Prometheus Operator be installed, which brings the kind"
                            + " ServiceMonitor";
            throw new NodeException(
                    "Cannot apply " + describe(object) + " in namespace " + namespace + ": HTTP " + reply.code() + " ("
                            + ApiFailures.shown(server.message(reply)) + "). " + remedy,
                    null,
                    false);
        }
    }

    private List<String> deleteSlices(Predicate<EndpointSlice> which) {
        List<String> deleted = new ArrayList<>();
        for (EndpointSlice slice : slices()) {
            if (which.test(slice) && delete(slice)) {
                deleted.add(describe(slice));
            }
        }
        return deleted;
    }

    private List<EndpointSlice> slices() {
        String path = String.format(COLLECTIONS.getOrDefault("EndpointSlice", ""), namespace) + "?labelSelector="
                + ApiServer.encode(resources.sliceSelector());
        return server.fetch(
                        Call.get("Listing the endpoint slices of " + name, path),
                        EndpointSliceList.class,
                        Deadline.in(TIMEOUT))
                .getItems();
    }

    private boolean delete(HasMetadata object) {
        return server.send(
                        new Call("Deleting " + describe(object), "DELETE", path(object), "", "", Set.of(404)),
                        Deadline.in(TIMEOUT))
                .isSuccess();
    }

    private String path(HasMetadata object) {
        return String.format(COLLECTIONS.getOrDefault(object.getKind(), ""), namespace) + "/"
                + ApiServer.encode(object.getMetadata().getName());
    }

    private static String describe(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }
}
