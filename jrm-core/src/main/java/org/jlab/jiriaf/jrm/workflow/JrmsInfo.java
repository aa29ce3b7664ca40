package org.jlab.jiriaf.jrm.workflow;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a workflow says of its JRMs, {@code spec.jrms_info}. Existing tools read it.
 *
 * @param nodenames names of the nodes
 * @param jrmPorts kubelet ports, in the order of the nodes
 * @param apiserverPort port of the API server
 * @param kubeconfig path of the kubeconfig at the site
 * @param controlPlaneIp name or address of the control plane
 * @param vkubeletPodIps addresses of the nodes, in their order
 * @param site site name
 * @param image container image
 * @param mappedCustomMetricsPorts mapped port to the port on the node, of all nodes
 */
public record JrmsInfo(
        List<String> nodenames,
        List<Integer> jrmPorts,
        int apiserverPort,
        String kubeconfig,
        String controlPlaneIp,
        List<String> vkubeletPodIps,
        String site,
        String image,
        SortedMap<Integer, Integer> mappedCustomMetricsPorts) {

    /** Copies. */
    public JrmsInfo {
        nodenames = List.copyOf(nodenames);
        jrmPorts = List.copyOf(jrmPorts);
        vkubeletPodIps = List.copyOf(vkubeletPodIps);
        mappedCustomMetricsPorts = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(mappedCustomMetricsPorts));
    }
}
