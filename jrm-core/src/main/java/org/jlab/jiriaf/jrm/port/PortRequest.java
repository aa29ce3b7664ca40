package org.jlab.jiriaf.jrm.port;

import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.internal.Checks;

/**
 * A wish for ports.
 *
 * @param hosts every host on which the port will be used; the lease covers all of them. For a metrics forward these are
 *     the control plane and the login node, which listen on the same number
 * @param owner who asks, usually the name of a deployment
 * @param purpose what for, as an operator would say it, such as {@code kubelet}
 * @param count how many ports, at least 1; all or none are given
 * @param range where they may come from
 * @param taken ports that are known to be in use on a host which the allocator cannot ask itself, such as the login
 *     node; never given
 */
public record PortRequest(
        List<String> hosts, String owner, String purpose, int count, PortRange range, Set<Integer> taken) {

    /** Checks and copies. */
    public PortRequest {
        hosts = List.copyOf(hosts);
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("hosts of a port request must name at least one host");
        }
        hosts.forEach(host -> Checks.notBlank(host, "host of a port request"));
        Checks.notBlank(owner, "owner of a port request");
        Checks.notBlank(purpose, "purpose of a port request");
        Checks.positive(count, "count of a port request");
        taken = Set.copyOf(taken);
    }
}
