package org.jlab.jiriaf.jrm.app.serve;

import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;

/**
 * What the service is a layer over. None of it is closed by the service.
 *
 * @param jrm the deployer; its settings have a {@link DeploymentSettings#reconcileInterval()}, so that it resumes tunnels and
 *     cleans up by itself
 * @param store where it keeps workflows
 * @param tunnels what it opens tunnels with
 * @param nodes the cluster, or null
 * @param settings where it has things listen
 * @param events told by deployer and tunnel manager
 * @param launchpad the LaunchPad, as users know it
 */
public record ServiceDependencies(
        JrmDeployer jrm,
        WorkflowStore store,
        TunnelManager tunnels,
        @Nullable NodeManager nodes,
        DeploymentSettings settings,
        EventHub events,
        String launchpad) {}
