package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.site.SshSettings;
import org.jlab.jiriaf.jrm.tunnel.Forward;
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
        List<SshInfo.Entry> metrics = new ArrayList<>();
        List<SshInfo.Entry> customMetrics = new ArrayList<>();
        for (JrmNode node : plan.nodes()) {
            metrics.add(entry(plan, plan.kubeletForward(node), node.name(), null));
            for (MappedPort port : node.customMetrics()) {
                customMetrics.add(entry(plan, plan.customMetricsForward(port), node.name(), port.original()));
            }
        }
        return new SshInfo(
                metrics,
                entry(plan, plan.launchpadForward(), "DB Connection", null),
                entry(plan, plan.apiserverForward(), "API Server", null),
                customMetrics);
    }

    private static SshInfo.Entry entry(
            DeploymentPlan plan, Forward forward, String nodename, @Nullable Integer customMetricsPort) {
        SshSettings ssh = plan.site().ssh();
        return new SshInfo.Entry(
                "Command completed",
                "ssh -N " + forward + " " + ssh.route().login(),
                text(ssh.remoteProxy()),
                text(ssh.remote()),
                nodename,
                forward.bind().port(),
                customMetricsPort);
    }

    private static @Nullable String text(@Nullable SshHop hop) {
        return hop == null ? null : hop.toString();
    }
}
