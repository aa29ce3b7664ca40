package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/** Waits for the nodes of a deployment, and stops waiting when its workflow ends before they come. */
public final class NodeReadyWait {

    private static final Duration STATE_INTERVAL = Duration.ofSeconds(1);

    private final Backends backends;
    private final Deployment deployment;

    public NodeReadyWait(Backends backends, Deployment deployment) {
        this.backends = backends;
        this.deployment = deployment;
    }

    public void await(Duration timeout) {
        NodeManager nodes = backends.nodes();
        if (nodes == null) {
            event(DeploymentEvent.Kind.SKIPPED, "no node manager");
            return;
        }
        List<String> names = deployment.nodes().stream().map(JrmNode::name).toList();
        event(DeploymentEvent.Kind.STARTED, names.size() + " nodes");
        ExecutorService executor =
                Executors.newSingleThreadExecutor(task -> new Thread(task, "jrm-await-" + deployment.workflowId()));
        try {
            Future<?> ready = executor.submit(() -> nodes.awaitReady(names, timeout, this::report));
            await(ready);
            event(DeploymentEvent.Kind.DONE, names.size() + " nodes Ready");
        } catch (DeploymentException e) {
            event(DeploymentEvent.Kind.FAILED, String.valueOf(e.getMessage()));
            throw e;
        } finally {
            executor.shutdownNow();
        }
    }

    private void await(Future<?> ready) {
        WorkflowState last = null;
        while (true) {
            try {
                ready.get(STATE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                last = watchState(last);
            } catch (ExecutionException e) {
                throw failure(
                        String.valueOf(
                                e.getCause() == null
                                        ? e.getMessage()
                                        : e.getCause().getMessage()),
                        e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failure("the waiting thread was interrupted; the deployment goes on", e);
            }
        }
    }

    private WorkflowState watchState(@org.jspecify.annotations.Nullable WorkflowState last) {
        Workflow workflow = deployment.workflow();
        WorkflowState state = workflow.state();
        if (state != last) {
            event(DeploymentEvent.Kind.PROGRESS, "workflow " + workflow.id() + " is " + state);
        }
        if (state.isOver()) {
            throw failure(
                    "workflow " + workflow.id() + " is " + state
                            + " before all nodes were Ready; look into its launch folder"
                            + (workflow.launch() == null
                                    ? ""
                                    : " " + workflow.launch().launchDir()),
                    null);
        }
        return state;
    }

    private void report(NodeStatus node) {
        event(
                DeploymentEvent.Kind.PROGRESS,
                node.name() + (node.ready() ? " is Ready" : " is not Ready: " + node.reason()));
    }

    private DeploymentException failure(String message, @org.jspecify.annotations.Nullable Throwable cause) {
        return new DeploymentException(deployment.name(), DeploymentStep.AWAIT_NODES, message, cause);
    }

    private void event(DeploymentEvent.Kind kind, String message) {
        backends.event(deployment.name(), DeploymentStep.AWAIT_NODES, kind, message);
    }
}
