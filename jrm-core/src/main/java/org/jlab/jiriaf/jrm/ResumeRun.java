package org.jlab.jiriaf.jrm;

import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
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
    private final Deadline deadline;

    ResumeRun(Backends backends, DeploymentRecord record, Workflow workflow, Deadline deadline) {
        this.backends = backends;
        this.record = record;
        this.workflow = workflow;
        this.deadline = deadline;
    }

    /** Opens the tunnels; empty, with an event that says why, if that is not possible now. */
    Optional<Result> execute() {
        TunnelManager tunnels = backends.tunnels();
        if (tunnels == null) {
            event(DeploymentEvent.Kind.SKIPPED, "no tunnel manager");
            return Optional.empty();
        }
        event(DeploymentEvent.Kind.STARTED, "opening the forwards of workflow " + workflow.id() + " again");
        LoginSession session = null;
        try {
            leaseAgain();
            session = tunnels.connect(record.route(), deadline.remaining());
            List<Tunnel> opened = session.open(record.forwards(), deadline.remaining());
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
        backends.event(record.name(), Step.OPEN_TUNNELS, kind, message);
    }
}
