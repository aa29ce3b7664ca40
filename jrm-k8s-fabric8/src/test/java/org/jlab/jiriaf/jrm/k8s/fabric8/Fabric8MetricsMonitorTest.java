package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Fabric8MetricsMonitorTest {

    private static final String NAME = "jrm-metrics";
    private static final String SLICES = "/apis/discovery.k8s.io/v1/namespaces/monitoring/endpointslices/";

    private final ApplyServer cluster = new ApplyServer();
    private final Fabric8MetricsMonitor monitor = new Fabric8MetricsMonitor(cluster.client(), "monitoring", NAME);

    @AfterEach
    void close() {
        cluster.close();
    }

    private static MetricsEndpoints node(String name, int kubelet) {
        return new MetricsEndpoints(
                name,
                "perlmutter",
                7,
                "172.17.0.1",
                List.of(
                        new MetricsEndpoints.Port(kubelet, kubelet, true),
                        new MetricsEndpoints.Port(kubelet + 10000, 2221, false)));
    }

    @Test
    void nodesComeAndGoWithTheirSlices() {
        assertThat(monitor.apply(List.of(node("a", 10001), node("b", 10002)))).isEmpty();
        assertThat(cluster.objects())
                .containsOnlyKeys(
                        "services/jrm-metrics",
                        "servicemonitors/jrm-metrics",
                        "endpointslices/jrm-metrics-a",
                        "endpointslices/jrm-metrics-b");

        assertThat(monitor.apply(List.of(node("b", 10002), node("c", 10003))))
                .containsExactly("EndpointSlice jrm-metrics-a");
        assertThat(cluster.objects())
                .containsOnlyKeys(
                        "services/jrm-metrics",
                        "servicemonitors/jrm-metrics",
                        "endpointslices/jrm-metrics-b",
                        "endpointslices/jrm-metrics-c");

        assertThat(monitor.remove())
                .containsExactly(
                        "ServiceMonitor jrm-metrics",
                        "Service jrm-metrics",
                        "EndpointSlice jrm-metrics-b",
                        "EndpointSlice jrm-metrics-c");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void theObjectsSayWhereThePortsAreAndWhoseTheyAre() {
        monitor.apply(List.of(node("a", 10001)));

        assertThat(Serialization.asYaml(cluster.objects().get("endpointslices/jrm-metrics-a")))
                .contains(
                        "addressType: \"IPv4\"",
                        "kubernetes.io/service-name: \"jrm-metrics\"",
                        "app.kubernetes.io/managed-by: \"jrm\"",
                        "jiriaf.site: \"perlmutter\"",
                        "jiriaf.node: \"a\"",
                        "jiriaf.workflow: \"7\"",
                        "- \"172.17.0.1\"",
                        "name: \"kubelet\"\n  port: 10001",
                        "name: \"custom-2221\"\n  port: 20001");
        assertThat(Serialization.asYaml(cluster.objects().get("servicemonitors/jrm-metrics")))
                .contains(
                        "serviceDiscoveryRole: \"EndpointSlice\"",
                        "port: \"kubelet\"",
                        "insecureSkipVerify: true",
                        "path: \"/metrics/resource\"",
                        "port: \"custom-2221\"",
                        "replacement: \"2221\"");
        assertThat(Serialization.asYaml(cluster.objects().get("services/jrm-metrics")))
                .contains("clusterIP: \"None\"");
    }

    @Test
    void objectsOfOthersAreLeftAlone() {
        cluster.put(SLICES + "others", Map.of("kubernetes.io/service-name", NAME));

        monitor.apply(List.of());
        monitor.remove();

        assertThat(cluster.objects()).containsOnlyKeys("endpointslices/others");
    }

    @Test
    void anObjectOfTheSameNameThatIsNotOursIsAnErrorAndNothingIsDone() {
        cluster.put("/api/v1/namespaces/monitoring/services/jrm-metrics", Map.of());

        assertThatThrownBy(() -> monitor.apply(List.of(node("a", 10001))))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("Service jrm-metrics in namespace monitoring is not jrm's")
                .hasMessageContaining("Choose another name");
        assertThat(cluster.objects()).containsOnlyKeys("services/jrm-metrics");
        assertThat(monitor.remove()).isEmpty();
    }

    @Test
    void refusesAnAddressThatAnEndpointSliceCannotHold() {
        assertThatThrownBy(() -> new MetricsEndpoints("a", "perlmutter", 7, "control.example.org", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("address of node a must be an IP address");
    }
}
