package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What there is to scrape on one node.
 *
 * @param node name of the node
 * @param site site name, a Kubernetes label value
 * @param workflow id of its workflow
 * @param address IP address at which its ports are reached
 * @param ports the ports
 */
public record MetricsEndpoints(String node, String site, int workflow, String address, List<Port> ports) {

    private static final Pattern IP_ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    /**
     * One port.
     *
     * @param number the port at {@link MetricsEndpoints#address}
     * @param original the port on the compute node
     * @param kubelet whether the JRM's kubelet answers there, by https, rather than an application by http
     */
    public record Port(int number, int original, boolean kubelet) {

        /** The name that endpoint slice and monitor have for it. */
        String name() {
            return kubelet ? "kubelet" : "custom-" + original;
        }
    }

    /** Checks and copies. */
    public MetricsEndpoints {
        if (!IP_ADDRESS.matcher(address).matches()) {
            throw new IllegalArgumentException("address of node " + node
                    + " must be an IP address, which is what an EndpointSlice takes, not '" + address + "'");
        }
        ports = List.copyOf(ports);
    }
}
