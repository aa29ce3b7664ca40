package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.List;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** The tunnels of a deployment being opened again, by a process that did not make it. Used once, by one thread. */
final class ResumeRun {

    /** What has been opened. */
    record Result(@Nullable LoginSession session, List<Tunnel> tunnels) {}

    private final Backends backends;
    private final DeploymentRecord record;
    private final Workflow workflow;
    private final SshRoute route;
    private final Deadline deadline;

    /**
     * Prepares it.
     *
     * @param route the way to the login node, with what there is to log in with
     */
    ResumeRun(Backends backends, DeploymentRecord record, Workflow workflow, SshRoute route, Deadline deadline) {
        this.backends = backends;
        this.record = record;
        this.workflow = workflow;
        this.route = route;
        this.deadline = deadline;
    }

    /**
     * Opens the tunnels.
     *
     * @throws JrmException if that is not possible now; an event has told why
     */
    Result execute() {
        TunnelManager tunnels = backends.tunnels();
        if (tunnels == null) {
            event(DeploymentEvent.Kind.SKIPPED, "no tunnel manager");
            throw new JrmException("there is no tunnel manager", null, false);
        }
        event(DeploymentEvent.Kind.STARTED, "opening the forwards of workflow " + workflow.id() + " again");
        LoginSession session = null;
        try {
            leaseAgain();
            session = connect(tunnels);
            List<Tunnel> opened = session.open(
                    record.forwards().stream().map(DeploymentForward::forward).toList(), deadline.remaining());
            event(DeploymentEvent.Kind.DONE, opened.size() + " forwards up");
            return new Result(session, opened);
        } catch (JrmException e) {
            if (session != null) {
                session.close();
            }
            event(DeploymentEvent.Kind.FAILED, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private LoginSession connect(TunnelManager tunnels) {
        try {
            return tunnels.connect(route, deadline.remaining());
        } catch (TunnelException e) {
            if (e.reason() == TunnelException.Reason.AUTHENTICATION_REFUSED && isWithoutCredentials()) {
                throw new TunnelException(
                        e.reason(),
                        null,
                        e.getMessage() + ". A password is never stored: if the site takes one, resume workflow "
                                + workflow.id() + " with its site file",
                        e);
            }
            throw e;
        }
    }

    private boolean isWithoutCredentials() {
        return route.key() == null && route.password() == null;
    }

    private void leaseAgain() {
        List<Integer> lost = new LeaseKeeper(backends, record).keep();
        if (!lost.isEmpty()) {
            throw new JrmException(
                    "somebody else has leased " + lost + " of its ports meanwhile; delete workflow " + workflow.id()
                            + " and deploy again",
                    null,
                    false);
        }
    }

    private void event(DeploymentEvent.Kind kind, String message) {
        backends.event(record.name(), DeploymentStep.OPEN_TUNNELS, kind, message);
    }
}
