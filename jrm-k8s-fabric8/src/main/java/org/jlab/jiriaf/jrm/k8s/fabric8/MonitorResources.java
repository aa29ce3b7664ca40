package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The objects from which a Prometheus Operator learns of ports that belong to no pod. */
final class MonitorResources {

    static final String MANAGER = "jrm";
    static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    static final String MONITOR_API = "monitoring.coreos.com/v1";

    private static final String NAME = "app.kubernetes.io/name";
    private static final String SLICE_MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final String namespace;
    private final String name;

    MonitorResources(String namespace, String name) {
        this.namespace = namespace;
        this.name = name;
    }

    /** Service, slices, monitor, in the order in which they are to be made. */
    List<HasMetadata> all(Collection<MetricsEndpoints> nodes) {
        List<HasMetadata> all = new ArrayList<>();
        all.add(service());
        nodes.forEach(node -> all.add(slice(node)));
        all.add(monitor(nodes));
        return all;
    }

    /** Selects the slices that we made for the service. */
    String sliceSelector() {
        return MANAGED_BY + "=" + MANAGER + "," + SERVICE_NAME + "=" + name;
    }

    private ObjectMeta metadata(String objectName, Map<String, String> labels) {
        return new ObjectMetaBuilder()
                .withName(objectName)
                .withNamespace(namespace)
                .addToLabels(MANAGED_BY, MANAGER)
                .addToLabels(labels)
                .build();
    }

    /** Without a selector: no controller makes slices for it. */
    private HasMetadata service() {
        return new ServiceBuilder()
                .withMetadata(metadata(name, Map.of(NAME, name)))
                .withNewSpec()
                .withClusterIP("None")
                .endSpec()
                .build();
    }

    /** One per node: all endpoints of a slice have the same ports, and each node has its own. */
    private EndpointSlice slice(MetricsEndpoints node) {
        EndpointSliceBuilder slice = new EndpointSliceBuilder()
                .withMetadata(metadata(
                        name + "-" + node.node(),
                        Map.of(
                                SLICE_MANAGED_BY,
                                MANAGER,
                                SERVICE_NAME,
                                name,
                                "jiriaf.site",
                                node.site(),
                                "jiriaf.node",
                                node.node(),
                                "jiriaf.workflow",
                                Integer.toString(node.workflow()))))
                .withAddressType(node.address().contains(":") ? "IPv6" : "IPv4")
                .addNewEndpoint()
                .withAddresses(node.address())
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint();
        node.ports()
                .forEach(port -> slice.addNewPort()
                        .withName(port.name())
                        .withPort(port.number())
                        .withProtocol("TCP")
                        .endPort());
        return slice.build();
    }

    private HasMetadata monitor(Collection<MetricsEndpoints> nodes) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("selector", Map.of("matchLabels", Map.of(NAME, name, MANAGED_BY, MANAGER)));
        spec.put("serviceDiscoveryRole", "EndpointSlice");
        List<Object> endpoints = new ArrayList<>();
        endpoints.add(kubelets());
        TreeSet<Integer> originals = new TreeSet<>();
        nodes.forEach(node ->
                node.ports().stream().filter(port -> !port.kubelet()).forEach(port -> originals.add(port.original())));
        originals.forEach(original -> endpoints.add(applications(original)));
        spec.put("endpoints", endpoints);
        GenericKubernetesResource monitor = new GenericKubernetesResource();
        monitor.setApiVersion(MONITOR_API);
        monitor.setKind("ServiceMonitor");
        monitor.setMetadata(metadata(name, Map.of(NAME, name)));
        monitor.setAdditionalProperty("spec", spec);
        return monitor;
    }

    private static Map<String, Object> kubelets() {
        Map<String, Object> endpoint = endpoint("kubelet", "https", "/metrics/resource");
        // Their certificates are self-signed.
        endpoint.put("tlsConfig", Map.of("insecureSkipVerify", true));
        endpoint.put("relabelings", relabelings(copy("__meta_kubernetes_endpointslice_port", "original_port")));
        return endpoint;
    }

    private static Map<String, Object> applications(int original) {
        Map<String, Object> endpoint = endpoint("custom-" + original, "http", "/metrics");
        endpoint.put(
                "relabelings",
                relabelings(Map.of("targetLabel", "original_port", "replacement", Integer.toString(original))));
        return endpoint;
    }

    private static Map<String, Object> endpoint(String port, String scheme, String path) {
        Map<String, Object> endpoint = new LinkedHashMap<>();
        endpoint.put("port", port);
        endpoint.put("scheme", scheme);
        endpoint.put("path", path);
        return endpoint;
    }

    private static List<Object> relabelings(Map<String, Object> originalPort) {
        return List.of(
                copy("__meta_kubernetes_endpointslice_label_jiriaf_site", "site"),
                copy("__meta_kubernetes_endpointslice_label_jiriaf_node", "node"),
                copy("__meta_kubernetes_endpointslice_label_jiriaf_workflow", "workflow"),
                originalPort);
    }

    private static Map<String, Object> copy(String source, String target) {
        return Map.of("sourceLabels", List.of(source), "targetLabel", target);
    }
}
