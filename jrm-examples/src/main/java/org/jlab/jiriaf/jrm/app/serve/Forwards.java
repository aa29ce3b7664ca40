package org.jlab.jiriaf.jrm.app.serve;

import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/** All forwards that are known of: those held here with their state, those of other processes by the journal. Thread-safe. */
final class Forwards {

    private final ServiceDependencies parts;
    private final ManualForwards handHeld;
    private final ProcessIdentity self;

    private final TunnelRemarks remarks;

    /**
     * Makes it.
     *
     * @param remarks remarks on deployments whose tunnels are down
     */
    Forwards(ServiceDependencies parts, ManualForwards handHeld, ProcessIdentity self, TunnelRemarks remarks) {
        this.remarks = remarks;
        this.parts = parts;
        this.handHeld = handHeld;
        this.self = self;
    }

    /** Those of all deployments, and those opened by hand. */
    List<ForwardView> all() {
        List<ForwardView> views = new ArrayList<>();
        for (DeploymentRecord record : parts.store().deploymentJournal().list()) {
            views.addAll(of(record));
        }
        views.addAll(handHeld.views(ForwardView.holder(self)));
        return views;
    }

    /** Those of one deployment. */
    List<ForwardView> of(Workflow workflow) {
        return parts.store()
                .deploymentJournal()
                .find(workflow.name())
                .map(this::of)
                .orElse(List.of());
    }

    private List<ForwardView> of(DeploymentRecord record) {
        for (Deployment here : parts.jrm().held()) {
            if (here.name().equals(record.name())) {
                return here.tunnels().stream()
                        .map(tunnel -> here(tunnel, record))
                        .toList();
            }
        }
        boolean gone = record.owner().isKnownDead(self.host()) || record.owner().equals(self);
        return ForwardView.elsewhere(
                record, gone, remarks.of(record.name(), record.workflowId()).orElse(null));
    }

    private ForwardView here(Tunnel tunnel, DeploymentRecord record) {
        return ForwardView.here(
                tunnel.forward(),
                purpose(tunnel, record),
                record.name(),
                record.workflowId(),
                record.route().login().toString(),
                tunnel.state(),
                ForwardView.holder(self));
    }

    private static ForwardPurpose purpose(Tunnel tunnel, DeploymentRecord record) {
        return record.forwards().stream()
                .filter(forward -> forward.forward().equals(tunnel.forward()))
                .map(DeploymentForward::purpose)
                .findFirst()
                .orElse(ForwardPurpose.NOT_KNOWN);
    }
}
