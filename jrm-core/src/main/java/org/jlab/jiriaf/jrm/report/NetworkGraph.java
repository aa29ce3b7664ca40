package org.jlab.jiriaf.jrm.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/**
 * The network of a living deployment: who reaches whom, through which ports, and whether that works. Immutable; {@link SvgMap}
 * and {@link MermaidMap} draw it.
 *
 * @param workflow id of the workflow
 * @param name name of the deployment, with its state
 * @param login host between control plane and nodes
 * @param nodeTunnels whether the nodes open tunnels to that host; if not, it is where the JRMs run
 * @param groups links that belong together: those of all nodes first, then node by node
 */
public record NetworkGraph(int workflow, String name, String login, boolean nodeTunnels, List<Group> groups) {

    /** Whether a link works. */
    public enum Health {
        /** It does. */
        UP("up"),
        /** It does not. */
        DOWN("down"),
        /** It was closed on request. */
        CLOSED("closed"),
        /** Nobody here knows. */
        UNKNOWN("not known");

        private final String word;

        Health(String word) {
            this.word = word;
        }

        /**
         * The word for it.
         *
         * @return such as {@code up}
         */
        public String word() {
            return word;
        }
    }

    /**
     * Links that belong together.
     *
     * @param name name of the node; {@code all nodes} for those which every node uses
     * @param status how the node is, in words
     * @param links the links
     */
    public record Group(String name, String status, List<Link> links) {

        /** Copies. */
        public Group {
            links = List.copyOf(links);
        }
    }

    /**
     * A way from the control plane to a node, or back, in two parts.
     *
     * @param here what stands at the control plane
     * @param between what stands at the login node
     * @param there what stands at the node
     * @param outward whether connections go from the control plane to the node
     * @param first how the part between control plane and login node is, which jrm holds
     * @param firstNote more about it
     * @param second how the part between login node and node is, which the JRM holds: as its node is
     */
    public record Link(
            String here,
            String between,
            String there,
            boolean outward,
            Health first,
            String firstNote,
            Health second) {}

    /** Copies. */
    public NetworkGraph {
        groups = List.copyOf(groups);
    }

    /**
     * Draws a deployment together.
     *
     * @param workflow the deployment
     * @param forwards its forwards, as far as they are known
     * @param nodes the nodes of the cluster by name, or null if they are not known
     * @return its network
     */
    public static NetworkGraph of(
            Workflow workflow, List<ForwardView> forwards, @Nullable Map<String, NodeStatus> nodes) {
        return new Builder(workflow, forwards, nodes).build();
    }

    private static final class Builder {

        private final Workflow workflow;
        private final List<ForwardView> forwards;
        private final @Nullable Map<String, NodeStatus> nodes;
        private final boolean nodeTunnels;

        Builder(Workflow workflow, List<ForwardView> forwards, @Nullable Map<String, NodeStatus> nodes) {
            this.workflow = workflow;
            this.forwards = forwards;
            this.nodes = nodes;
            this.nodeTunnels = workflow.jrms() == null
                    || SiteProfile.known().stream()
                            .filter(profile ->
                                    profile.name().equals(workflow.jrms().site()))
                            .allMatch(SiteProfile::nodeTunnels);
        }

        NetworkGraph build() {
            List<JrmNode> jrms = JrmNode.allOf(workflow);
            List<Group> groups = new ArrayList<>();
            groups.add(new Group(nodeTunnels ? "all nodes" : "the JRMs", "", shared(jrms)));
            for (JrmNode jrm : jrms) {
                groups.add(new Group(jrm.name(), status(jrm.name()), links(jrm)));
            }
            return new NetworkGraph(
                    workflow.id(), workflow.name() + ", " + workflow.state(), login(), nodeTunnels, groups);
        }

        private String login() {
            return forwards.stream()
                    .map(ForwardView::login)
                    .findFirst()
                    .orElseGet(() -> workflow.ssh() == null
                            ? "?"
                            : workflow.ssh()
                                    .all()
                                    .map(SshInfo.Entry::remote)
                                    .filter(Objects::nonNull)
                                    .findFirst()
                                    .orElse("?"));
        }

        private List<Link> shared(List<JrmNode> jrms) {
            List<Link> links = new ArrayList<>();
            Health nodesHealth = jrms.stream().map(jrm -> health(jrm.name())).anyMatch(Health.UP::equals)
                    ? Health.UP
                    : Health.UNKNOWN;
            for (ForwardView forward : forwards) {
                boolean database = forward.kind() == ForwardPurpose.Kind.DB;
                if (database || forward.kind() == ForwardPurpose.Kind.APISERVER) {
                    links.add(new Link(
                            (database ? "LaunchPad :" : "API server :") + forward.port(),
                            "localhost:" + forward.port(),
                            "localhost:" + forward.port(),
                            false,
                            health(forward),
                            note(forward),
                            database ? Health.UNKNOWN : nodesHealth));
                }
            }
            return links;
        }

        private List<Link> links(JrmNode jrm) {
            List<Link> links = new ArrayList<>();
            links.add(link(jrm, jrm.kubeletPort(), "kubelet :" + jrm.kubeletPort()));
            for (MappedPort port : jrm.customMetrics()) {
                links.add(link(jrm, port.mapped(), "application :" + port.original()));
            }
            return links;
        }

        private Link link(JrmNode jrm, int port, String there) {
            ForwardView forward = forwards.stream()
                    .filter(each -> each.port() == port && jrm.name().equals(each.node()))
                    .findFirst()
                    .orElse(null);
            return new Link(
                    ":" + port,
                    nodeTunnels ? "localhost:" + port : there,
                    there,
                    true,
                    forward == null ? Health.UNKNOWN : health(forward),
                    forward == null ? "no record of it" : note(forward),
                    health(jrm.name()));
        }

        private static Health health(ForwardView forward) {
            return switch (forward.state()) {
                case UP -> Health.UP;
                case DOWN, NOT_HELD -> Health.DOWN;
                case CLOSED -> Health.CLOSED;
                case HELD_ELSEWHERE -> Health.UNKNOWN;
            };
        }

        private static String note(ForwardView forward) {
            String state = switch (forward.state()) {
                case UP -> "up";
                case DOWN -> "down";
                case CLOSED -> "closed";
                case NOT_HELD -> "held by nobody";
                case HELD_ELSEWHERE -> "held by process " + forward.holder();
            };
            return forward.forward() + " " + state
                    + (forward.since() == null ? "" : " since " + forward.since())
                    + (forward.reason() == null ? "" : ": " + forward.reason());
        }

        private Health health(String node) {
            NodeStatus status = nodes == null ? null : nodes.get(node);
            if (nodes == null) {
                return Health.UNKNOWN;
            }
            return status != null && status.ready() ? Health.UP : Health.DOWN;
        }

        private String status(String node) {
            NodeStatus status = nodes == null ? null : nodes.get(node);
            if (nodes == null) {
                return "not known";
            }
            return status == null ? "not registered" : status.describe();
        }
    }
}
