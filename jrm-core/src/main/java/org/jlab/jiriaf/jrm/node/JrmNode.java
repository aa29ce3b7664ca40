package org.jlab.jiriaf.jrm.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jlab.jiriaf.jrm.internal.Checks;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/**
 * One JRM of a deployment.
 *
 * @param name name of its Kubernetes node
 * @param kubeletPort port of its kubelet, the same on control plane, login node and compute node
 * @param podIp VKUBELET_POD_IP, the node's InternalIP
 * @param customMetrics its custom metrics ports
 */
public record JrmNode(String name, int kubeletPort, String podIp, List<MappedPort> customMetrics) {

    /** Checks and copies. */
    public JrmNode {
        Checks.notBlank(name, "name of a node");
        Checks.port(kubeletPort, "kubelet port");
        Checks.notBlank(podIp, "pod IP of a node");
        customMetrics = List.copyOf(customMetrics);
    }

    /**
     * Reads the JRMs of a workflow, whoever stored it.
     *
     * @param workflow the workflow
     * @return its JRMs as far as it tells of them; none if it is not a deployment
     */
    public static List<JrmNode> allOf(Workflow workflow) {
        JrmsInfo jrms = workflow.jrms();
        if (jrms == null) {
            return List.of();
        }
        List<SshInfo.Entry> custom =
                workflow.ssh() == null ? List.of() : workflow.ssh().customMetrics();
        List<JrmNode> nodes = new ArrayList<>();
        int count = Math.min(jrms.nodenames().size(), jrms.jrmPorts().size());
        for (int i = 0; i < count; i++) {
            String name = jrms.nodenames().get(i);
            List<MappedPort> ports = custom.stream()
                    .filter(entry -> entry.nodename().equals(name))
                    .map(entry -> new MappedPort(
                            entry.port(), Objects.requireNonNullElse(entry.customMetricsPort(), entry.port())))
                    .toList();
            nodes.add(new JrmNode(name, jrms.jrmPorts().get(i), podIp(jrms.vkubeletPodIps(), i), ports));
        }
        return nodes;
    }

    /** Other tools may store fewer addresses than nodes: the first then stands for the rest. Without any it is this host. */
    private static String podIp(List<String> podIps, int index) {
        if (podIps.isEmpty()) {
            return "localhost";
        }
        return podIps.get(index < podIps.size() ? index : 0);
    }
}
