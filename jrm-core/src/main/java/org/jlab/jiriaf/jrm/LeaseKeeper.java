package org.jlab.jiriaf.jrm;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.batch.JrmNode;
import org.jlab.jiriaf.jrm.batch.MappedPort;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/** Keeps the ports of a deployment that lives leased. */
final class LeaseKeeper {

    private final Backends backends;
    private final String name;
    private final List<String> hosts;

    /**
     * Makes a keeper.
     *
     * @param name name of the deployment
     * @param hosts control plane and login node
     */
    LeaseKeeper(Backends backends, String name, List<String> hosts) {
        this.backends = backends;
        this.name = name;
        this.hosts = hosts;
    }

    /** The keeper of a deployment that is in the journal. */
    static LeaseKeeper of(Backends backends, DeploymentRecord record) {
        return new LeaseKeeper(
                backends,
                record.name(),
                List.of(record.owner().host(), record.route().login().host()));
    }

    static List<Integer> ports(Workflow workflow) {
        List<JrmNode> nodes = JrmNode.allOf(workflow);
        List<Integer> ports = new ArrayList<>(kubeletPorts(nodes));
        ports.addAll(mappedPorts(nodes));
        return ports;
    }

    private static List<Integer> kubeletPorts(List<JrmNode> nodes) {
        return nodes.stream().map(JrmNode::kubeletPort).toList();
    }

    private static List<Integer> mappedPorts(List<JrmNode> nodes) {
        return nodes.stream()
                .flatMap(node -> node.customMetrics().stream())
                .map(MappedPort::mapped)
                .toList();
    }

    /**
     * Extends the leases; those which expired while nobody extended them are taken anew, since the nodes go on using the ports.
     *
     * @return the ports that somebody else has leased meanwhile
     */
    List<Integer> keep(List<JrmNode> nodes) {
        Set<Integer> leased = new HashSet<>();
        backends.ports().renew(name, backends.settings().leaseValidity()).forEach(lease -> leased.add(lease.port()));
        List<Integer> lost = new ArrayList<>(reclaim(kubeletPorts(nodes), DeployRun.KUBELET, leased));
        lost.addAll(reclaim(mappedPorts(nodes), DeployRun.CUSTOM_METRICS, leased));
        return lost;
    }

    private List<Integer> reclaim(List<Integer> ports, String purpose, Set<Integer> leased) {
        List<Integer> missing = new ArrayList<>(ports);
        missing.removeAll(leased);
        if (!missing.isEmpty()) {
            missing.removeAll(backends.ports().reclaim(hosts, List.copyOf(missing), name, purpose).stream()
                    .map(PortLease::port)
                    .toList());
        }
        return missing;
    }
}
