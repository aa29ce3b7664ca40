package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.JrmProcesses;
import org.jlab.jiriaf.jrm.batch.host.HostScheduler;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord.BatchSystem;
import org.jlab.jiriaf.jrm.script.NodePassword;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * One deployment being taken down, step by step. Each step can be repeated, and the record goes last, so that what failed half
 * way can be asked for again. Used once, by one thread.
 */
public final class TakeDown {

    /** How long a job may take to end and its login node to be reached. */
    static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(60);

    /** How long a process that takes something down is taken to be alive. */
    static final Duration OWNERSHIP = Duration.ofMinutes(5);

    private static final String NO_JOB = "no job is waiting or running";

    private static final Set<WorkflowState> ALIVE = EnumSet.of(WorkflowState.RESERVED, WorkflowState.RUNNING);

    private static final Set<WorkflowState> STOPPED = EnumSet.of(WorkflowState.DEFUSED, WorkflowState.ARCHIVED);

    private final Backends backends;
    private final String name;
    private final List<String> nodeNames;
    private final @Nullable Workflow workflow;
    private @Nullable DeploymentRecord record;
    private final @Nullable LocalDeployment held;
    private final SiteSessions sessions;
    private boolean withoutPassword;

    private TakeDown(
            Backends backends,
            String name,
            List<String> nodeNames,
            @Nullable Workflow workflow,
            @Nullable DeploymentRecord record,
            @Nullable LocalDeployment held,
            SiteSessions sessions) {
        this.backends = backends;
        this.name = name;
        this.nodeNames = nodeNames;
        this.workflow = workflow;
        this.record = record;
        this.held = held;
        this.sessions = sessions;
        this.withoutPassword = held != null && held.isWithoutPassword();
    }

    /** Takes down what a workflow stands for; one that jrm has not made has no record. */
    public static TakeDown of(
            Backends backends,
            Workflow workflow,
            Optional<DeploymentRecord> record,
            @Nullable LocalDeployment held,
            SiteSessions sessions) {
        if (workflow.jrms() == null) {
            throw new DeploymentException(
                    workflow.name(),
                    DeploymentStep.DELETE_WORKFLOW,
                    "workflow " + workflow.id()
                            + " is not a JRM deployment and is left alone; delete it with FireWorks'" + " own tools",
                    null);
        }
        return new TakeDown(
                backends, workflow.name(), workflow.jrms().nodenames(), workflow, record.orElse(null), held, sessions);
    }

    /** Takes down what a record stands for, whose workflow may be gone. */
    public static TakeDown of(
            Backends backends,
            DeploymentRecord record,
            @Nullable Workflow workflow,
            @Nullable LocalDeployment held,
            SiteSessions sessions) {
        return new TakeDown(backends, record.name(), record.nodeNames(), workflow, record, held, sessions);
    }

    /** Ends the job, frees everything and deletes the workflow. What fails is left for the next call, or the next pass. */
    public void delete() {
        markDeleting();
        try {
            cancelJob();
            JrmException left = cleanSite();
            free();
            if (workflow != null) {
                step(DeploymentStep.DELETE_WORKFLOW, () -> {
                    backends.workflows().delete(workflow.id());
                    return "workflow " + workflow.id();
                });
            }
            forget(left);
        } catch (DeploymentException e) {
            handOver(e);
            throw e;
        }
    }

