package org.jlab.jiriaf.jrm.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
     * @param remarks what an operator should look at, by name of the workflow
     * @return the report as of now
     * @throws org.jlab.jiriaf.jrm.node.NodeException if the API server cannot be asked
     */
    public static WorkflowReport of(
            List<Workflow> workflows, @Nullable NodeManager nodes, Map<String, String> remarks) {
        Set<String> ready = nodes == null ? null : readyNodes(workflows, nodes);
        Instant now = Instant.now();
        return new WorkflowReport(workflows.stream()
                .map(workflow -> WorkflowSummary.of(workflow, ready, remarks.get(workflow.name()), now))
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
     * Compares it with another one, the time that is left aside, which changes all the while.
     *
     * @param other another report
     * @return whether they say the same
     */
    public boolean isLike(WorkflowReport other) {
        return summaries.stream()
                .map(WorkflowSummary::withoutTimeLeft)
                .toList()
                .equals(other.summaries.stream()
                        .map(WorkflowSummary::withoutTimeLeft)
                        .toList());
    }

    /**
     * Prints a table with one line per workflow.
     *
     * @return the table
     */
    public String toTable() {
        boolean remarked = summaries.stream().anyMatch(summary -> summary.toLookAt() != null);
        List<String> header =
                List.of("ID", "STATE", "NAME", "SITE", "NODES", "PORTS", "TUNNELS", "CREATED", "TIME LEFT", "REMARK");
        TextTable table = new TextTable(columns(header, remarked));
        for (WorkflowSummary summary : summaries) {
            Integer ready = summary.nodes().ready();
            Long left = summary.walltimeLeftSeconds();
            List<String> row = List.of(
                    Integer.toString(summary.id()),
                    summary.state().name(),
                    summary.name(),
                    summary.site() == null ? "-" : summary.site(),
                    (ready == null ? "?" : ready) + "/" + summary.nodes().total(),
                    shorten(summary.ports()),
                    Long.toString(summary.tunnels()),
                    summary.created().truncatedTo(ChronoUnit.SECONDS).toString(),
                    left == null ? "-" : clock(Duration.ofSeconds(left)),
                    Objects.requireNonNullElse(summary.toLookAt(), ""));
            table.add(columns(row, remarked));
        }
        return table.toString();
    }

    /** The last column is there only if something stands in it. */
    private static String[] columns(List<String> cells, boolean remarked) {
        return cells.subList(0, remarked ? cells.size() : cells.size() - 1).toArray(String[]::new);
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
