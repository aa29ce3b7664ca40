package org.jlab.jiriaf.jrm.examples.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/**
 * Deployments and how their nodes are doing, as a table for people; the summaries themselves are for JSON. Immutable.
 *
 * @param summaries one for each deployment
 */
public record WorkflowReport(List<WorkflowSummary> summaries) {

    /** Copies. */
    public WorkflowReport {
        summaries = List.copyOf(summaries);
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
        Set<String> ready = nodes == null ? null : readyNodes(workflows, nodes);
        Instant now = Instant.now();
        return new WorkflowReport(workflows.stream()
                .map(workflow -> WorkflowSummary.of(workflow, ready, now))
                .toList());
    }

    private static Set<String> readyNodes(List<Workflow> workflows, NodeManager nodes) {
        List<String> names =
                workflows.stream().flatMap(each -> names(each).stream()).toList();
        return names.isEmpty()
                ? Set.of()
                : nodes.list(names).stream()
                        .filter(NodeStatus::ready)
                        .map(NodeStatus::name)
                        .collect(Collectors.toSet());
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
        for (WorkflowSummary summary : summaries) {
            Integer ready = summary.nodes().ready();
            Long left = summary.walltimeLeftSeconds();
            table.add(
                    Integer.toString(summary.id()),
                    summary.state().name(),
                    summary.name(),
                    summary.site() == null ? "-" : summary.site(),
                    (ready == null ? "?" : ready) + "/" + summary.nodes().total(),
                    shorten(summary.ports()),
                    Long.toString(summary.tunnels()),
                    summary.created().truncatedTo(ChronoUnit.SECONDS).toString(),
                    left == null ? "-" : clock(Duration.ofSeconds(left)));
        }
        return table.toString();
    }

    private static String shorten(List<Integer> ports) {
        int shown = Math.min(ports.size(), 3);
        String first = ports.subList(0, shown).stream().map(String::valueOf).collect(Collectors.joining(","));
        return ports.size() == shown ? (ports.isEmpty() ? "-" : first) : first + ",+" + (ports.size() - shown);
    }

    private static String clock(Duration duration) {
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart());
    }
}
