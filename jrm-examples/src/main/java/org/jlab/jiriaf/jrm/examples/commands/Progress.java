package org.jlab.jiriaf.jrm.examples.commands;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.Deployment;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.JrmNode;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmScheduler;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/** Says how far a deployment has come, whenever that changes, until all its nodes are Ready. Used by one thread. */
final class Progress {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Sites do not like to be asked for their queue all the time. */
    private static final Duration QUEUE_INTERVAL = Duration.ofSeconds(30);

    private final Deployer deployer;
    private final SiteConfig site;
    private final Deployment deployment;
    private final PrintWriter err;
    private String last = "";
    private String queue = "";
    private long lookedAtQueue = System.nanoTime() - QUEUE_INTERVAL.toNanos();
    private boolean complete;

    Progress(Deployer deployer, SiteConfig site, Deployment deployment, PrintWriter err) {
        this.deployer = deployer;
        this.site = site;
        this.deployment = deployment;
        this.err = err;
    }

    /** Looks, and tells what has changed. */
    void look() {
        if (complete) {
            return;
        }
        String now;
        try {
            now = describe(deployment.workflow());
        } catch (JrmException e) {
            now = "progress is not known: " + e.getMessage();
        }
        if (!now.equals(last)) {
            last = now;
            err.println(now);
            err.flush();
        }
    }

    private String describe(Workflow workflow) {
        return "workflow " + workflow.id() + " is " + workflow.state() + job(workflow) + nodes();
    }

    private String job(Workflow workflow) {
        Launch launch = workflow.launch();
        String jobId = launch == null ? null : launch.jobId();
        if (workflow.state() == WorkflowState.READY) {
            return ", waits for an agent of " + site.jrm().site();
        }
        if (jobId == null) {
            return "";
        }
        boolean waits = workflow.state() == WorkflowState.RESERVED
                && site.jrm().profile().scriptStart().isBatch();
        return ", job " + jobId + (waits ? queue(jobId) : "");
    }

    /** What the batch system says of a job that has not started. */
    private String queue(String jobId) {
        if (System.nanoTime() - lookedAtQueue < QUEUE_INTERVAL.toNanos()) {
            return queue;
        }
        lookedAtQueue = System.nanoTime();
        try (LoginSession session = deployer.tunnels().connect(site.ssh().route(), TIMEOUT)) {
            BatchJobStatus job =
                    new SlurmScheduler().find(session, List.of(jobId), TIMEOUT).get(jobId);
            queue = job == null ? "" : " " + job.state() + reason(job.reason());
        } catch (JrmException e) {
            queue = " (" + e.getMessage() + ")";
        }
        return queue;
    }

    private static String reason(@Nullable String reason) {
        return reason == null ? "" : " (" + reason + ")";
    }

    private String nodes() {
        NodeManager nodes = deployer.nodes();
        if (nodes == null) {
            return "";
        }
        List<String> names = deployment.nodes().stream().map(JrmNode::name).toList();
        long ready = nodes.list(names).stream().filter(NodeStatus::ready).count();
        complete = ready == names.size();
        return ", nodes ready " + ready + " of " + names.size();
    }
}
