package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.report.ScrapeTarget;
import org.jlab.jiriaf.jrm.report.ScrapeTargets;

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

    /**
     * Sorts ports by node, to be applied with {@link Fabric8MetricsMonitor#apply}.
     *
     * @param targets the ports
     * @return one value per node
     * @throws IllegalArgumentException if the address of a port is no IP address
     */
    public static List<MetricsEndpoints> allOf(ScrapeTargets targets) {
        Map<String, List<ScrapeTarget>> nodes = new LinkedHashMap<>();
        for (ScrapeTarget target : targets.targets()) {
            nodes.computeIfAbsent(target.workflow() + " " + target.node(), key -> new ArrayList<>())
                    .add(target);
        }
        return nodes.values().stream().map(MetricsEndpoints::ofNode).toList();
    }

    private static MetricsEndpoints ofNode(List<ScrapeTarget> targets) {
        ScrapeTarget first = targets.get(0);
        return new MetricsEndpoints(
                first.node(),
                first.site(),
                first.workflow(),
                first.address().host(),
                targets.stream()
                        .map(target -> new Port(
                                target.address().port(),
                                target.originalPort(),
                                target.kind() == ScrapeTarget.Kind.KUBELET))
                        .toList());
    }
}
