package org.jlab.jiriaf.jrm.app.serve;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortProbe;
import org.jlab.jiriaf.jrm.port.SocketPortProbe;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jspecify.annotations.Nullable;

/** Ports: which are free, as existing tools ask, and which jrm holds. */
final class PortOperations {

    /** Long enough to listen on a port that was asked for; nobody else is given it meanwhile. */
    private static final Duration HOLD = Duration.ofSeconds(60);

    private static final String OWNER = PortLease.NO_DEPLOYMENT + "get_port";

    private final ServiceDependencies parts;
    private final Forwards forwards;
    private final String hostName;

    /** A port that is leased. */
    record PortView(
            int port,
            String owner,
            String purpose,
            @Nullable Integer workflow,
            List<String> hosts,
            Instant expiresAt,
            ForwardView.@Nullable State state,
            @Nullable Instant since) {}

    private record Request(PortProbe probe, int start, int end) {}

    PortOperations(ServiceDependencies parts, Forwards forwards, String hostName) {
        this.parts = parts;
        this.forwards = forwards;
        this.hostName = hostName;
    }

    List<Operation> operations() {
        return List.of(
                Operation.get("/get_port/{ip}/{start}/{end}", this::first),
                Operation.get("/get_ports/{ip}/{start}/{end}", this::all),
                Operation.get("/tunnels", call -> Reply.json(forwards.all())),
                Operation.get("/ports", this::leases));
    }

    private Reply first(Call call) {
        Request request = request(call);
        Set<Integer> leased = leased();
        for (int port = request.start(); port <= request.end(); port++) {
            if (!leased.contains(port) && request.probe().isFree(port) && hold(port)) {
                return Reply.json(Map.of("port", port));
            }
        }
        return Reply.json(Map.of("error", "No available port found"));
    }

    private boolean hold(int port) {
        return !parts.store()
                .portLeases()
                .acquire(List.of(hostName), List.of(port), 1, OWNER, "asked for over HTTP", HOLD)
                .isEmpty();
    }

    private Reply all(Call call) {
        Request request = request(call);
        Set<Integer> leased = leased();
        List<Integer> free = new ArrayList<>();
        for (int port = request.start(); port <= request.end(); port++) {
            if (!leased.contains(port) && request.probe().isFree(port)) {
                free.add(port);
            }
        }
        return Reply.json(free.isEmpty() ? Map.of("error", "No available ports found") : Map.of("ports", free));
    }

    private Set<Integer> leased() {
        return parts.store().portLeases().list().stream()
                .filter(lease -> lease.hosts().contains(hostName))
                .map(PortLease::port)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Request request(Call call) {
        try {
            int start = call.number("start", 1, 65535);
            int end = call.number("end", 1, 65535);
            if (end < start) {
                throw new Problem(400, "end must not be less than start: " + start + " to " + end);
            }
            return new Request(
                    new SocketPortProbe(
                            List.of(address(String.valueOf(call.path().get("ip"))))),
                    start,
                    end);
        } catch (Problem problem) {
            // Existing tools look for this member.
            throw problem.with("error", String.valueOf(problem.getMessage()));
        }
    }

    /** Looks no names up: whoever asks would decide what this host asks the name service. */
    private static InetAddress address(String ip) {
        try {
            if (ip.equals("localhost")) {
                return InetAddress.getLoopbackAddress();
            }
            if (ip.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || (ip.contains(":") && ip.matches("[0-9A-Fa-f:.]+"))) {
                return InetAddress.getAllByName(ip)[0];
            }
        } catch (UnknownHostException e) {
            // Falls through to the message.
        }
        throw new Problem(400, "ip must be an address of this host, not '" + ip + "'");
    }

    private Reply leases(Call call) {
        Map<Integer, ForwardView> byPort = forwards.all().stream()
                .collect(Collectors.toMap(ForwardView::port, Function.identity(), (first, second) -> first));
        return Reply.json(parts.store().portLeases().list().stream()
                .map(lease -> view(lease, byPort.get(lease.port())))
                .toList());
    }

    /** A forward on the port of a lease belongs to it if both have the same owner. */
    private static PortView view(PortLease lease, @Nullable ForwardView onPort) {
        ForwardView forward = onPort != null && onPort.deployment().equals(lease.owner()) ? onPort : null;
        return new PortView(
                lease.port(),
                lease.owner(),
                lease.purpose(),
                forward == null ? null : forward.workflow(),
                lease.hosts(),
                lease.expiresAt(),
                forward == null ? null : forward.state(),
                forward == null ? null : forward.since());
    }
}
