package org.jlab.jiriaf.jrm.examples.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.site.Walltime;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * Workflows and how their nodes are doing, as a table for people or as values for JSON. Immutable.
 *
 * @param workflows JRM deployments
 * @param readyNodes names of the nodes that are Ready, or null if Kubernetes was not asked
 * @param now the time that is left is counted from here
 */
public record WorkflowReport(
        List<Workflow> workflows, @Nullable Set<String> readyNodes, Instant now) {

    /** Copies. */
    public WorkflowReport {
        workflows = List.copyOf(workflows);
        readyNodes = readyNodes == null ? null : Set.copyOf(readyNodes);
    }

    /**
     * Asks Kubernetes for the nodes of all workflows at once.
     *
     * @param workflows JRM deployments
     * @param nodes the cluster, or null if there is none to ask
     * @return the report as of now
     * @throws org.jlab.jiriaf.jrm.node.NodeException if the API server cannot be asked
     */
    public static WorkflowReport of(List<Workflow> workflows, @Nullable NodeManager nodes) {
        Set<String> ready = null;
        if (nodes != null) {
            List<String> names =
                    workflows.stream().flatMap(each -> names(each).stream()).toList();
            ready = names.isEmpty()
                    ? Set.of()
                    : nodes.list(names).stream()
                            .filter(NodeStatus::ready)
                            .map(NodeStatus::name)
                            .collect(Collectors.toSet());
        }
        return new WorkflowReport(workflows, ready, Instant.now());
    }

    private static List<String> names(Workflow workflow) {
        JrmsInfo jrms = workflow.jrms();
        return jrms == null ? List.of() : jrms.nodenames();
    }

    /**
     * Prints a table with one line per workflow.
     *
     * @return the table
     */
    public String toTable() {
        TextTable table =
                new TextTable("ID", "STATE", "NAME", "SITE", "NODES", "PORTS", "TUNNELS", "CREATED", "TIME LEFT");
        for (Workflow workflow : workflows) {
            Duration left = timeLeft(workflow);
            table.add(
                    Integer.toString(workflow.id()),
                    workflow.state().name(),
                    workflow.name(),
                    workflow.category() == null ? "-" : workflow.category(),
                    (readyNodes == null ? "?" : Long.toString(ready(workflow))) + "/"
                            + names(workflow).size(),
                    shorten(ports(workflow)),
                    Long.toString(tunnels(workflow)),
                    workflow.createdOn().truncatedTo(ChronoUnit.SECONDS).toString(),
                    left == null ? "-" : clock(left));
        }
        return table.toString();
    }

    /**
     * Lists everything as plain values, for JSON.
     *
     * @return one map per workflow; {@code nodes.ready} and {@code walltime_left_seconds} are null when unknown
     */
    public List<Map<String, @Nullable Object>> toValues() {
        List<Map<String, @Nullable Object>> values = new ArrayList<>();
        for (Workflow workflow : workflows) {
            Duration left = timeLeft(workflow);
            Map<String, @Nullable Object> nodes = new LinkedHashMap<>();
            nodes.put("ready", readyNodes == null ? null : ready(workflow));
            nodes.put("total", names(workflow).size());
            nodes.put("names", names(workflow));
            Map<String, @Nullable Object> value = new LinkedHashMap<>();
            value.put("id", workflow.id());
            value.put("state", workflow.state().name());
            value.put("name", workflow.name());
            value.put("site", workflow.category());
            value.put("nodes", nodes);
            value.put("ports", ports(workflow));
            value.put("mapped_custom_metrics_ports", mapped(workflow));
            value.put("tunnels", tunnels(workflow));
            value.put("created", workflow.createdOn().toString());
            value.put("walltime_left_seconds", left == null ? null : left.toSeconds());
            value.put(
                    "job_id",
                    workflow.launch() == null ? null : workflow.launch().jobId());
            values.add(value);
        }
        return values;
    }

    private long ready(Workflow workflow) {
        Set<String> ready = readyNodes == null ? Set.of() : readyNodes;
        return names(workflow).stream().filter(ready::contains).count();
    }

    private static Map<Integer, Integer> mapped(Workflow workflow) {
        JrmsInfo jrms = workflow.jrms();
        return jrms == null ? Map.of() : jrms.mappedCustomMetricsPorts();
    }

    private static List<Integer> ports(Workflow workflow) {
        JrmsInfo jrms = workflow.jrms();
        return jrms == null
                ? List.of()
                : IntStream.concat(
                                jrms.jrmPorts().stream().mapToInt(port -> port),
                                mapped(workflow).keySet().stream().mapToInt(port -> port))
                        .boxed()
                        .toList();
    }

    private static String shorten(List<Integer> ports) {
        int shown = Math.min(ports.size(), 3);
        String first = ports.subList(0, shown).stream().map(String::valueOf).collect(Collectors.joining(","));
        return ports.size() == shown ? (ports.isEmpty() ? "-" : first) : first + ",+" + (ports.size() - shown);
    }

    private static long tunnels(Workflow workflow) {
        SshInfo ssh = workflow.ssh();
        return ssh == null ? 0 : ssh.all().count();
    }

    /** What is left of the walltime; null if there is no limit, or nothing that runs out. */
    private @Nullable Duration timeLeft(Workflow workflow) {
        Launch launch = workflow.launch();
        Duration limit = workflow.walltime() == null ? null : limit(workflow.walltime());
        if (limit == null
                || workflow.state() != WorkflowState.RUNNING
                || launch == null
                || launch.startedAt() == null) {
            return null;
        }
        Duration left = Duration.between(now, launch.startedAt().plus(limit));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Other tools store walltimes too, and not always such as Slurm would take. */
    private static @Nullable Duration limit(String walltime) {
        try {
            return Walltime.parse(walltime).limit();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String clock(Duration duration) {
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart());
    }
}
