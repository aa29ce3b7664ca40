package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * What a pass of clean-up sees: workflows, batch jobs, nodes, leases, and the journal, in as many questions however many
 * deployments there are. Tunnels are looked after by the process that holds them.
 *
 * @param at when it was taken
 * @param leases the leases of each owner
 * @param journal the journal
 * @param workflows the deployments of the LaunchPad, by name
 * @param jobs the batch jobs of those deployments of the journal for which they make a difference, by name of the deployment
 * @param nodes the nodes of all deployments that are registered, by name; empty if Kubernetes cannot be asked
 */
record ObservedState(
        Instant at,
        Map<String, List<PortLease>> leases,
        JournalContents journal,
        Map<String, Workflow> workflows,
        Map<String, JobObservation> jobs,
        Map<String, NodeStatus> nodes) {

    /** States from which nothing follows for the job: it may be over, or go on. */
    private static final Set<WorkflowState> JOB_MATTERS = EnumSet.of(
            WorkflowState.RESERVED,
            WorkflowState.RUNNING,
            WorkflowState.DEFUSED,
            WorkflowState.ARCHIVED,
            WorkflowState.FIZZLED);

    /**
     * Looks. The order matters, as others go on meanwhile: a lease is taken after its record is begun, a record becomes DEPLOYED
     * after its workflow is stored, and a job is noted in its workflow after it is submitted. Asked in this order, nobody's lease,
     * workflow or job that is seen lacks its record, and no DEPLOYED record its workflow, and no workflow its job, unless it
     * really does.
     */
    static ObservedState take(Backends backends, SiteSessions sessions) {
        Instant at = backends.clock().instant();
        Map<String, List<PortLease>> leases =
                backends.ports().leases().stream().collect(Collectors.groupingBy(PortLease::owner));
        JournalContents journal = backends.journal().contents();
        Map<String, Workflow> workflows = backends.workflowsByName();
        List<JobLookup.Sought> sought = new ArrayList<>();
        for (DeploymentRecord record : journal.records()) {
            Workflow workflow = workflows.get(record.name());
            if (record.phase() == DeploymentRecord.Phase.DEPLOYED
                    && (workflow == null || JOB_MATTERS.contains(workflow.state()))) {
                sought.add(new JobLookup.Sought(record, workflow));
            }
        }
        Map<String, JobObservation> jobs =
                backends.tunnels() == null ? Map.of() : new JobLookup(backends, sessions).ask(sought);
        return new ObservedState(at, leases, journal, workflows, jobs, nodes(backends, journal.records(), workflows));
    }

    private static Map<String, NodeStatus> nodes(
            Backends backends, List<DeploymentRecord> records, Map<String, Workflow> workflows) {
        Set<String> names = new TreeSet<>();
        records.forEach(record -> names.addAll(record.nodeNames()));
        workflows.values().forEach(workflow -> names.addAll(WorkflowDrafts.nodeNames(workflow)));
        Map<String, NodeStatus> nodes = new HashMap<>();
        if (backends.nodes() != null && !names.isEmpty()) {
            try {
                backends.nodes().list(names).forEach(node -> nodes.put(node.name(), node));
            } catch (NodeException e) {
                backends.event(
                        "nodes",
                        DeploymentStep.RECONCILE,
                        DeploymentEvent.Kind.FAILED,
                        "nothing is known of nodes in this pass: " + e.getMessage());
            }
        }
        return nodes;
    }

    List<DeploymentRecord> records() {
        return journal.records();
    }

    @Nullable
    Workflow workflow(DeploymentRecord record) {
        return workflows.get(record.name());
    }

    List<PortLease> leases(DeploymentRecord record) {
        return leases.getOrDefault(record.name(), List.of());
    }

    JobObservation job(DeploymentRecord record) {
        return jobs.getOrDefault(record.name(), JobObservation.NOT_ASKED);
    }

    /** Those of the nodes that are registered. */
    List<NodeStatus> nodes(List<String> names) {
        return names.stream().filter(nodes::containsKey).map(nodes::get).toList();
    }
}
