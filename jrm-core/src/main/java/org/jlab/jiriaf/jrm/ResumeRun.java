package org.jlab.jiriaf.jrm;

import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** The tunnels of a deployment being opened again, by a process that did not make it. Used once, by one thread. */
final class ResumeRun {

    /** What has been opened. */
    record Result(@Nullable LoginSession session, List<Tunnel> tunnels) {}

    private final Backends backends;
    private final Workflow workflow;
    private final Deadline deadline;

    ResumeRun(Backends backends, Workflow workflow, Deadline deadline) {
        this.backends = backends;
        this.workflow = workflow;
        this.deadline = deadline;
    }

    /** Opens the tunnels; empty, with an event that says why, if that is not possible now. */
    Optional<Result> execute() {
        TunnelManager tunnels = backends.tunnels();
        SshRoute route = WorkflowDrafts.route(workflow);
        if (tunnels == null || route == null) {
            event(
                    DeploymentEvent.Kind.SKIPPED,
                    tunnels == null ? "no tunnel manager" : "the workflow does not say how its site is reached");
            return Optional.empty();
        }
        event(DeploymentEvent.Kind.STARTED, "opening the forwards of workflow " + workflow.id() + " again");
        LoginSession session = null;
        try {
            session = tunnels.connect(route, deadline.remaining());
            List<Tunnel> opened = session.open(WorkflowDrafts.forwards(workflow), deadline.remaining());
            backends.ports().renew(workflow.name(), backends.settings().leaseValidity());
            event(DeploymentEvent.Kind.DONE, opened.size() + " forwards up");
            return Optional.of(new Result(session, opened));
        } catch (JrmException e) {
            if (session != null) {
                session.close();
            }
            event(DeploymentEvent.Kind.FAILED, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void event(DeploymentEvent.Kind kind, String message) {
        backends.event(workflow.name(), Step.OPEN_TUNNELS, kind, message);
    }
}
