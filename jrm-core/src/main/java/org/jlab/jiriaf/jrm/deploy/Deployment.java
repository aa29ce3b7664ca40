package org.jlab.jiriaf.jrm.deploy;

import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/** A deployment that this process holds: its workflow is in the store and its tunnels are here. Thread-safe. */
public final class Deployment {

    private final JrmDeployer deployer;
    private final int workflowId;
    private final String name;
    private final List<JrmNode> nodes;
    private final List<Tunnel> tunnels;

    public Deployment(JrmDeployer deployer, int workflowId, String name, List<JrmNode> nodes, List<Tunnel> tunnels) {
        this.deployer = deployer;
        this.workflowId = workflowId;
        this.name = name;
        this.nodes = List.copyOf(nodes);
        this.tunnels = List.copyOf(tunnels);
    }

    /**
     * The id of its workflow, by which users and agents know it.
     *
     * @return the id
     */
    public int workflowId() {
        return workflowId;
    }

    /**
     * Its name, also that of the workflow and the batch job.
     *
     * @return {@code <site>_<first node>}
     */
    public String name() {
        return name;
    }

    /**
     * Its JRMs.
     *
     * @return the nodes with their ports
     */
    public List<JrmNode> nodes() {
        return nodes;
    }

    /**
     * Its tunnels; empty without a tunnel manager.
     *
     * @return the tunnels
     */
    public List<Tunnel> tunnels() {
        return tunnels;
    }

    /**
     * Reads the workflow as it stands now.
     *
     * @return the workflow
     * @throws DeploymentException if it has been deleted
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    public Workflow workflow() {
        return deployer.workflow(workflowId);
    }

    /**
     * Waits until all nodes are Ready in Kubernetes. Blocks; can be interrupted. Without a node manager it returns at once and
     * an event says so.
     *
     * @param timeout how long it may take, the time in the batch queue included
     * @throws DeploymentException if a node is not Ready in time, or the workflow ends before (the message has its state); the
     *     deployment stays as it is
     */
    public void awaitReady(Duration timeout) {
        deployer.awaitReady(this, timeout);
    }

    @Override
    public String toString() {
        return name() + " (workflow " + workflowId + ")";
    }
}
