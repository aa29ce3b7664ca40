package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;

/** Keeps the ports of a deployment that lives leased: those on which its forwards listen on this host. */
public final class LeaseKeeper {

    private final Backends backends;
    private final DeploymentRecord record;

    LeaseKeeper(Backends backends, DeploymentRecord record) {
        this.backends = backends;
        this.record = record;
    }

    public static List<Integer> ports(DeploymentRecord record) {
        return record.forwards().stream()
                .filter(DeploymentForward::isLocal)
                .map(DeploymentForward::port)
                .toList();
    }

    /**
     * Extends the leases; those which expired while nobody extended them are taken anew, since the nodes go on using the ports.
     *
     * @return the ports that somebody else has leased meanwhile
     */
    List<Integer> keep() {
        Set<Integer> leased = new HashSet<>();
        backends.ports()
                .renew(record.name(), backends.settings().leaseValidity())
                .forEach(lease -> leased.add(lease.port()));
        List<Integer> missing = new ArrayList<>(ports(record));
        missing.removeAll(leased);
        List<Integer> kubelet = record.forwards().stream()
                .filter(forward -> forward.purpose().kind() == ForwardPurpose.Kind.METRICS)
                .map(DeploymentForward::port)
                .filter(missing::contains)
                .toList();
        List<Integer> custom = new ArrayList<>(missing);
        custom.removeAll(kubelet);
        missing.removeAll(reclaim(kubelet, DeployRun.KUBELET));
        missing.removeAll(reclaim(custom, DeployRun.CUSTOM_METRICS));
        return missing;
    }

    private List<Integer> reclaim(List<Integer> ports, String purpose) {
        if (ports.isEmpty()) {
            return List.of();
        }
        List<String> hosts =
                List.of(record.owner().host(), record.route().login().host());
        return backends.ports().reclaim(hosts, ports, record.name(), purpose).stream()
                .map(PortLease::port)
                .toList();
    }
}
