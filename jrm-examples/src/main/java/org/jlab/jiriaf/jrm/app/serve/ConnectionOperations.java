package org.jlab.jiriaf.jrm.app.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.SocketPortProbe;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Tunnels on demand, under the names that existing tools call. */
final class ConnectionOperations {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_ITEMS = 1000;

    private final ServiceDependencies parts;
    private final Forwards forwards;
    private final ManualForwards handHeld;
    private final ProcessIdentity self;

    /**
     * What to open: all of a deployment, or some forwards to a site. With a deployment the site file is there to log in with, if its
     * site takes a password.
     */
    record Creation(
            @Nullable Integer fwId,
            @Nullable JsonNode site,
            @Nullable List<HandForward> connections) {}

    /** What to close: all of a deployment, or whatever is on these ports and these nodes. */
    record Deletion(
            @Nullable Integer fwId,
            @Nullable List<Integer> ports,
            @Nullable List<String> nodes) {}

    /** A port that was left alone. */
    record Left(int port, String why) {}

    ConnectionOperations(ServiceDependencies parts, Forwards forwards, ManualForwards handHeld, ProcessIdentity self) {
        this.parts = parts;
        this.forwards = forwards;
        this.handHeld = handHeld;
        this.self = self;
    }

    List<Operation> operations() {
        return List.of(
                Operation.post("/jrm-create-ssh-connections", Operation.JSON, this::create),
                Operation.post("/jrm-delete-ssh-connections", Operation.JSON, this::delete),
                Operation.post("/run", Set.of(), call -> {
                    throw new Problem(
                            410,
                            "jrm runs no commands for others. For tunnels POST /jrm-create-ssh-connections, to free them"
                                    + " POST /jrm-delete-ssh-connections, for deployments POST /workflows");
                }));
    }

    private Reply create(Call call) {
        Creation creation = call.json(Creation.class);
        if ((creation.fwId() == null) == (creation.connections() == null)) {
            throw new Problem(
                    400, "Give either fw_id, for all of a deployment, or site and connections, for single forwards");
        }
        if (creation.fwId() != null) {
            Workflow workflow = find(creation.fwId());
            var unused = creation.site() == null
                    ? parts.jrm().resume(workflow.id(), TIMEOUT)
                    : parts.jrm().resume(workflow.id(), site(creation.site()), TIMEOUT);
            return connections(forwards.of(workflow));
        }
        return connections(handHeld.open(
                site(creation.site()), atLeastOne(creation.connections(), "connections"), ForwardView.holder(self)));
    }

    private Workflow find(int id) {
        return parts.store().find(id).filter(Workflow::isDeployment).orElseThrow(() -> WorkflowOperations.notFound(id));
    }

    /** A site file as an object, or as the text of its YAML. */
    static SiteConfig site(@Nullable JsonNode site) {
        if (site == null || !(site.isString() || site.isObject())) {
            throw new Problem(400, "site must be the text of a site file, or the same as an object");
        }
        return SiteConfig.parse(site.isString() ? site.stringValue() : site.toString(), "site");
    }

    private static <T> List<T> atLeastOne(@Nullable List<T> items, String name) {
        if (items == null || items.isEmpty() || items.size() > MAX_ITEMS || items.contains(null)) {
            throw new Problem(400, name + " must have 1 to " + MAX_ITEMS + " entries, none of them null");
        }
        return items;
    }

    /** The forwards as {@code ssh_info} of a workflow has them, with their state. */
    private static Reply connections(List<ForwardView> views) {
        List<Map<String, @Nullable Object>> entries = new ArrayList<>();
        for (ForwardView view : views) {
            Map<String, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put("status", view.state().name().toLowerCase(Locale.ROOT));
            entry.put("forward", view.forward());
            entry.put("cmd", "ssh -N " + view.forward() + " " + view.login());
            entry.put("remote", view.login());
            entry.put("nodename", SshInfo.nodename(view.purpose()));
            entry.put(
                    "port",
                    view.originalPort() == null
                            ? Integer.toString(view.port())
                            : Map.of("mapped_port", view.port(), "custom_metrics_port", view.originalPort()));
            entries.add(entry);
        }
        return Reply.json(Map.of("connections", entries));
    }

