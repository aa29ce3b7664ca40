package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/**
 * Waits for agents that are writing down how a run ended. Until they are done they need the tunnel to the LaunchPad, which is
 * about to be closed, and the workflow, which may be about to be deleted: FireWorks would try for half a minute, in a job that
 * lasts as much longer, and then fail. It is a matter of milliseconds, unless the agent was killed meanwhile; for that nobody
 * waits.
 */
final class AgentReportWait {

    /** Enough for the ten round trips of FireWorks through tunnels across an ocean. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final Backends backends;
    private final Duration timeout;

    AgentReportWait(Backends backends) {
        this(backends, TIMEOUT);
    }

    AgentReportWait(Backends backends, Duration timeout) {
        this.backends = backends;
        this.timeout = timeout;
    }

    /**
     * Waits until nobody is changing these workflows, or the time is over, which an event tells.
     *
     * @throws JrmException if the store cannot be asked or the waiting thread is interrupted
     */
    void awaitUnlocked(Collection<Workflow> workflows) {
        Set<Integer> ids = workflows.stream().map(Workflow::id).collect(Collectors.toSet());
        if (await(() -> backends.workflows().locked(ids).isEmpty())) {
            return;
        }
        Set<Integer> locked = backends.workflows().locked(ids);
        workflows.stream()
                .filter(workflow -> locked.contains(workflow.id()))
                .forEach(workflow -> backends.event(
                        workflow.name(),
                        DeploymentStep.CLOSE_TUNNELS,
                        DeploymentEvent.Kind.PROGRESS,
                        "workflow " + workflow.id() + " has been locked for " + timeout.toSeconds()
                                + " s; whoever did it may be gone, and is not waited for"));
    }

    /**
     * Waits until the run of a workflow, whose processes have ended, is written down as over.
     *
     * @return whether it is, or the workflow is gone; false if nobody did for the length of the timeout
     * @throws JrmException if the store cannot be asked or the waiting thread is interrupted
     */
    boolean awaitOver(Workflow workflow) {
        return await(() -> backends.workflows()
                        .find(workflow.id())
                        .map(Workflow::state)
                        .map(WorkflowState::isOver)
                        .orElse(true)
                && backends.workflows().locked(Set.of(workflow.id())).isEmpty());
    }

    private boolean await(BooleanSupplier condition) {
        Deadline deadline = Deadline.after(timeout);
        while (!condition.getAsBoolean()) {
            if (deadline.isOver()) {
                return false;
            }
            try {
                TimeUnit.NANOSECONDS.sleep(
                        Math.min(INTERVAL.toNanos(), deadline.remaining().toNanos()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new JrmException("Interrupted while waiting for the report of a run that ended", e, true);
            }
        }
        return true;
    }
}