    /** Lets the next pass go on at once; if that cannot be noted either, it goes on when {@link #OWNERSHIP} is over. */
    private void handOver(DeploymentException failure) {
        if (record != null) {
            try {
                backends.journal()
                        .replace(record.withOwner(
                                backends.self(), backends.clock().instant()))
                        .ifPresent(noted -> record = noted);
            } catch (JrmException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** Frees what a deployment has that was never finished. */
    public void undo() {
        try {
            JrmException left = cleanSite();
            free();
            forget(left);
        } catch (DeploymentException e) {
            handOver(e);
            throw e;
        }
    }

    /**
     * Removes the password of the compute nodes: before the tunnels are closed, since with them goes the only connection to a site
     * that takes a password.
     *
     * @return why it may still be there; all else can be freed nevertheless
     */
    private @Nullable JrmException cleanSite() {
        if (record == null || backends.tunnels() == null || !mayHavePassword(record)) {
            return null;
        }
        try {
            inSession("the password of " + name, this::removePassword);
            return null;
        } catch (JrmException e) {
            return SiteCleaning.mayBeLeft(record.route(), name, String.valueOf(e.getMessage()), e.isTransient());
        }
    }

    /** A job that ended in order has removed it itself. */
    private boolean mayHavePassword(DeploymentRecord known) {
        if (withoutPassword || (workflow != null && workflow.state() == WorkflowState.COMPLETED)) {
            return false;
        }
        return known.nodePassword();
    }

    private void removePassword(LoginSession session) {
        NodePassword.remove(session, name, CANCEL_TIMEOUT);
        withoutPassword = true;
        if (held != null) {
            held.noteWithoutPassword();
        }
    }

    /** The record stays as long as something may be left. */
    private void forget(@Nullable JrmException left) {
        step(DeploymentStep.RECORD, () -> {
            if (left != null) {
                throw left;
            }
            backends.journal().remove(name);
            return "removed the record";
        });
    }

    /** Frees what a deployment has outside its job; record and workflow stay. */
    public void free() {
        awaitReport();
        new ResourceRelease(backends, List.of(new ResourceRelease.Holder(name, nodeNames, held))).free();
    }

    private void awaitReport() {
        if (workflow == null) {
            return;
        }
        try {
            new AgentReportWait(backends).awaitUnlocked(List.of(workflow));
        } catch (JrmException e) {
            throw new DeploymentException(name, DeploymentStep.CLOSE_TUNNELS, String.valueOf(e.getMessage()), e);
        }
    }

    /** From here on whoever finds the record finishes the deletion. */
    private void markDeleting() {
        if (record == null || record.phase() == DeploymentRecord.Phase.DELETING) {
            return;
        }
        step(DeploymentStep.RECORD, () -> {
            while (record != null && record.phase() != DeploymentRecord.Phase.DELETING) {
                DeploymentRecord deleting = record.withPhase(DeploymentRecord.Phase.DELETING)
                        .withOwner(backends.self(), backends.clock().instant().plus(OWNERSHIP));
                // Somebody else may have changed it since, such as a process that takes up its tunnels.
                record = backends.journal()
                        .replace(deleting)
                        .or(() -> backends.journal().find(name))
                        .orElse(null);
            }
            return "being deleted";
        });
    }

    private void cancelJob() {
        step(DeploymentStep.CANCEL_JOB, () -> {
            Launch launch = workflow == null ? null : lastLaunch(workflow);
            if (launch != null && ALIVE.contains(launch.state())) {
                return endJobs(launch);
            }
            // FireWorks forgets the launches of a workflow that is stopped or deleted by hand; the job goes on.
            boolean mayGoOn = workflow == null || STOPPED.contains(workflow.state());
            if (!mayGoOn || record == null || backends.tunnels() == null) {
                return NO_JOB;
            }
            try {
                return endJobs(null);
            } catch (BatchSchedulerException e) {
                if (e.isTransient()) {
                    throw e;
                }
                return endProcesses(e);
            }
        });
    }

    /** Where there is no batch system, the JRMs may be processes of the host itself. */
    private String endProcesses(BatchSchedulerException why) {
        inSession("the processes of " + name, session -> JrmProcesses.end(session, nodeNames, CANCEL_TIMEOUT));
        return "no process of its nodes is left; whether a batch job goes on is not known: " + why.getMessage();
    }

    private String endJobs(@Nullable Launch launch) {
        if (launch != null && launch.jobId() == null && launch.state() == WorkflowState.RUNNING) {
            inSession("launch " + launch.id(), session -> JrmProcesses.end(session, nodeNames, CANCEL_TIMEOUT));
            // Its agent outlives them, and has something to write down.
            boolean reported = new AgentReportWait(backends).awaitOver(Objects.requireNonNull(workflow));
            return "the processes of launch " + launch.id() + ", which is no batch job"
                    + (reported ? "" : "; no agent has reported their end");
        }
        Set<String> ids = new TreeSet<>();
        inSession("the job of " + name, session -> {
            ids.addAll(jobIds(session, launch == null ? null : launch.jobId()));
            ids.forEach(id -> backends.schedulerOf(record, id).cancel(session, id, CANCEL_TIMEOUT));
            if (ids.isEmpty() && record != null && record.batchSystem() == BatchSystem.HOST) {
                JrmProcesses.end(session, nodeNames, CANCEL_TIMEOUT);
            }
            if (record != null && mayHavePassword(record)) {
                removePassword(session);
            }
        });
        return ids.isEmpty() ? NO_JOB : "job " + String.join(", ", ids);
    }

    /** The jobs of this deployment that may be alive: by their name, which no other has, and by the id that the LaunchPad knows. */
    private Set<String> jobIds(LoginSession session, @Nullable String noted) {
        Set<String> ids = new TreeSet<>();
        BatchScheduler scheduler = backends.schedulerOf(record, noted);
        if (noted != null) {
            if (!scheduler.isJobId(noted)) {
                throw new JrmException(name + ": " + JobLookup.unreadable(noted), null, false);
            }
            ids.add(noted);
        } else if (ids.addAll(jobsOfHost(session))) {
            return ids;
        }
        for (BatchJobStatus job : scheduler.jobs(session, CANCEL_TIMEOUT)) {
            if (!job.canHaveName(name)) {
                // Another job that has the number now, if it is the same.
                ids.remove(job.id());
            } else if (job.name().equals(name) && !job.state().isOver()) {
                ids.add(job.id());
            }
        }
        return ids;
    }

    /** The LaunchPad knows no id of a job on a host without batch system. */
    private List<String> jobsOfHost(LoginSession session) {
        return new HostScheduler()
                .jobs(session, CANCEL_TIMEOUT).stream()
                        .filter(job -> job.name().equals(name))
                        .map(BatchJobStatus::id)
                        .toList();
    }

    /** The launch as it stands once no agent can take the workflow any more. */
    private @Nullable Launch lastLaunch(Workflow present) {
        if (!backends.workflows().pause(present.id())) {
            return present.launch();
        }
        return backends.workflows().find(present.id()).map(Workflow::launch).orElse(null);
    }

    private void inSession(String what, Consumer<LoginSession> action) {
        LoginSession session = held == null ? null : held.session();
        if (session != null) {
            action.accept(session);
            return;
        }
        if (backends.tunnels() == null || record == null) {
            throw new JrmException(
                    what + " may be alive and there is "
                            + (record == null ? "no record of how its site is reached" : "no tunnel manager")
                            + "; end the job at the site, then delete again",
                    null,
                    false);
        }
        sessions.in(record.route(), CANCEL_TIMEOUT, other -> {
            action.accept(other);
            return what;
        });
    }

    private void step(DeploymentStep step, Supplier<String> action) {
        backends.event(name, step, DeploymentEvent.Kind.STARTED, "");
        try {
            backends.event(name, step, DeploymentEvent.Kind.DONE, action.get());
        } catch (RuntimeException e) {
            backends.event(name, step, DeploymentEvent.Kind.FAILED, String.valueOf(e.getMessage()));
            throw new DeploymentException(name, step, String.valueOf(e.getMessage()), e);
        }
    }
}
