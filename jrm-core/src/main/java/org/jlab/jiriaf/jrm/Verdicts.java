package org.jlab.jiriaf.jrm;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jlab.jiriaf.jrm.Decision.Action;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;

/** Decides from what was seen what is to be done; does nothing itself. */
final class Verdicts {

    private final Backends backends;
    private final Snapshot seen;

    Verdicts(Backends backends, Snapshot seen) {
        this.backends = backends;
        this.seen = seen;
    }

    /** All decisions, those of a deployment in the order in which they are to be carried out. */
    List<Decision> all() {
        List<Decision> decisions = new ArrayList<>();
        Set<String> known = new HashSet<>(seen.workflows().keySet());
        for (DeploymentRecord record : seen.records()) {
            known.add(record.name());
            decisions.addAll(of(record));
        }
        seen.leases().forEach((owner, leases) -> {
            if (!known.contains(owner)) {
                decisions.add(new Decision(
                        owner,
                        Action.RELEASE_PORTS,
                        leases.size()
                                + " ports are leased for it, and neither the journal nor the LaunchPad knows it"));
            }
        });
        return decisions;
    }

    private List<Decision> of(DeploymentRecord record) {
        Workflow workflow = seen.workflow(record);
        if (record.phase() != DeploymentRecord.Phase.DEPLOYED) {
            return List.of(abandoned(backends, record, workflow)
                    .orElseGet(() -> decision(
                            record, Action.KEEP, "it is " + record.phase() + " in " + describeOwner(record) + "")));
        }
        if (workflow == null) {
            return List.of(decision(record, Action.RELEASE, "its workflow is not in the LaunchPad any more"));
        }
        if (workflow.state().isOver()) {
            return List.of(decision(record, Action.RELEASE, "workflow " + workflow.id() + " is " + workflow.state()));
        }
        if (workflow.isLost(seen.at(), WorkflowStore.RUN_EXPIRY, WorkflowStore.RESERVATION_EXPIRY)) {
            String silence = silence(workflow);
            return List.of(
                    decision(record, Action.CLOSE_RUN, silence),
                    decision(record, Action.RELEASE, "workflow " + workflow.id() + " is lost: " + silence));
        }
        return leases(record, workflow).stream().toList();
    }

    /** What becomes of a deployment on which a process worked that is gone; empty if that process may be alive. */
    static Optional<Decision> abandoned(Backends backends, DeploymentRecord record, @Nullable Workflow workflow) {
        if (record.phase() == DeploymentRecord.Phase.DEPLOYED) {
            // Its tunnels are taken up by whoever resumes.
            return Optional.empty();
        }
        String gone;
        if (backends.isKnownDead(record.owner())) {
            gone = describeOwner(record) + " is gone";
        } else if (!record.ownedUntil().isAfter(backends.clock().instant())) {
            gone = describeOwner(record) + " gave it up or should have been done at " + record.ownedUntil();
        } else {
            return Optional.empty();
        }
        if (record.phase() == DeploymentRecord.Phase.DELETING) {
            return Optional.of(decision(record, Action.FINISH_DELETION, "it is half deleted and " + gone));
        }
        // Once the workflow is stored an agent may have it: the deployment lives, and only its record is behind.
        return Optional.of(
                workflow == null
                        ? decision(record, Action.UNDO, "it is half made and " + gone)
                        : decision(record, Action.ADOPT, "workflow " + workflow.id() + " has been stored and " + gone));
    }

    /** Leases that nobody seems to renew. */
    private Optional<Decision> leases(DeploymentRecord record, Workflow workflow) {
        List<PortLease> leases = seen.leases(record);
        Set<Integer> missing = new HashSet<>(LeaseKeeper.ports(record));
        leases.forEach(lease -> missing.remove(lease.port()));
        if (!missing.isEmpty()) {
            return Optional.of(decision(
                    record,
                    Action.RENEW_PORTS,
                    "workflow " + workflow.id() + " is " + workflow.state() + " and " + missing.size()
                            + " of its ports are not leased"));
        }
        // Whoever holds a deployment renews its leases after a third of their time.
        Instant tooSoon = seen.at().plus(backends.settings().leaseValidity().dividedBy(2));
        return leases.stream()
                .map(PortLease::expiresAt)
                .filter(end -> end.isBefore(tooSoon))
                .min(Instant::compareTo)
                .map(end -> decision(
                        record,
                        Action.RENEW_PORTS,
                        "workflow " + workflow.id() + " is " + workflow.state() + " and its leases end at " + end));
    }

    private static String silence(Workflow workflow) {
        Launch launch = workflow.launch();
        return "no sign of life since " + (launch == null ? workflow.updatedOn() : launch.lastPing()) + " while "
                + workflow.state();
    }

    private static String describeOwner(DeploymentRecord record) {
        return "process " + record.owner().pid() + " on " + record.owner().host();
    }

    private static Decision decision(DeploymentRecord record, Action action, String reason) {
        return new Decision(record.name(), action, reason);
    }
}
