package org.jlab.jiriaf.jrm.site;

import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.internal.Checks;

/**
 * The {@code jrm} block of a site file, defaults filled in.
 *
 * @param nodename prefix of the node names
 * @param site site name: FireWorks category of the site's worker, and the node's site label
 * @param profile how the site runs things
 * @param controlPlaneIp name or address of the control plane, for the record
 * @param apiserverPort port of the Kubernetes API server, the same on control plane, login node and compute node
 * @param kubeconfig path, on the site, of the kubeconfig that the JRMs use
 * @param image container image that holds {@code /vk-cmd}
 * @param vkubeletPodIps addresses under which the nodes are known, one per node; if shorter than the number of nodes, the
 *     rest get the first
 * @param customMetricsPorts ports on every node on which applications serve metrics
 * @param drain how long before their end, or from an early warning on, JRMs have to end their pods; zero for the few seconds
 *     that they get in any case
 */
public record JrmSettings(
        String nodename,
        String site,
        SiteProfile profile,
        String controlPlaneIp,
        int apiserverPort,
        String kubeconfig,
        String image,
        List<String> vkubeletPodIps,
        List<CustomMetricsPort> customMetricsPorts,
        Duration drain) {

    /**
     * Settings without time to drain.
     *
     * @param nodename prefix of the node names
     * @param site site name
     * @param profile how the site runs things
     * @param controlPlaneIp name or address of the control plane
     * @param apiserverPort port of the Kubernetes API server
     * @param kubeconfig path, on the site, of the kubeconfig
     * @param image container image
     * @param vkubeletPodIps addresses under which the nodes are known
     * @param customMetricsPorts ports on which applications serve metrics
     */
    public JrmSettings(
            String nodename,
            String site,
            SiteProfile profile,
            String controlPlaneIp,
            int apiserverPort,
            String kubeconfig,
            String image,
            List<String> vkubeletPodIps,
            List<CustomMetricsPort> customMetricsPorts) {
        this(
                nodename,
                site,
                profile,
                controlPlaneIp,
                apiserverPort,
                kubeconfig,
                image,
                vkubeletPodIps,
                customMetricsPorts,
                Duration.ZERO);
    }

    /** Checks and copies. */
    public JrmSettings {
        Checks.notBlank(nodename, "jrm.nodename");
        Checks.notBlank(site, "jrm.site");
        Checks.port(apiserverPort, "jrm.apiserver_port");
        vkubeletPodIps = List.copyOf(vkubeletPodIps);
        if (vkubeletPodIps.isEmpty()) {
            throw new IllegalArgumentException("jrm.vkubelet_pod_ips must name at least one address");
        }
        customMetricsPorts = List.copyOf(customMetricsPorts);
        if (drain.isNegative()) {
            throw new IllegalArgumentException("jrm.drain must not be negative: " + drain);
        }
    }

    /**
     * The address under which a node is known.
     *
     * @param index number of the node, from 0
     * @return its VKUBELET_POD_IP
     */
    public String vkubeletPodIp(int index) {
        return index < vkubeletPodIps.size() ? vkubeletPodIps.get(index) : vkubeletPodIps.get(0);
    }
}
