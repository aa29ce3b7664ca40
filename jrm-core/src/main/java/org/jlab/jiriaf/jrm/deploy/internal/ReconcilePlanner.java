package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision.Action;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.site.Walltime;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;

/** Decides from what was seen what is to be done; does nothing itself. */
final class ReconcilePlanner {

    /** How long a job that ended may take to report it. */
    private static final Duration REPORT_TIME = Duration.ofMinutes(1);

    private final Backends backends;
    private final ObservedState seen;

    ReconcilePlanner(Backends backends, ObservedState seen) {
        this.backends = backends;
        this.seen = seen;
    }

    /**
     * All decisions, those of a deployment in the order in which they are to be carried out.
     *
     * @param which the deployments of the journal that are looked at; what is in no journal is always
     */
    List<ReconcileDecision> all(Predicate<DeploymentRecord> which) {
        List<ReconcileDecision> decisions = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (DeploymentRecord record : seen.records()) {
            known.add(record.name());
            if (which.test(record)) {
                decisions.addAll(of(record));
            }
        }
        decisions.addAll(unreadable(known));
        seen.workflows().forEach((name, workflow) -> {
            if (known.add(name)) {
                leftNodes(workflow).ifPresent(decisions::add);
            }
        });
        seen.leases().forEach((owner, leases) -> {
            if (!known.contains(owner) && !owner.startsWith(PortLease.NO_DEPLOYMENT)) {
                decisions.add(new ReconcileDecision(
                        owner,
                        Action.RELEASE_PORTS,
                        leases.size()
                                + " ports are leased for it, and neither the journal nor the LaunchPad knows it"));
            }
        });
        return decisions;
    }

    /** Deployments with a record that cannot be read: they keep what they have. */
    private List<ReconcileDecision> unreadable(Set<String> known) {
        Set<String> names = new TreeSet<>(seen.leases().keySet());
        names.removeIf(owner -> owner.startsWith(PortLease.NO_DEPLOYMENT));
        names.addAll(seen.workflows().keySet());
        seen.journal().unreadable().stream()
                .map(JournalContents.Unreadable::name)
                .filter(Objects::nonNull)
                .forEach(names::add);
        names.removeAll(known);
        List<ReconcileDecision> decisions = new ArrayList<>();
        for (String name : names) {
            seen.journal().unreadable(name).ifPresent(unreadable -> {
                known.add(name);
                decisions.add(new ReconcileDecision(name, Action.KEEP, unreadable.problem()));
                renewal(seen.leases().getOrDefault(name, List.of()))
                        .map(end -> new ReconcileDecision(name, Action.RENEW_PORTS, "its leases end at " + end))
                        .ifPresent(decisions::add);
            });
        }
        return decisions;
    }

    private List<ReconcileDecision> of(DeploymentRecord record) {
        Workflow workflow = seen.workflow(record);
        if (record.phase() != DeploymentRecord.Phase.DEPLOYED) {
            return List.of(abandoned(backends, record, workflow)
                    .orElseGet(() ->
                            decision(record, Action.KEEP, "it is " + record.phase() + " in " + describeOwner(record))));
        }
        if (workflow == null) {
            return over(record, "its workflow is not in the LaunchPad any more", true);
        }
        String state = "workflow " + workflow.id() + " is " + workflow.state();
        if (workflow.state().isOver()) {
            // One that was stopped by hand says nothing of its job; one that ended by itself does.
            boolean stopped = workflow.state() == WorkflowState.DEFUSED || workflow.state() == WorkflowState.ARCHIVED;
            return over(record, state, stopped);
        }
        List<ReconcileDecision> decisions = new ArrayList<>();
        if (workflow.state() == WorkflowState.RUNNING || workflow.state() == WorkflowState.RESERVED) {
            decisions.addAll(alive(record, workflow, state));
            if (decisions.stream().anyMatch(decision -> decision.action() == Action.RELEASE)) {
                return decisions;
            }
        }
        leases(record, state).ifPresent(decisions::add);
        endOfWalltime(record, workflow).ifPresent(decisions::add);
        return decisions;
    }

    /** Nodes that vanish soon: their pods are to go before. */
    private Optional<ReconcileDecision> endOfWalltime(DeploymentRecord record, Workflow workflow) {
        Launch launch = workflow.launch();
        Instant end = endOfNodes(workflow);
        List<NodeStatus> nodes = seen.nodes(record.nodeNames());
        if (launch == null || launch.startedAt() == null || end == null || nodes.isEmpty() || !end.isAfter(seen.at())) {
            return Optional.empty();
        }
        String why = nodes.size() + " nodes end at " + end;
        Duration life = Duration.between(launch.startedAt(), end);
        if (isWithin(backends.settings().drainBefore(), life.dividedBy(4), end)) {
            return Optional.of(decision(record, Action.DRAIN, why));
        }
        boolean soon = isWithin(backends.settings().cordonBefore(), life.dividedBy(2), end);
        return soon && nodes.stream().anyMatch(node -> !node.cordoned())
                ? Optional.of(decision(record, Action.CORDON, why))
                : Optional.empty();
    }

    /** Whether the end is that near; of a short job only the last part counts, or its nodes would be of no use at all. */
    private boolean isWithin(Duration before, Duration atMost, Instant end) {
        return !seen.at().isBefore(end.minus(before.compareTo(atMost) < 0 ? before : atMost));
    }

    /** When the JRMs of a running job end, or null if that is not known. */
    static @Nullable Instant endOfNodes(Workflow workflow) {
        Launch launch = workflow.launch();
        if (workflow.state() != WorkflowState.RUNNING
                || launch == null
                || launch.startedAt() == null
                || workflow.walltime() == null) {
            return null;
        }
        try {
            long seconds = Walltime.parse(workflow.walltime()).jiriafSeconds();
            return seconds == 0 ? null : launch.startedAt().plusSeconds(seconds);
        } catch (IllegalArgumentException e) {
            // Somebody has changed it into what Slurm would not understand either.
            return null;
        }
    }

