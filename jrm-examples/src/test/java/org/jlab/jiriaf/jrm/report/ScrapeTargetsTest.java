package org.jlab.jiriaf.jrm.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScrapeTargetsTest {

    private static final Workflow WORKFLOW = workflow(List.of("172.17.0.1", "172.17.0.2"));

    private static Workflow workflow(List<String> podIps) {
        JrmsInfo jrms = new JrmsInfo(
                List.of("jrm-a", "jrm-b"),
                List.of(10001, 10002),
                38687,
                "/home/u/kubeconfig",
                "control",
                podIps,
                "perlmutter",
                "docker:jlabtsai/vk-cmd:main",
                new TreeMap<>(Map.of(20001, 2221, 20002, 2221)));
        SshInfo ssh = new SshInfo(
                List.of(entry("jrm-a", 10001, null), entry("jrm-b", 10002, null)),
                entry("DB Connection", 27017, null),
                entry("API Server", 38687, null),
                List.of(entry("jrm-a", 20001, 2221), entry("jrm-b", 20002, 2221)));
        return new Workflow(
                7,
                "perlmutter_jrm-a",
                WorkflowState.RUNNING,
                "perlmutter",
                Instant.parse("2026-11-22T23:30:00Z"),
                Instant.parse("2026-11-22T23:31:00Z"),
                "01:00:00",
                jrms,
                ssh,
                null,
                Map.of());
    }

    private static SshInfo.Entry entry(String node, int port, @Nullable Integer original) {
        return new SshInfo.Entry("Command completed", "ssh", null, "login01", node, port, original);
    }

    private static ScrapeTargets of(Workflow workflow) {
        return ScrapeTargets.of(List.of(workflow), null);
    }

    @Test
    void httpSdNamesEveryPortWithSchemePathAndLabels() {
        assertThat(of(WORKFLOW).toHttpSd())
                .hasSize(4)
                .startsWith(
                        Map.of(
                                "targets",
                                List.of("172.17.0.1:10001"),
                                "labels",
                                Map.of(
                                        "site",
                                        "perlmutter",
                                        "node",
                                        "jrm-a",
                                        "workflow",
                                        "7",
                                        "original_port",
                                        "10001",
                                        "__scheme__",
                                        "https",
                                        "__metrics_path__",
                                        "/metrics/resource",
                                        "__meta_jrm_kind",
                                        "kubelet")),
                        Map.of(
                                "targets",
                                List.of("172.17.0.1:20001"),
                                "labels",
                                Map.of(
                                        "site",
                                        "perlmutter",
                                        "node",
                                        "jrm-a",
                                        "workflow",
                                        "7",
                                        "original_port",
                                        "2221",
                                        "__scheme__",
                                        "http",
                                        "__metrics_path__",
                                        "/metrics",
                                        "__meta_jrm_kind",
                                        "custom")));
    }

    @Test
    void prometheusScrapesKubeletsByHttpsWithoutVerifyingAndApplicationsByHttp() {
        assertThat(Serialization.asYaml(of(WORKFLOW).toPrometheus())).isEqualTo("""
                        ---
                        scrape_configs:
                        - job_name: "jrm-kubelets"
                          scheme: "https"
                          metrics_path: "/metrics/resource"
                          static_configs:
                          - targets:
                            - "172.17.0.1:10001"
                            labels:
                              site: "perlmutter"
                              node: "jrm-a"
                              workflow: "7"
                              original_port: "10001"
                          - targets:
                            - "172.17.0.2:10002"
                            labels:
                              site: "perlmutter"
                              node: "jrm-b"
                              workflow: "7"
                              original_port: "10002"
                          tls_config:
                            insecure_skip_verify: true
                        - job_name: "jrm-custom-metrics"
                          scheme: "http"
                          metrics_path: "/metrics"
                          static_configs:
                          - targets:
                            - "172.17.0.1:20001"
                            labels:
                              site: "perlmutter"
                              node: "jrm-a"
                              workflow: "7"
                              original_port: "2221"
                          - targets:
                            - "172.17.0.2:20002"
                            labels:
                              site: "perlmutter"
                              node: "jrm-b"
                              workflow: "7"
                              original_port: "2221"
                        """);
    }

    @Test
    void hostGivenTakesThePlaceOfTheNodesAddresses() {
        assertThat(ScrapeTargets.of(List.of(WORKFLOW), "control.example.org").targets())
                .extracting(target -> target.address().host())
                .containsOnly("control.example.org");
    }

    @Test
    void nodesWithoutAnAddressOfTheirOwnHaveTheFirst() {
        assertThat(of(workflow(List.of("172.17.0.1"))).targets())
                .extracting(target -> target.address().host())
                .containsOnly("172.17.0.1");
    }

    @Test
    void nodesWithoutAnyAddressAreOnThisHostForReportsAndTargetsAlike() {
        Workflow workflow = workflow(List.of());

        assertThat(of(workflow).targets())
                .hasSize(4)
                .allSatisfy(target -> assertThat(target.address().host()).isEqualTo("localhost"));
        assertThat(JrmNode.allOf(workflow)).extracting(JrmNode::podIp).containsOnly("localhost");
    }

    @Test
    void portTableHasTheRecordsOfTheOlderLauncher() {
        assertThat(Serialization.asYaml(PortTable.of(List.of(WORKFLOW), ZoneId.of("UTC"))))
                .startsWith("""
                        ---
                        - port: 10001
                          nodename: "jrm-a"
                          timestamp: "2026-11-22"
                        """)
                .contains("""
                        - port: 27017
                          nodename: "DB Connection"
                          timestamp: "2026-11-22"
                        """)
                .endsWith("""
                        - port: 20002
                          nodename: "jrm-b"
                          timestamp: "2026-11-22"
                          mapped_port: 20002
                          custom_metrics_port: 2221
                        """);
    }
}
