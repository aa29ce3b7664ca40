package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.site.SshSettings;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jspecify.annotations.Nullable;

/** How a deployment is written down in a workflow, and what is read back from it. */
public final class WorkflowDrafts {

    private WorkflowDrafts() {}

    static WorkflowDraft draft(DeploymentPlan plan, BatchScripts scripts) {
        return new WorkflowDraft(
                plan.name(),
                plan.site().jrm().site(),
                scripts.queue(),
                scripts.tasks(),
                plan.jrmsInfo(),
                sshInfo(plan),
                Map.of());
    }

    public static List<String> nodeNames(Workflow workflow) {
        return workflow.jrms() == null ? List.of() : workflow.jrms().nodenames();
    }

    private static SshInfo sshInfo(DeploymentPlan plan) {
        Map<ForwardPurpose.Kind, List<SshInfo.Entry>> entries = plan.forwards().stream()
                .collect(Collectors.groupingBy(
                        forward -> forward.purpose().kind(),
                        Collectors.mapping(forward -> entry(plan, forward), Collectors.toList())));
        return new SshInfo(
                entries.getOrDefault(ForwardPurpose.Kind.METRICS, List.of()),
                entries.getOrDefault(ForwardPurpose.Kind.DB, List.of()).get(0),
                entries.getOrDefault(ForwardPurpose.Kind.APISERVER, List.of()).get(0),
                entries.getOrDefault(ForwardPurpose.Kind.CUSTOM_METRICS, List.of()));
    }

    private static SshInfo.Entry entry(DeploymentPlan plan, DeploymentForward forward) {
        SshSettings ssh = plan.site().ssh();
        return new SshInfo.Entry(
                "Command completed",
                "ssh -N " + forward.forward() + " " + ssh.route().login(),
                text(ssh.remoteProxy()),
                text(ssh.remote()),
                SshInfo.nodename(forward.purpose()),
                forward.port(),
                forward.purpose().originalPort());
    }

    private static @Nullable String text(@Nullable SshHop hop) {
        return hop == null ? null : hop.toString();
    }
}
