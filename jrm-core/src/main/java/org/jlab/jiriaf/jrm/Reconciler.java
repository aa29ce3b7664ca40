package org.jlab.jiriaf.jrm;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the journal against the LaunchPad and finishes or undoes what nobody works on any more. Asks the store the same number
 * of questions however many deployments there are. Several passes may run at once, in one process or many.
 */
final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    private final Backends backends;
    private final Map<String, HeldDeployment> held;

    /**
     * Makes a reconciler.
     *
     * @param held what this process holds, by name of the deployment; what is released is taken out of it
     */
    Reconciler(Backends backends, Map<String, HeldDeployment> held) {
        this.backends = backends;
        this.held = held;
    }

    /** One pass; returns the names of the deployments of which something was finished, undone or released. */
    List<String> pass() {
        // In this order: a lease is always younger than its record, a workflow as well.
        List<PortLease> leases = backends.ports().leases();
        Map<String, Workflow> workflows = backends.workflows().list(WorkflowFilter.DEPLOYMENTS).stream()
                .collect(Collectors.toMap(Workflow::name, Function.identity(), (first, second) -> second));
        Set<String> lost = lostRuns();
        List<DeploymentRecord> records = backends.journal().list();
        List<String> touched = new ArrayList<>();
        for (DeploymentRecord record : records) {
            if (tryReconcile(record, workflows.get(record.name()), lost.contains(record.name()))) {
                touched.add(record.name());
            }
        }
        touched.addAll(releaseOrphans(leases, records, workflows.keySet()));
        return touched;
    }

    private Set<String> lostRuns() {
        return backends
                .workflows()
                .detectLostRuns(backends.clock().instant(), WorkflowStore.RUN_EXPIRY, WorkflowStore.RESERVATION_EXPIRY)
                .stream()
                .map(Workflow::name)
                .collect(Collectors.toSet());
    }

    /** Finishes or undoes what a dead process left; false if its owner may be alive and nothing was done. */
    boolean recover(DeploymentRecord record, @Nullable Workflow workflow) {
        if (!isAbandoned(record)) {
            return false;
        }
        switch (record.phase()) {
            case DEPLOYING -> {
                if (workflow != null) {
                    adopt(record, workflow);
                } else {
                    event(record, "its process is gone before the workflow was stored; undoing it");
                    TakeDown.of(backends, record, null, null).release();
                }
                return true;
            }
            case DELETING -> {
                event(record, "its process is gone in the middle of the deletion; finishing it");
                TakeDown.of(backends, record, workflow, held.get(record.name())).delete();
                held.remove(record.name());
                return true;
            }
            case DEPLOYED -> {
                // Its tunnels are taken up by whoever resumes.
            }
        }
        return false;
    }

    /** Tells whether nobody works on a deployment any more: its process is gone, or its time for it is over. */
    private boolean isAbandoned(DeploymentRecord record) {
        return record.owner().isKnownDead(backends.hostName())
                || !record.ownedUntil().isAfter(backends.clock().instant());
    }

    private boolean tryReconcile(DeploymentRecord record, @Nullable Workflow workflow, boolean lost) {
        try {
            if (recover(record, workflow)) {
                return true;
            }
            if (record.phase() != DeploymentRecord.Phase.DEPLOYED) {
                return false;
            }
            if (workflow != null && lost) {
                closeLostRun(record, workflow);
            }
            if (workflow == null || workflow.state().isOver() || lost) {
                event(
                        record,
                        workflow == null
                                ? "its workflow is not in the store any more; releasing"
                                : "workflow " + workflow.id() + " is " + (lost ? "lost" : workflow.state())
                                        + "; releasing");
                TakeDown.of(backends, record, workflow, held.get(record.name())).release();
                held.remove(record.name());
                return true;
            }
            return false;
        } catch (JrmException e) {
            event(record, "cannot be cleaned up now, the next pass tries again: " + e.getMessage());
            LOG.debug("Cannot reconcile {}", record.name(), e);
            return false;
        }
    }

    /** Writes down what its job could not report any more. */
    private void closeLostRun(DeploymentRecord record, Workflow workflow) {
        Launch launch = workflow.launch();
        if (launch == null) {
            return;
        }
        event(record, "no sign of life since " + launch.lastPing() + " while " + launch.state());
        if (launch.state() == WorkflowState.RUNNING) {
            backends.workflows()
                    .launchQueue()
                    .complete(launch.id(), WorkflowState.FIZZLED, "lost: no sign of life since " + launch.lastPing());
        } else {
            backends.workflows().defuse(workflow.id());
        }
    }

    /** The workflow was stored, so an agent may have it: the deployment lives, and only its record is behind. */
    private void adopt(DeploymentRecord record, Workflow workflow) {
        event(record, "its process is gone after workflow " + workflow.id() + " was stored; keeping it");
        backends.journal()
                .replace(record.withWorkflowId(workflow.id()).withPhase(DeploymentRecord.Phase.DEPLOYED))
                .ifPresent(adopted -> LOG.debug("Adopted {}", adopted));
    }

    /** Leases that no record and no workflow stands for. */
    private List<String> releaseOrphans(
            List<PortLease> leases, List<DeploymentRecord> records, Set<String> workflowNames) {
        Set<String> known = new HashSet<>(workflowNames);
        records.forEach(record -> known.add(record.name()));
        List<PortLease> orphans =
                leases.stream().filter(lease -> !known.contains(lease.owner())).toList();
        if (orphans.isEmpty()) {
            return List.of();
        }
        backends.ports().release(orphans);
        List<String> owners = orphans.stream().map(PortLease::owner).distinct().toList();
        owners.forEach(owner -> backends.event(
                owner,
                Step.RELEASE_PORTS,
                DeploymentEvent.Kind.DONE,
                "leased by a deployment that does not exist any more"));
        return owners;
    }

    private void event(DeploymentRecord record, String message) {
        backends.event(record.name(), Step.RECORD, DeploymentEvent.Kind.PROGRESS, message);
    }
}
