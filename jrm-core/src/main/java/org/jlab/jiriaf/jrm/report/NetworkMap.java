package org.jlab.jiriaf.jrm.report;

import java.util.Locale;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;

/** The forwards of a deployment as a picture in text: control plane, login node, compute nodes, and who connects to whom. */
public final class NetworkMap {

    private NetworkMap() {}

    /**
     * Draws the map.
     *
     * @param plan the deployment
     * @return one line per forward; arrows point from who connects to who answers
     */
    public static String of(DeploymentPlan plan) {
        StringBuilder map = new StringBuilder();
        boolean nodeTunnels = plan.site().jrm().profile().nodeTunnels();
        String route = plan.site().ssh().route().describe();
        map.append("SSH from the control plane to ").append(route);
        map.append(nodeTunnels ? ", and from each compute node to the login node\n" : "\n");
        line(
                map,
                "CONTROL PLANE",
                "",
                nodeTunnels ? "LOGIN NODE" : "HOST OF THE JRM",
                "",
                nodeTunnels ? "COMPUTE NODES" : "");
        remote(map, plan.launchpadForward(), "LaunchPad", nodeTunnels ? "first node" : "");
        remote(map, plan.apiserverForward(), "API server", nodeTunnels ? "every node" : "");
        for (JrmNode node : plan.nodes()) {
            String end = node.name() + ":" + node.kubeletPort() + " kubelet";
            local(map, plan.kubeletForward(node), nodeTunnels ? end : "", nodeTunnels ? "" : end);
            for (MappedPort port : node.customMetrics()) {
                end = node.name() + ":" + port.original();
                local(map, plan.customMetricsForward(port), nodeTunnels ? end : "", nodeTunnels ? "" : end);
            }
        }
        return map.toString();
    }

    private static void remote(StringBuilder map, Forward forward, String what, String from) {
        line(
                map,
                forward.target().port() + " " + what,
                "<------ -R --",
                end(forward.bind(), ""),
                from.isEmpty() ? "" : "<-- -L ------",
                from.isEmpty() ? "" : "localhost:" + forward.bind().port() + " on " + from);
    }

    private static void local(StringBuilder map, Forward forward, String node, String host) {
        line(
                map,
                forward.bind().toString(),
                "-- -L ------>",
                end(forward.target(), host),
                node.isEmpty() ? "" : "------ -R -->",
                node);
    }

    private static String end(Endpoint endpoint, String name) {
        return name.isEmpty() ? endpoint.toString() : name;
    }

    private static void line(StringBuilder map, String... cells) {
        map.append(String.format(Locale.ROOT, "%-24s %-14s %-20s %-14s %s", (Object[]) cells)
                        .stripTrailing())
                .append('\n');
    }
}
