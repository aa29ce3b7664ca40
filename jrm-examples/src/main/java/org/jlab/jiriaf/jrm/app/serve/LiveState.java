package org.jlab.jiriaf.jrm.app.serve;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;
import org.jlab.jiriaf.jrm.report.WorkflowSummary;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowListener;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jlab.jiriaf.jrm.workflow.WorkflowWatch;
import org.jspecify.annotations.Nullable;

/**
 * Follows workflows and nodes, and tells the hub what changes. One watch each, however many clients there are. Thread-safe.
 */
final class LiveState implements AutoCloseable {

    private final EventHub hub;
    private final TunnelRemarks remarks;
    private final Map<Integer, Workflow> workflows = new HashMap<>();
    private final Map<String, NodeStatus> nodes = new HashMap<>();
    private boolean nodesKnown;
    private boolean launchpadKnown = true;
    private final WorkflowWatch workflowWatch;
    private final @Nullable NodeWatch nodeWatch;

    /**
     * Begins to follow.
     *
     * @param remarks remarks on deployments whose tunnels are down
     */
    LiveState(EventHub hub, WorkflowStore store, @Nullable NodeManager nodeManager, TunnelRemarks remarks) {
        this.hub = hub;
        this.remarks = remarks;
        this.nodeWatch = nodeManager == null ? null : nodeManager.watch(new Nodes());
        this.workflowWatch = store.watch(new Workflows());
    }

    /** The nodes that there are, by name; null if that is not known. */
    synchronized @Nullable Map<String, NodeStatus> nodes() {
        return nodesKnown ? Map.copyOf(nodes) : null;
    }

    /** Names of the nodes that are Ready; null if that is not known. */
    synchronized @Nullable Set<String> readyNodes() {
        if (!nodesKnown) {
            return null;
        }
        Set<String> ready = new HashSet<>();
        nodes.values().stream().filter(NodeStatus::ready).map(NodeStatus::name).forEach(ready::add);
        return ready;
    }

    /** A workflow at a glance, as of now. */
    WorkflowSummary summary(Workflow workflow) {
        return WorkflowSummary.of(
                workflow,
                readyNodes(),
                remarks.of(workflow.name(), workflow.id()).orElse(null),
                Instant.now());
    }

    /** Whether the LaunchPad answered when it was last asked. */
    synchronized boolean isLaunchpadReachable() {
        return launchpadKnown;
    }

    /** Takes in what this service itself did, before the watch comes to see it. */
    synchronized void changed(Workflow workflow) {
        workflows.put(workflow.id(), workflow);
        tell(workflow);
    }

    /** Takes in that this service itself deleted a workflow, which a watch that looks now and then may never have seen. */
    synchronized void deleted(Workflow workflow) {
        workflows.remove(workflow.id());
        hub.publish("deleted", workflow.id(), workflow.name(), Map.of("id", workflow.id()));
    }

    private synchronized void tell(Workflow workflow) {
        hub.publish("workflow", workflow.id(), workflow.name(), summary(workflow));
    }

    private synchronized void reachable(boolean reachable, String message) {
        if (launchpadKnown != reachable) {
            launchpadKnown = reachable;
            hub.publish("launchpad", null, null, Map.of("reachable", reachable, "message", message));
        }
    }

    private final class Workflows implements WorkflowListener {

        @Override
        public void changed(Workflow workflow) {
            synchronized (LiveState.this) {
                reachable(true, "");
                LiveState.this.changed(workflow);
            }
        }

        @Override
        public void deleted(int id) {
            synchronized (LiveState.this) {
                reachable(true, "");
                Workflow gone = workflows.get(id);
                if (gone != null) {
                    LiveState.this.deleted(gone);
                }
            }
        }

        @Override
        public void failed(WorkflowStoreException failure) {
            reachable(false, String.valueOf(failure.getMessage()));
        }
    }

    private final class Nodes implements NodeListener {

        @Override
        public void changed(NodeStatus node) {
            synchronized (LiveState.this) {
                NodeStatus before = nodes.put(node.name(), node);
                // Nodes report themselves every few seconds; only news is told.
                if (nodesKnown && (before == null || before.ready() != node.ready())) {
                    tellOf(node.name(), node.ready(), node.describe());
                }
            }
        }

        @Override
        public void removed(String name) {
            synchronized (LiveState.this) {
                if (nodes.remove(name) != null && nodesKnown) {
                    tellOf(name, false, "deleted");
                }
            }
        }

        @Override
        public void synced() {
            synchronized (LiveState.this) {
                if (!nodesKnown) {
                    nodesKnown = true;
                    workflows.values().forEach(LiveState.this::tell);
                }
            }
        }

        @Override
        public void disconnected(NodeException failure) {
            synchronized (LiveState.this) {
                if (nodesKnown) {
                    nodesKnown = false;
                    workflows.values().forEach(LiveState.this::tell);
                }
            }
        }

        private void tellOf(String name, boolean ready, String description) {
            Workflow owner = workflows.values().stream()
                    .filter(workflow -> isNodeOf(name, workflow))
                    .findFirst()
                    .orElse(null);
            hub.publish(
                    "node",
                    owner == null ? null : owner.id(),
                    owner == null ? null : owner.name(),
                    Map.of("name", name, "ready", ready, "description", description));
            if (owner != null) {
                tell(owner);
            }
        }

        private static boolean isNodeOf(String name, Workflow workflow) {
            JrmsInfo jrms = workflow.jrms();
            return jrms != null && jrms.nodenames().contains(name);
        }
    }

    @Override
    public void close() {
        workflowWatch.close();
        if (nodeWatch != null) {
            nodeWatch.close();
        }
    }
}