    private Reply delete(Call call) {
        Deletion deletion = call.json(Deletion.class);
        boolean byPort = deletion.ports() != null || deletion.nodes() != null;
        if ((deletion.fwId() == null) == !byPort) {
            throw new Problem(400, "Give either fw_id, for all of a deployment, or ports and nodes");
        }
        if (deletion.fwId() != null) {
            return disconnect(find(deletion.fwId()));
        }
        List<Integer> ports = deletion.ports() == null ? List.of() : atLeastOne(deletion.ports(), "ports");
        List<String> names = deletion.nodes() == null ? List.of() : atLeastOne(deletion.nodes(), "nodes");
        for (int port : ports) {
            if (port < 1 || port > 65535) {
                throw new Problem(400, "ports must be 1 to 65535, not " + port);
            }
        }
        Set<Integer> closed = new TreeSet<>(handHeld.close(ports));
        closed.addAll(closeTunnels(ports));
        closed.addAll(freeLeases(ports));
        return answer(closed, deleteNodes(names), left(ports, closed));
    }

    private Reply disconnect(Workflow workflow) {
        Set<Integer> ports = new TreeSet<>();
        List<String> names = new ArrayList<>();
        for (JrmNode node : JrmNode.allOf(workflow)) {
            names.add(node.name());
            ports.add(node.kubeletPort());
            node.customMetrics().forEach(port -> ports.add(port.mapped()));
        }
        parts.jrm().disconnect(workflow.id());
        return answer(ports, names, List.of());
    }

    private static Reply answer(Set<Integer> ports, List<String> nodes, List<Left> left) {
        return Reply.json(Map.of("ports", ports, "nodes", nodes, "left", left));
    }

    /** Closes forwards of deployments held here that listen on these ports of this host. */
    private Set<Integer> closeTunnels(List<Integer> ports) {
        Set<Integer> closed = new TreeSet<>();
        for (Deployment deployment : parts.jrm().held()) {
            for (Tunnel tunnel : deployment.tunnels()) {
                int port = tunnel.forward().bind().port();
                if (tunnel.forward().direction() == Forward.Direction.LOCAL && ports.contains(port)) {
                    tunnel.close();
                    closed.add(port);
                }
            }
        }
        return closed;
    }

    /** Frees leases, but not of what another living process holds, nor of a deployment with a record that cannot be read. */
    private Set<Integer> freeLeases(List<Integer> ports) {
        JournalContents journal = parts.store().deploymentJournal().contents();
        Set<String> elsewhere = elsewhere(journal.records()).stream()
                .map(DeploymentRecord::name)
                .collect(Collectors.toSet());
        List<PortLease> leases = parts.store().portLeases().list().stream()
                .filter(lease -> ports.contains(lease.port())
                        && lease.hosts().contains(self.host())
                        && !elsewhere.contains(lease.owner())
                        && (lease.owner().startsWith(PortLease.NO_DEPLOYMENT)
                                || journal.unreadable(lease.owner()).isEmpty()))
                .toList();
        parts.store().portLeases().release(leases);
        return leases.stream().map(PortLease::port).collect(Collectors.toSet());
    }

    private List<DeploymentRecord> elsewhere(List<DeploymentRecord> records) {
        return records.stream()
                .filter(record ->
                        !record.owner().equals(self) && !record.owner().isKnownDead(self.host()))
                .toList();
    }

    private List<String> deleteNodes(List<String> names) {
        NodeManager nodes = parts.nodes();
        if (names.isEmpty()) {
            return List.of();
        }
        if (nodes == null) {
            throw new Problem(
                    409, "This service knows no cluster, so it deletes no nodes; start it with --kubeconfig FILE");
        }
        return nodes.delete(names);
    }

    /** Says of each port that nothing was closed on whose it is. */
    private List<Left> left(List<Integer> ports, Set<Integer> closed) {
        List<DeploymentRecord> records =
                elsewhere(parts.store().deploymentJournal().list());
        SocketPortProbe probe = new SocketPortProbe();
        List<Left> left = new ArrayList<>();
        for (int port : new TreeSet<>(ports)) {
            if (!closed.contains(port)) {
                left.add(new Left(port, why(port, records, probe)));
            }
        }
        return left;
    }

    private static String why(int port, List<DeploymentRecord> records, SocketPortProbe probe) {
        for (DeploymentRecord record : records) {
            if (record.forwards().stream().anyMatch(forward -> forward.port() == port)) {
                return record.name() + " has it, held by process "
                        + record.owner().pid() + " on " + record.owner().host();
            }
        }
        return probe.isFree(port) ? "nothing of jrm is there" : "something that is not jrm's uses it";
    }
}
