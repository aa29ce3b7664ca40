package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jspecify.annotations.Nullable;

/**
 * Frees what deployments hold: their tunnels, as far as they are here, their ports and their nodes, in this order. It asks the
 * store and Kubernetes as often for many deployments as for one. Each step can be repeated. Used once, by one thread.
 */
final class ResourceRelease {

    /** A deployment to be freed. */
    record Holder(
            String name, List<String> nodeNames, @Nullable LocalDeployment held) {}

    private final Backends backends;
    private final List<Holder> holders;

    ResourceRelease(Backends backends, List<Holder> holders) {
        this.backends = backends;
        this.holders = holders;
    }

    /**
     * Frees everything.
     *
     * @throws DeploymentException if a step fails; those after it are not tried
     */
    void free() {
        closeTunnels();
        releasePorts();
        deleteNodes();
    }

    private void closeTunnels() {
        step(DeploymentStep.CLOSE_TUNNELS, () -> {
            Map<String, String> outcomes = new HashMap<>();
            for (Holder holder : holders) {
                LocalDeployment held = holder.held();
                if (held == null || held.session() == null) {
                    outcomes.put(holder.name(), "this process holds none of its tunnels");
                } else {
                    held.closeTunnels();
                    outcomes.put(holder.name(), held.deployment().tunnels().size() + " forwards");
                }
            }
            return holder -> outcomes.get(holder.name());
        });
    }

    private void releasePorts() {
        step(DeploymentStep.RELEASE_PORTS, () -> {
            Set<String> owners = holders.stream().map(Holder::name).collect(Collectors.toSet());
            List<PortLease> leases = backends.ports().leases().stream()
                    .filter(lease -> owners.contains(lease.owner()))
                    .toList();
            backends.ports().release(leases);
            Map<String, Long> counts =
                    leases.stream().collect(Collectors.groupingBy(PortLease::owner, Collectors.counting()));
            return holder -> counts.getOrDefault(holder.name(), 0L) + " ports";
        });
    }

    private void deleteNodes() {
        NodeManager nodes = backends.nodes();
        if (nodes == null) {
            holders.forEach(holder -> backends.event(
                    holder.name(),
                    DeploymentStep.DELETE_NODES,
                    DeploymentEvent.Kind.SKIPPED,
                    "no node manager; delete in Kubernetes: " + String.join(" ", holder.nodeNames())));
            return;
        }
        step(DeploymentStep.DELETE_NODES, () -> {
            Set<String> deleted = new HashSet<>(nodes.delete(holders.stream()
                    .flatMap(holder -> holder.nodeNames().stream())
                    .toList()));
            return holder -> {
                String names =
                        holder.nodeNames().stream().filter(deleted::contains).collect(Collectors.joining(" "));
                return names.isEmpty() ? "none were registered" : names;
            };
        });
    }

    private void step(DeploymentStep step, Supplier<Function<Holder, String>> action) {
        tell(step, DeploymentEvent.Kind.STARTED, holder -> "");
        try {
            tell(step, DeploymentEvent.Kind.DONE, action.get());
        } catch (RuntimeException e) {
            String why = String.valueOf(e.getMessage());
            tell(step, DeploymentEvent.Kind.FAILED, holder -> why);
            String who = holders.size() == 1 ? holders.get(0).name() : holders.size() + " deployments";
            throw new DeploymentException(who, step, why, e);
        }
    }

    private void tell(DeploymentStep step, DeploymentEvent.Kind kind, Function<Holder, String> message) {
        holders.forEach(holder -> backends.event(holder.name(), step, kind, message.apply(holder)));
    }
}
