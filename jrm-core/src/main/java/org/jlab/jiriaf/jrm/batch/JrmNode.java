package org.jlab.jiriaf.jrm.batch;

import java.util.List;
import org.jlab.jiriaf.jrm.internal.Checks;

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
}
