package org.jlab.jiriaf.jrm.app.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.app.serve.QueueReasons;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.report.DeploymentProgress;
import org.jlab.jiriaf.jrm.report.WorkflowSummary;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** A deployment whose tunnels this command holds. Used by one thread. */
final class ForegroundDeployment {

    private final Deployer deployer;
    private final SiteConfig site;
    private final Deployment deployment;
    private final PrintWriter err;

    ForegroundDeployment(Deployer deployer, SiteConfig site, Deployment deployment, PrintWriter err) {
        this.deployer = deployer;
        this.site = site;
        this.deployment = deployment;
        this.err = err;
    }

    /** Holds it, telling how far it has come, until the user has enough or another process deletes it. */
    void hold() {
        int id = deployment.workflowId();
        err.println("Holding " + deployment.tunnels().size() + " tunnels until Ctrl-C. The workflow stays then;"
                + " 'jrm delete_wf " + id + "' ends it.");
        err.flush();
        try (QueueReasons queue = new QueueReasons(deployer.tunnels())) {
            new Progress(() -> progress(queue), err)
                    .followWhile(() -> deployer.jrm().held().contains(deployment));
            err.println("The deployment has been taken down.");
        } catch (InterruptedException e) {
            err.println("The tunnels close; workflow " + id + " stays.");
        }
    }

    private DeploymentProgress progress(QueueReasons queue) {
        Workflow workflow = deployment.workflow();
        return new DeploymentProgress(
                WorkflowSummary.of(workflow, readyNodes(), null, Instant.now()),
                queue.of(workflow, site.ssh().route()).orElse(null));
    }

    private @Nullable Set<String> readyNodes() {
        NodeManager nodes = deployer.nodes();
        if (nodes == null) {
            return null;
        }
        List<String> names = deployment.nodes().stream().map(JrmNode::name).toList();
        return nodes.list(names).stream()
                .filter(NodeStatus::ready)
                .map(NodeStatus::name)
                .collect(Collectors.toSet());
    }
}
