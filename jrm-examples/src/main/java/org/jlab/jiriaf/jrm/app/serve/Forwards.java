package org.jlab.jiriaf.jrm.app.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** All forwards that are known of: those held here with their state, those of other processes by the journal. Thread-safe. */
final class Forwards {

    private final ServiceDependencies parts;
    private final ManualForwards handHeld;
    private final ProcessIdentity self;

    private final Function<String, Optional<String>> refusals;

    /**
     * Makes it.
     *
     * @param refusals why tunnels could not be taken up here, by name of the deployment
     */
    Forwards(
            ServiceDependencies parts,
            ManualForwards handHeld,
            ProcessIdentity self,
            Function<String, Optional<String>> refusals) {
        this.refusals = refusals;
        this.parts = parts;
        this.handHeld = handHeld;
        this.self = self;
    }

    /** Those of all deployments, and those opened by hand. */
    List<ForwardView> all() {
        Map<String, Workflow> workflows = parts.jrm().workflows().stream()
                .collect(Collectors.toMap(Workflow::name, Function.identity(), (first, second) -> second));
        List<ForwardView> views = new ArrayList<>();
        for (DeploymentRecord record : parts.store().deploymentJournal().list()) {
            views.addAll(of(record, workflows.get(record.name())));
        }
        views.addAll(handHeld.views(ForwardView.holder(self)));
        return views;
    }

    /** Those of one deployment. */
    List<ForwardView> of(Workflow workflow) {
        return parts.store()
                .deploymentJournal()
                .find(workflow.name())
                .map(record -> of(record, workflow))
                .orElse(List.of());
    }

    private List<ForwardView> of(DeploymentRecord record, @Nullable Workflow workflow) {
        for (Deployment here : parts.jrm().held()) {
            if (here.name().equals(record.name())) {
                return here.tunnels().stream()
                        .map(tunnel -> here(tunnel, record, workflow))
                        .toList();
            }
        }
        boolean gone = record.owner().isKnownDead(self.host()) || record.owner().equals(self);
        return ForwardView.elsewhere(
                record, workflow, gone, refusals.apply(record.name()).orElse(null));
    }

    private ForwardView here(Tunnel tunnel, DeploymentRecord record, @Nullable Workflow workflow) {
        return ForwardView.here(
                tunnel.forward(),
                ForwardView.Purpose.of(tunnel.forward(), workflow),
                record.name(),
                record.workflowId(),
                record.route().login().toString(),
                tunnel.state(),
                ForwardView.holder(self));
    }
}
