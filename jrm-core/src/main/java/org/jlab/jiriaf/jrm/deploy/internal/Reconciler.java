package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision.Action;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the journal, the LaunchPad, batch jobs, nodes and leases against each other, and finishes or undoes what nobody works on any more. Asks
 * as many questions however many deployments there are. Several passes may run at once, in one process or many.
 */
public final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    /** How long one pass waits for the pods of a deployment; the next pass waits on. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

    /** What takes something down that is over. */
    private static final Set<Action> FINISHING =
            EnumSet.of(Action.UNDO, Action.FINISH_DELETION, Action.CLOSE_RUN, Action.CANCEL_JOB, Action.RELEASE);

    private final Backends backends;
    private final Map<String, LocalDeployment> held;
    private final SiteSessions sessions;

    /**
     * Makes a reconciler.
     *
     * @param held what this process holds, by name of the deployment; what is released is taken out of it
     */
    public Reconciler(Backends backends, Map<String, LocalDeployment> held) {
        this.backends = backends;
        this.held = held;
        this.sessions = SiteSessions.of(backends, held);
    }

    /** What a pass would do now. Touches nothing. */
    public List<ReconcileDecision> plan() {
        return new ReconcilePlanner(backends, ObservedState.take(backends, sessions)).all(record -> true);
    }

    /** One pass; returns what it decided, with what could not be done. */
    public List<ReconcileDecision> pass() {
        return pass(record -> true, EnumSet.allOf(Action.class));
    }

    /**
     * Finishes what is over at a site into which this process can log in now: at one that takes a password nobody else may be able
     * to.
     */
    public void finishAt(SshRoute route) {
        var unused = pass(record -> record.route().hops().equals(route.hops()), FINISHING);
    }

    private List<ReconcileDecision> pass(Predicate<DeploymentRecord> which, Set<Action> actions) {
        repairStore();
        ObservedState seen = ObservedState.take(backends, sessions);
        List<ReconcileDecision> decisions = new ReconcilePlanner(backends, seen)
                .all(which).stream()
                        .filter(decision -> actions.contains(decision.action()))
                        .toList();
        Map<String, DeploymentRecord> records = seen.records().stream()
                .collect(Collectors.toMap(DeploymentRecord::name, Function.identity(), (first, second) -> second));
        List<ReconcileDecision> done = new ArrayList<>();
        List<ReconcileDecision> releases = new ArrayList<>();
        String failed = null;
        for (ReconcileDecision decision : decisions) {
            announce(decision);
            if (decision.deployment().equals(failed)) {
                continue;
            }
            if (decision.action() == Action.RELEASE) {
                releases.add(decision);
                continue;
            }
            ReconcileDecision outcome = carryOut(decision, records.get(decision.deployment()), seen);
            failed = outcome.isFailed() ? outcome.deployment() : null;
            done.add(outcome);
        }
        done.addAll(release(releases, records, seen));
        return done;
    }

    /** What a dead process left between two steps of one change, before anybody decides by it. */
    private void repairStore() {
        try {
            List<Integer> repaired = backends.workflows().repair();
            if (!repaired.isEmpty()) {
                LOG.debug("Finished or removed what was cut off of the workflows {}", repaired);
            }
        } catch (JrmException e) {
            // The pass goes on with what is in order; the next one tries again.
            LOG.debug("Cannot repair the store", e);
        }
    }

    /** Finishes or undoes what a dead process left; false if its owner may be alive and nothing was done. */
    public boolean recover(DeploymentRecord record) {
        Workflow workflow = backends.workflows().findByName(record.name()).orElse(null);
        Optional<ReconcileDecision> decision = ReconcilePlanner.abandoned(backends, record, workflow);
        decision.ifPresent(abandoned -> {
            announce(abandoned);
            takeUp(abandoned.action(), record, workflow);
        });
        return decision.isPresent();
    }

    private ReconcileDecision carryOut(
            ReconcileDecision decision, @Nullable DeploymentRecord record, ObservedState seen) {
        Workflow workflow = seen.workflows().get(decision.deployment());
        try {
            switch (decision.action()) {
                case UNDO, ADOPT, FINISH_DELETION ->
                    takeUp(decision.action(), Objects.requireNonNull(record), workflow);
                case CLOSE_RUN -> closeRun(Objects.requireNonNull(workflow), decision.reason());
                case CANCEL_JOB -> cancelJob(Objects.requireNonNull(record), seen);
                case CORDON -> cordon(Objects.requireNonNull(record));
                case DRAIN -> drain(Objects.requireNonNull(record), Objects.requireNonNull(workflow));
                case DELETE_NODES -> deleteNodes(Objects.requireNonNull(workflow));
                case RENEW_PORTS -> renewPorts(decision.deployment(), record, workflow);
                case RELEASE_PORTS ->
                    backends.ports().release(seen.leases().getOrDefault(decision.deployment(), List.of()));
                case KEEP, RELEASE -> {
                    // Nothing to do, or done for all of them at once.
                }
            }
            return decision;
        } catch (JrmException e) {
            return failed(decision, e);
        }
    }

    private ReconcileDecision failed(ReconcileDecision decision, JrmException why) {
        LOG.debug("Cannot {} {}", decision.action(), decision.deployment(), why);
        backends.event(
                decision.deployment(),
                DeploymentStep.RECONCILE,
                DeploymentEvent.Kind.FAILED,
                "cannot " + decision.action() + " now, the next pass tries again: " + why.getMessage());
        return decision.failed(String.valueOf(why.getMessage()));
    }

    /** Goes on where a process stopped that is gone; does nothing if another process is faster. */
    private void takeUp(Action action, DeploymentRecord record, @Nullable Workflow workflow) {
        if (action == Action.ADOPT) {
            // Stays its dead owner's, so that whoever resumes takes up its tunnels.
            var unused = backends.journal()
                    .replace(record.withWorkflowId(
                                    Objects.requireNonNull(workflow).id())
                            .withPhase(DeploymentRecord.Phase.DEPLOYED));
            return;
        }
        Optional<DeploymentRecord> claimed = backends.journal()
                .replace(record.withOwner(
                        backends.self(), backends.clock().instant().plus(TakeDown.OWNERSHIP)));
        if (claimed.isEmpty()) {
            return;
        }
        TakeDown takeDown = TakeDown.of(backends, claimed.get(), workflow, held.get(record.name()), sessions);
        // The forwards are noted just before the workflow is stored, which may have been launched and deleted by hand
        // since.
        if (action == Action.UNDO && record.forwards().isEmpty()) {
            takeDown.undo();
        } else {
            takeDown.delete();
        }
        held.remove(record.name());
    }

    /** Writes down what its job could not report any more. One that has reported meanwhile refuses, and is seen to next time. */
    private void closeRun(Workflow workflow, String reason) {
        Launch launch = workflow.launch();
        if (launch != null && (launch.state() == WorkflowState.RUNNING || launch.jobId() != null)) {
            backends.workflows().launchQueue().complete(launch.id(), WorkflowState.FIZZLED, "lost: " + reason);
        } else {
            backends.workflows().defuse(workflow.id());
        }
    }

    private void cancelJob(DeploymentRecord record, ObservedState seen) {
        String ended = new JobLookup(backends, sessions).cancel(record, seen.job(record), TakeDown.CANCEL_TIMEOUT);
        backends.event(record.name(), DeploymentStep.CANCEL_JOB, DeploymentEvent.Kind.DONE, ended);
    }

    private void cordon(DeploymentRecord record) {
        Objects.requireNonNull(backends.nodes()).cordon(record.nodeNames());
    }

    private void drain(DeploymentRecord record, Workflow workflow) {
        Instant end = Objects.requireNonNull(ReconcilePlanner.endOfNodes(workflow));
        Duration left = Duration.between(backends.clock().instant(), end);
        Objects.requireNonNull(backends.nodes())
                .drain(record.nodeNames(), left.compareTo(DRAIN_TIMEOUT) < 0 ? left : DRAIN_TIMEOUT);
    }

    private void deleteNodes(Workflow workflow) {
        List<String> deleted = Objects.requireNonNull(backends.nodes()).delete(WorkflowDrafts.nodeNames(workflow));
        backends.event(
                workflow.name(), DeploymentStep.DELETE_NODES, DeploymentEvent.Kind.DONE, String.join(" ", deleted));
    }

    private void renewPorts(String name, @Nullable DeploymentRecord record, @Nullable Workflow workflow) {
        if (record == null || workflow == null) {
            // Its record cannot be read.
            var unused = backends.ports().renew(name, backends.settings().leaseValidity());
            return;
        }
        List<Integer> lost = new LeaseKeeper(backends, record).keep();
        if (!lost.isEmpty()) {
            throw new JrmException(
                    "somebody else has leased " + lost + " meanwhile; delete workflow " + workflow.id()
                            + " and deploy again",
                    null,
                    false);
        }
    }

    /** First what lies at the sites, while tunnels that lead there are still up; what is left there does not keep the rest. */
    private List<ReconcileDecision> release(
            List<ReconcileDecision> decisions, Map<String, DeploymentRecord> records, ObservedState seen) {
        if (decisions.isEmpty()) {
            return List.of();
        }
        Map<String, JrmException> left = new SiteCleaning(seen, sessions)
                .clean(decisions.stream()
                        .map(decision -> Objects.requireNonNull(records.get(decision.deployment())))
                        .toList());
        try {
            awaitReports(decisions, seen);
        } catch (JrmException e) {
            return decisions.stream().map(decision -> failed(decision, e)).toList();
        }
        return release(decisions, records, left);
    }

    private void awaitReports(List<ReconcileDecision> decisions, ObservedState seen) {
        new AgentReportWait(backends)
                .awaitUnlocked(decisions.stream()
                        .map(decision -> seen.workflows().get(decision.deployment()))
                        .filter(Objects::nonNull)
                        .toList());
    }

    private List<ReconcileDecision> release(
            List<ReconcileDecision> decisions, Map<String, DeploymentRecord> records, Map<String, JrmException> left) {
        try {
            new ResourceRelease(
                            backends,
                            decisions.stream()
                                    .map(decision -> holder(Objects.requireNonNull(records.get(decision.deployment()))))
                                    .toList())
                    .free();
            backends.journal()
                    .removeAll(decisions.stream()
                            .map(ReconcileDecision::deployment)
                            .filter(name -> !left.containsKey(name))
                            .toList());
            decisions.forEach(decision -> held.remove(decision.deployment()));
            return decisions.stream()
                    .map(decision -> {
                        JrmException why = left.get(decision.deployment());
                        return why == null ? decision : failed(decision, why);
                    })
                    .toList();
        } catch (JrmException e) {
            if (decisions.size() > 1 && !e.isTransient()) {
                // One that cannot be released does not keep the others from it.
                return decisions.stream()
                        .flatMap(decision -> release(List.of(decision), records, left).stream())
                        .toList();
            }
            return decisions.stream().map(decision -> failed(decision, e)).toList();
        }
    }

    private ResourceRelease.Holder holder(DeploymentRecord record) {
        return new ResourceRelease.Holder(record.name(), record.nodeNames(), held.get(record.name()));
    }

    private void announce(ReconcileDecision decision) {
        backends.event(
                decision.deployment(),
                DeploymentStep.RECONCILE,
                DeploymentEvent.Kind.PROGRESS,
                decision.action() + ": " + decision.reason());
    }
}
