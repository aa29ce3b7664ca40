package org.jlab.jiriaf.jrm.port;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What an operator has to know when a range does not hold enough free ports. */
final class Shortage {

    private static final int OWNERS_NAMED = 5;
    private static final int PORTS_NAMED = 10;

    private final PortRequest request;
    private final List<PortLease> leases;
    private final Set<Integer> excluded;
    private final Set<Integer> inUse;
    private final Set<Integer> taken;

    Shortage(
            PortRequest request, Set<Integer> excluded, Collection<Integer> refusedByProbe, List<PortLease> allLeases) {
        this.request = request;
        PortRange range = request.range();
        leases = allLeases.stream()
                .filter(lease -> range.contains(lease.port()) && concerns(lease, request.hosts()))
                .toList();
        Set<Integer> leased = leases.stream().map(PortLease::port).collect(Collectors.toSet());
        this.excluded = within(range, excluded, leased);
        inUse = within(range, refusedByProbe, leased);
        taken = within(range, request.taken(), leased);
    }

    /** A lease stands in the way if it holds the port on any of the hosts. */
    private static boolean concerns(PortLease lease, Collection<String> hosts) {
        return lease.hosts().stream().anyMatch(hosts::contains);
    }

    static Set<Integer> leasedPorts(Collection<PortLease> leases, Collection<String> hosts) {
        return leases.stream()
                .filter(lease -> concerns(lease, hosts))
                .map(PortLease::port)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<Integer> within(PortRange range, Collection<Integer> ports, Set<Integer> but) {
        return ports.stream()
                .filter(port -> range.contains(port) && !but.contains(port))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    String message(int found) {
        return "No " + request.count() + " free ports in " + request.range() + " on "
                + String.join(" and ", request.hosts())
                + " for " + request.purpose() + " of " + request.owner() + ": of "
                + request.range().size() + " ports "
                + (leases.size() - found) + " are leased" + owners() + ", " + inUse.size()
                + " are in use on this host by programs"
                + " that hold no lease" + some(inUse) + ", " + taken.size() + " are in use on "
                + request.hosts().get(request.hosts().size() - 1) + some(taken) + ", " + excluded.size()
                + " are excluded, "
                + found
                + " are free. Widen the range, run `release` to free the ports of deployments that are over, or end the"
                + " programs that hold them (`ss -tlnp` names those)";
    }

    private String owners() {
        Map<String, Long> byOwner = leases.stream()
                .filter(lease -> !lease.owner().equals(request.owner()))
                .collect(Collectors.groupingBy(PortLease::owner, Collectors.counting()));
        if (byOwner.isEmpty()) {
            return "";
        }
        Comparator<Map.Entry<String, Long>> most =
                Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey());
        String named = byOwner.entrySet().stream()
                .sorted(most)
                .limit(OWNERS_NAMED)
                .map(entry -> entry.getValue() + " by " + entry.getKey())
                .collect(Collectors.joining(", "));
        int others = byOwner.size() - OWNERS_NAMED;
        return " (" + named + (others > 0 ? ", the rest by " + others + " more" : "") + ")";
    }

    private static String some(Set<Integer> ports) {
        if (ports.isEmpty()) {
            return "";
        }
        Function<Integer, String> text = String::valueOf;
        String named = ports.stream().limit(PORTS_NAMED).map(text).collect(Collectors.joining(", "));
        return " (" + named + (ports.size() > PORTS_NAMED ? ", .." : "") + ")";
    }
}