    /** A deployment whose workflow is over or gone; its job may go on all the same. */
    private List<ReconcileDecision> over(DeploymentRecord record, String why, boolean jobMayGoOn) {
        JobObservation job = seen.job(record);
        if (job.kind() == JobObservation.Kind.ALIVE) {
            return List.of(
                    decision(record, Action.CANCEL_JOB, why + ", and " + job.words()),
                    decision(record, Action.RELEASE, why));
        }
        if (jobMayGoOn && job.kind() == JobObservation.Kind.NO_ANSWER) {
            return List.of(decision(record, Action.KEEP, why + ", and " + job.words()));
        }
        return List.of(decision(record, Action.RELEASE, why));
    }

    /** A deployment that the LaunchPad takes for alive. */
    private List<ReconcileDecision> alive(DeploymentRecord record, Workflow workflow, String state) {
        JobObservation job = seen.job(record);
        boolean silent = workflow.isLost(seen.at(), WorkflowStore.RUN_EXPIRY, WorkflowStore.RESERVATION_EXPIRY);
        String silence = silent ? ", no sign of life since " + lastSign(workflow) : "";
        switch (job.kind()) {
            case OVER -> {
                if (mayStillReport(job)) {
                    return List.of(decision(record, Action.KEEP, state + ", and " + job.words() + " a moment ago"));
                }
                return close(record, state + silence + ", and " + job.words() + " without having reported it");
            }
            case ALIVE, NO_ANSWER -> {
                String nodes = notReady(record);
                if (!silent && (nodes.isEmpty() || job.kind() == JobObservation.Kind.NO_ANSWER)) {
                    return List.of();
                }
                return List.of(decision(record, Action.KEEP, state + silence + nodes + ", and " + job.words()));
            }
            case NONE, NOBODY_TO_ASK -> {
                if (!silent) {
                    return List.of();
                }
                boolean ready = seen.nodes(record.nodeNames()).stream().anyMatch(NodeStatus::ready);
                return ready
                        ? List.of(decision(record, Action.KEEP, state + silence + ", and its nodes are Ready"))
                        : close(record, state + silence);
            }
        }
        throw new IllegalStateException(job.kind().toString());
    }

    private boolean mayStillReport(JobObservation seenJob) {
        Instant ended = seenJob.job() == null ? null : seenJob.job().endedAt();
        return ended != null && ended.plus(REPORT_TIME).isAfter(seen.at());
    }

    private static List<ReconcileDecision> close(DeploymentRecord record, String why) {
        return List.of(decision(record, Action.CLOSE_RUN, why), decision(record, Action.RELEASE, why));
    }

    private String notReady(DeploymentRecord record) {
        String nodes = seen.nodes(record.nodeNames()).stream()
                .filter(node -> !node.ready())
                .map(node -> node.name() + " is " + node.describe())
                .collect(Collectors.joining(", "));
        return nodes.isEmpty() ? "" : ", " + nodes;
    }

    /** Nodes that came back, or could not be deleted, when all else of a deployment had been released. */
    private Optional<ReconcileDecision> leftNodes(Workflow workflow) {
        List<NodeStatus> nodes = seen.nodes(WorkflowDrafts.nodeNames(workflow));
        if (!workflow.state().isOver() || nodes.isEmpty() || nodes.stream().anyMatch(NodeStatus::ready)) {
            return Optional.empty();
        }
        return Optional.of(new ReconcileDecision(
                workflow.name(),
                Action.DELETE_NODES,
                "workflow " + workflow.id() + " is " + workflow.state() + ", and of its nodes "
                        + nodes.stream().map(NodeStatus::name).collect(Collectors.joining(" "))
                        + " are still registered and not Ready"));
    }

    /** What becomes of a deployment on which a process worked that is gone; empty if that process may be alive. */
    static Optional<ReconcileDecision> abandoned(
            Backends backends, DeploymentRecord record, @Nullable Workflow workflow) {
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
    private Optional<ReconcileDecision> leases(DeploymentRecord record, String state) {
        List<PortLease> leases = seen.leases(record);
        Set<Integer> missing = new HashSet<>(LeaseKeeper.ports(record));
        leases.forEach(lease -> missing.remove(lease.port()));
        if (!missing.isEmpty()) {
            return Optional.of(decision(
                    record, Action.RENEW_PORTS, state + " and " + missing.size() + " of its ports are not leased"));
        }
        return renewal(leases)
                .map(end -> decision(record, Action.RENEW_PORTS, state + " and its leases end at " + end));
    }

    /** When leases end that nobody seems to renew. */
    private Optional<Instant> renewal(List<PortLease> leases) {
        // Whoever holds a deployment renews its leases after a third of their time.
        Instant tooSoon = seen.at().plus(backends.settings().leaseValidity().dividedBy(2));
        return leases.stream()
                .map(PortLease::expiresAt)
                .filter(end -> end.isBefore(tooSoon))
                .min(Instant::compareTo);
    }

    private static @Nullable Instant lastSign(Workflow workflow) {
        Launch launch = workflow.launch();
        return launch == null ? workflow.updatedOn() : launch.lastPing();
    }

    private static String describeOwner(DeploymentRecord record) {
        return "process " + record.owner().pid() + " on " + record.owner().host();
    }

    private static ReconcileDecision decision(DeploymentRecord record, Action action, String reason) {
        return new ReconcileDecision(record.name(), action, reason);
    }
}
