package org.jlab.jiriaf.jrm.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;

/**
 * Every kubelet and custom metrics port of every running JRM, as Prometheus wants to be told of them. Immutable.
 *
 * @param targets the ports, by workflow and node
 */
public record ScrapeTargets(List<ScrapeTarget> targets) {

    private static final String META_KIND = "__meta_jrm_kind";

    private static final WorkflowFilter RUNNING = new WorkflowFilter(Set.of(WorkflowState.RUNNING), null, true);

    /** Copies. */
    public ScrapeTargets {
        targets = List.copyOf(targets);
    }

    /**
     * Looks up what runs now.
     *
     * @param store the LaunchPad
     * @param host where Prometheus reaches the ports, or null for the address that each node has in Kubernetes, its
     *     VKUBELET_POD_IP
     * @return the ports of all workflows that are RUNNING
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    public static ScrapeTargets running(WorkflowStore store, @Nullable String host) {
        return of(store.list(RUNNING), host);
    }

    /**
     * The ports of workflows, whatever their state.
     *
     * @param workflows JRM deployments; what others stored without ports adds nothing
     * @param host where Prometheus reaches the ports, or null for the address that each node has in Kubernetes
     * @return their ports
     */
    public static ScrapeTargets of(List<Workflow> workflows, @Nullable String host) {
        return new ScrapeTargets(workflows.stream()
                .flatMap(workflow -> targets(workflow, host).stream())
                .toList());
    }

    private static List<ScrapeTarget> targets(Workflow workflow, @Nullable String host) {
        JrmsInfo jrms = workflow.jrms();
        if (jrms == null) {
            return List.of();
        }
        List<ScrapeTarget> targets = new ArrayList<>();
        for (JrmNode node : JrmNode.allOf(workflow)) {
            String address = host == null ? node.podIp() : host;
            targets.add(new ScrapeTarget(
                    ScrapeTarget.Kind.KUBELET,
                    new Endpoint(address, node.kubeletPort()),
                    node.kubeletPort(),
                    node.name(),
                    jrms.site(),
                    workflow.id()));
            for (MappedPort port : node.customMetrics()) {
                targets.add(new ScrapeTarget(
                        ScrapeTarget.Kind.CUSTOM,
                        new Endpoint(address, port.mapped()),
                        port.original(),
                        node.name(),
                        jrms.site(),
                        workflow.id()));
            }
        }
        return targets;
    }

    /**
     * A configuration for Prometheus: a job for the kubelets and one for the custom ports. Prometheus reads it as its
     * configuration file, or as one of its {@code scrape_config_files}.
     *
     * @return plain values, for YAML
     * @see <a href="https://prometheus.io/docs/prometheus/latest/configuration/configuration/">Prometheus: Configuration</a>
     */
    public Map<String, Object> toPrometheus() {
        Map<String, Object> kubelets = job("jrm-kubelets", ScrapeTarget.Kind.KUBELET);
        kubelets.put("tls_config", Map.of("insecure_skip_verify", true));
        Map<String, Object> custom = job("jrm-custom-metrics", ScrapeTarget.Kind.CUSTOM);
        return Map.of("scrape_configs", List.of(kubelets, custom));
    }

    private Map<String, Object> job(String name, ScrapeTarget.Kind kind) {
        Map<String, Object> job = new LinkedHashMap<>();
        job.put("job_name", name);
        job.put("scheme", kind.scheme());
        job.put("metrics_path", kind.path());
        job.put(
                "static_configs",
                targets.stream()
                        .filter(target -> target.kind() == kind)
                        .map(target -> group(target, target.labels()))
                        .toList());
        return job;
    }

    /**
     * The answer that Prometheus' {@code http_sd_configs} expects; {@code file_sd_configs} reads the same. Scheme and path are
     * among the labels. What has no label is the leave not to verify the kubelets' certificates: the job in Prometheus needs
     * {@code tls_config: {insecure_skip_verify: true}}. The label {@code __meta_jrm_kind} ({@code kubelet} or {@code custom})
     * is there to be relabelled or filtered by.
     *
     * @return plain values, for JSON
     * @see <a href="https://prometheus.io/docs/prometheus/latest/http_sd/">Prometheus: Writing HTTP service discovery</a>
     */
    public List<Map<String, Object>> toHttpSd() {
        return targets.stream().map(ScrapeTargets::discovered).toList();
    }

    /**
     * Reads what {@link #toHttpSd()} has written.
     *
     * @param groups the groups of an answer of {@code GET /targets}
     * @return the same ports
     * @throws IllegalArgumentException if it is not what jrm writes
     */
    public static ScrapeTargets ofHttpSd(List<Group> groups) {
        return new ScrapeTargets(groups.stream().map(ScrapeTargets::target).toList());
    }

    /**
     * Targets with labels, as Prometheus reads them.
     *
     * @param targets addresses
     * @param labels labels of each of them
     */
    public record Group(List<String> targets, Map<String, String> labels) {}

    private static ScrapeTarget target(Group group) {
        String address = group.targets().get(0);
        Map<String, String> labels = group.labels();
        int colon = address.lastIndexOf(':');
        return new ScrapeTarget(
                ScrapeTarget.Kind.valueOf(label(labels, META_KIND).toUpperCase(Locale.ROOT)),
                new Endpoint(
                        address.substring(0, colon).replaceAll("^\\[|]$", ""),
                        Integer.parseInt(address.substring(colon + 1))),
                Integer.parseInt(label(labels, "original_port")),
                label(labels, "node"),
                label(labels, "site"),
                Integer.parseInt(label(labels, "workflow")));
    }

    private static String label(Map<String, String> labels, String name) {
        String value = labels.get(name);
        if (value == null) {
            throw new IllegalArgumentException("A target of jrm has the label " + name + "; there is " + labels);
        }
        return value;
    }

    /**
     * The same ports at another address.
     *
     * @param host where Prometheus reaches them, or null to leave them as they are
     * @return the ports
     */
    public ScrapeTargets at(@Nullable String host) {
        return host == null
                ? this
                : new ScrapeTargets(targets.stream()
                        .map(target -> new ScrapeTarget(
                                target.kind(),
                                new Endpoint(host, target.address().port()),
                                target.originalPort(),
                                target.node(),
                                target.site(),
                                target.workflow()))
                        .toList());
    }

    private static Map<String, Object> discovered(ScrapeTarget target) {
        Map<String, String> labels = target.labels();
        labels.put("__scheme__", target.kind().scheme());
        labels.put("__metrics_path__", target.kind().path());
        labels.put(META_KIND, target.kind().name().toLowerCase(Locale.ROOT));
        return group(target, labels);
    }

    private static Map<String, Object> group(ScrapeTarget target, Map<String, String> labels) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("targets", List.of(target.address().toString()));
        group.put("labels", labels);
        return group;
    }
}
