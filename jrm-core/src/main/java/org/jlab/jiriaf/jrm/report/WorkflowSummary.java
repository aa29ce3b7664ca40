package org.jlab.jiriaf.jrm.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.site.Walltime;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants to know of a deployment at a glance.
 *
 * @param id id of the workflow
 * @param state its state
 * @param name its name
 * @param site FireWorks category, or null
 * @param nodes its nodes
 * @param ports ports on the control plane: kubelets, then mapped custom metrics ports
 * @param mappedCustomMetricsPorts mapped port to the port on the node
 * @param tunnels how many forwards it has
 * @param created when it was added
 * @param walltimeLeftSeconds what is left of the walltime; null if there is no limit, or nothing that runs out
 * @param jobId id of its batch job, or null
 * @param reason why it is FIZZLED; null in other states, or if nothing is known
 * @param remark what an operator should look at, such as tunnels that nobody holds; null if there is nothing
 */
public record WorkflowSummary(
        int id,
        WorkflowState state,
        String name,
        @Nullable String site,
        Nodes nodes,
        List<Integer> ports,
        SortedMap<Integer, Integer> mappedCustomMetricsPorts,
        long tunnels,
        Instant created,
        @Nullable Long walltimeLeftSeconds,
        @Nullable String jobId,
        @Nullable String reason,
        @Nullable String remark) {

    /**
     * The nodes of a deployment.
     *
     * @param ready how many are Ready, or null if Kubernetes was not asked
     * @param total how many there are to be
     * @param names their names
     */
    public record Nodes(@Nullable Integer ready, int total, List<String> names) {}

    /**
     * Sums a workflow up.
     *
     * @param workflow a JRM deployment
     * @param readyNodes names of the nodes that are Ready, or null if Kubernetes was not asked
     * @param remark what an operator should look at, or null
     * @param now the time that is left is counted from here
     * @return the summary
     */
    public static WorkflowSummary of(
            Workflow workflow, @Nullable Set<String> readyNodes, @Nullable String remark, Instant now) {
        JrmsInfo jrms = workflow.jrms();
        List<String> names = jrms == null ? List.of() : jrms.nodenames();
        SortedMap<Integer, Integer> mapped = jrms == null ? new TreeMap<>() : jrms.mappedCustomMetricsPorts();
        List<Integer> kubelets = jrms == null ? List.of() : jrms.jrmPorts();
        SshInfo ssh = workflow.ssh();
        Launch launch = workflow.launch();
        Duration left = timeLeft(workflow, now);
        return new WorkflowSummary(
                workflow.id(),
                workflow.state(),
                workflow.name(),
                workflow.category(),
                new Nodes(
                        readyNodes == null
                                ? null
                                : (int) names.stream()
                                        .filter(readyNodes::contains)
                                        .count(),
                        names.size(),
                        names),
                Stream.concat(kubelets.stream(), mapped.keySet().stream()).toList(),
                mapped,
                ssh == null ? 0 : ssh.all().count(),
                workflow.createdOn(),
                left == null ? null : left.toSeconds(),
                launch == null ? null : launch.jobId(),
                launch == null || workflow.state() != WorkflowState.FIZZLED ? null : launch.message(),
                workflow.state().isOver() ? null : remark);
    }

    /**
     * Adds what the tunnels of the deployment say, unless there is a remark already.
     *
     * @param forwards those of all deployments, as the process sees them that holds them
     * @return the summary, which says how many are not up and why
     */
    public WorkflowSummary remarkingOn(List<ForwardView> forwards) {
        List<ForwardView> down = forwards.stream()
                .filter(forward -> Integer.valueOf(id).equals(forward.workflow())
                        && (forward.state() == ForwardView.State.DOWN || forward.state() == ForwardView.State.CLOSED))
                .toList();
        if (remark != null || down.isEmpty() || state.isOver()) {
            return this;
        }
        String why = down.stream()
                .map(ForwardView::reason)
                .filter(Objects::nonNull)
                .findFirst()
                .map(reason -> ": " + reason)
                .orElse("");
        return with(walltimeLeftSeconds, down.size() + " of " + tunnels + " tunnels are down" + why);
    }

    /** The reason of a failure, else the remark. */
    @Nullable
    String toLookAt() {
        return reason == null ? remark : reason;
    }

    WorkflowSummary withoutTimeLeft() {
        return with(null, remark);
    }

    private WorkflowSummary with(@Nullable Long timeLeftSeconds, @Nullable String otherRemark) {
        return new WorkflowSummary(
                id,
                state,
                name,
                site,
                nodes,
                ports,
                mappedCustomMetricsPorts,
                tunnels,
                created,
                timeLeftSeconds,
                jobId,
                reason,
                otherRemark);
    }

    private static @Nullable Duration timeLeft(Workflow workflow, Instant now) {
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
}
