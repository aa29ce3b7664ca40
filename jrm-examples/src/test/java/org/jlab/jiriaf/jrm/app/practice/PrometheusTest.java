package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jlab.jiriaf.jrm.app.serve.EventHub;
import org.jlab.jiriaf.jrm.app.serve.JrmService;
import org.jlab.jiriaf.jrm.app.serve.ServiceAddress;
import org.jlab.jiriaf.jrm.app.serve.ServiceDependencies;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8MetricsMonitor;
import org.jlab.jiriaf.jrm.k8s.fabric8.MetricsEndpoints;
import org.jlab.jiriaf.jrm.report.ScrapeTargets;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody types a port: Prometheus finds the JRMs of a deployment, and forgets them when they are gone. */
@Tag("practice")
class PrometheusTest {

    private static final String SITE = "perlmutter";
    private static final int NODES = 3;
    private static final int PORTS = NODES * 3;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private PracticeSite site;

    @SuppressWarnings("NullAway.Init")
    private ControlPlane controlPlane;

    @BeforeEach
    void open() {
        site = PracticeSite.find();
        controlPlane = new ControlPlane(site, folder);
        site.startAgent(SITE, "1.9.7", PracticeSite.LAUNCHPAD_PORT);
    }

    @AfterEach
    void close() {
        site.stopAgent(SITE);
        controlPlane.clearAndClose();
    }

    @Test
    void everyTargetOfADeploymentIsUpAndGoneWithIt() throws Exception {
        WorkflowStore store = new MongoWorkflowStore(controlPlane.database());
        try (JrmService service = serve(store);
                Prometheus prometheus =
                        new Prometheus(folder, URI.create(service.url()).resolve("/targets"));
                KubernetesClient cluster = new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(site.kubeconfig().toFile()))
                        .build()) {
            await().atMost(TIMEOUT)
                    .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                    .untilAsserted(() -> assertThat(prometheus.targets()).isEmpty()); // 503 while it starts
            Deployment deployment = controlPlane
                    .jrm()
                    .deploy(SiteFile.perlmutter(SITE).withNodes(NODES).config());
            deployment.awaitReady(TIMEOUT);

            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(prometheus.targets())
                            .hasSize(PORTS)
                            .allSatisfy((labels, health) -> assertThat(health).isEqualTo("up")));
            Set<Object> nodes = new HashSet<>();
            prometheus.targets().keySet().forEach(labels -> {
                nodes.add(labels.get("node"));
                assertThat(labels.get("site")).isEqualTo(SITE);
                assertThat(labels.get("workflow")).isEqualTo(Integer.toString(deployment.workflowId()));
            });
            assertThat(nodes).hasSize(NODES);
            await().atMost(TIMEOUT).until(() -> prometheus.count("up{original_port=\"2221\"} == 1") == NODES);
            Prometheus.check(Files.writeString(
                    folder.resolve("jrm.yml"),
                    Serialization.asYaml(ScrapeTargets.running(store, null).toPrometheus())));
            operatorIsTold(cluster, MetricsEndpoints.allOf(ScrapeTargets.running(store, null)));

            controlPlane.jrm().delete(deployment.workflowId());
            await().atMost(TIMEOUT).until(() -> prometheus.targets().isEmpty());
        }
    }

    /** The service that Prometheus asks. */
    private JrmService serve(WorkflowStore store) {
        return JrmService.start(
                new ServiceDependencies(
                        controlPlane.jrm(),
                        store,
                        controlPlane.tunnels(),
                        controlPlane.nodes(),
                        DeploymentSettings.DEFAULTS,
                        new EventHub(),
                        "the practice LaunchPad"),
                new JrmService.Access(ServiceAddress.parse("127.0.0.1:0"), Set.of(), null));
    }

    /** On a real API server, which checks the objects; only the Operator's own kind is made up. */
    private static void operatorIsTold(KubernetesClient cluster, List<MetricsEndpoints> nodes) {
        cluster.resource(serviceMonitors()).createOr(each -> each.patch());
        try {
            Fabric8MetricsMonitor monitor = new Fabric8MetricsMonitor(cluster, "default", "jrm-metrics");
            await().atMost(TIMEOUT)
                    .ignoreExceptions()
                    .until(() -> monitor.apply(nodes).isEmpty());
            assertThat(slices(cluster)).isEqualTo(NODES);
            assertThat(monitor.apply(nodes)).as("applied twice").isEmpty();

            assertThat(monitor.apply(nodes.subList(0, 1))).hasSize(NODES - 1);
            assertThat(slices(cluster)).isEqualTo(1);
            assertThat(monitor.remove()).hasSize(3);
            assertThat(slices(cluster)).isZero();
        } finally {
            cluster.resource(serviceMonitors()).delete();
        }
    }

    private static int slices(KubernetesClient cluster) {
        return cluster.discovery()
                .v1()
                .endpointSlices()
                .inNamespace("default")
                .withLabels(Map.of("kubernetes.io/service-name", "jrm-metrics"))
                .list()
                .getItems()
                .size();
    }

    static CustomResourceDefinition serviceMonitors() {
        return new CustomResourceDefinitionBuilder()
                .withNewMetadata()
                .withName("servicemonitors.monitoring.coreos.com")
                .endMetadata()
                .withNewSpec()
                .withGroup("monitoring.coreos.com")
                .withScope("Namespaced")
                .withNewNames()
                .withKind("ServiceMonitor")
                .withPlural("servicemonitors")
                .endNames()
                .addNewVersion()
                .withName("v1")
                .withServed(true)
                .withStorage(true)
                .withNewSchema()
                .withOpenAPIV3Schema(new JSONSchemaPropsBuilder()
                        .withType("object")
                        .withXKubernetesPreserveUnknownFields(true)
                        .build())
                .endSchema()
                .endVersion()
                .endSpec()
                .build();
    }
}
