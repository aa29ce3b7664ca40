package org.jlab.jiriaf.jrm;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * One deployment being taken down, step by step. Each step can be repeated, and the record goes last, so that a deletion which
 * failed can be asked for again. Used once, by one thread.
 */
final class TakeDown {

    /** How long a job may take to end and its login node to be reached. */
    private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(60);

    private static final Set<WorkflowState> ALIVE = EnumSet.of(WorkflowState.RESERVED, WorkflowState.RUNNING);

    private final Backends backends;
    private final Workflow workflow;
    private final JrmsInfo jrms;
    private final JrmDeployer.@Nullable HeldDeployment held;

    TakeDown(Backends backends, Workflow workflow, JrmDeployer.@Nullable HeldDeployment held) {
        if (workflow.jrms() == null) {
            throw new DeploymentException(
                    workflow.name(),
                    Step.DELETE_WORKFLOW,
                    "workflow " + workflow.id()
                            + " is not a JRM deployment and is left alone; delete it with FireWorks'" + " own tools",
                    null);
        }
        this.backends = backends;
        this.workflow = workflow;
        this.jrms = workflow.jrms();
        this.held = held;
    }

    /** Ends the job, frees everything and deletes the record. */
    void delete() {
        cancelJob();
        release();
        step(Step.DELETE_WORKFLOW, () -> {
            backends.workflows().delete(workflow.id());
            return "workflow " + workflow.id();
        });
    }

    /** Frees what a deployment that is over still has; the record stays. */
    void release() {
        closeTunnels();
        releasePorts();
        deleteNodes();
    }

    private void cancelJob() {
        Launch launch = workflow.launch();
        if (launch == null || !ALIVE.contains(launch.state())) {
            skip(Step.CANCEL_JOB, "no job is waiting or running");
            return;
        }
        String jobId = launch.jobId();
        if (jobId == null) {
            skip(Step.CANCEL_JOB, "the LaunchPad knows of no batch job of launch " + launch.id());
            return;
        }
        step(Step.CANCEL_JOB, () -> {
            if (held != null && held.session() != null) {
                backends.scheduler().cancel(held.session(), jobId, CANCEL_TIMEOUT);
            } else {
                try (LoginSession session = connectAnew(jobId)) {
                    backends.scheduler().cancel(session, jobId, CANCEL_TIMEOUT);
                }
            }
            return "job " + jobId;
        });
    }

    private LoginSession connectAnew(String jobId) {
        TunnelManager tunnels = backends.tunnels();
        SshRoute route = WorkflowDrafts.route(workflow);
        if (tunnels == null || route == null) {
            throw new JrmException(
                    "job " + jobId + " may be alive and there is "
                            + (tunnels == null ? "no tunnel manager" : "no record of how its site is reached")
                            + "; end the job at the site, then delete again",
                    null,
                    false);
        }
        return tunnels.connect(route, CANCEL_TIMEOUT);
    }

    private void closeTunnels() {
        if (held == null || held.session() == null) {
            skip(Step.CLOSE_TUNNELS, "this process holds none of its tunnels");
            return;
        }
        LoginSession session = held.session();
        step(Step.CLOSE_TUNNELS, () -> {
            session.close();
            return held.deployment().tunnels().size() + " forwards";
        });
    }

    private void releasePorts() {
        step(Step.RELEASE_PORTS, () -> {
            List<PortLease> leases = backends.ports().leases().stream()
                    .filter(lease -> lease.owner().equals(workflow.name()))
                    .toList();
            backends.ports().release(leases);
            return leases.size() + " ports";
        });
    }

    private void deleteNodes() {
        NodeManager nodes = backends.nodes();
        if (nodes == null) {
            skip(Step.DELETE_NODES, "no node manager; delete in Kubernetes: " + String.join(" ", jrms.nodenames()));
            return;
        }
        step(Step.DELETE_NODES, () -> {
            List<String> deleted = nodes.delete(jrms.nodenames());
            return deleted.isEmpty() ? "none were registered" : String.join(" ", deleted);
        });
    }

    private void skip(Step step, String why) {
        backends.event(workflow.name(), step, DeploymentEvent.Kind.SKIPPED, why);
    }

    private void step(Step step, Supplier<String> action) {
        backends.event(workflow.name(), step, DeploymentEvent.Kind.STARTED, "");
        try {
            backends.event(workflow.name(), step, DeploymentEvent.Kind.DONE, action.get());
        } catch (RuntimeException e) {
            backends.event(workflow.name(), step, DeploymentEvent.Kind.FAILED, String.valueOf(e.getMessage()));
            throw new DeploymentException(workflow.name(), step, String.valueOf(e.getMessage()), e);
        }
    }
}
