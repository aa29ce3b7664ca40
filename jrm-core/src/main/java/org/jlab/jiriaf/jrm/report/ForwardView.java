package org.jlab.jiriaf.jrm.report;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/**
 * A forward between control plane and login node: what it is for, who holds it and how it is doing.
 *
 * @param kind what it carries
 * @param forward the forward, as {@code ssh} would take it
 * @param port port on the control plane
 * @param node the node that it leads to, or null for those of all nodes
 * @param originalPort port of the application on the node, for custom metrics; otherwise null
 * @param deployment whose it is
 * @param workflow id of its workflow, or null
 * @param login login node that it leads to
 * @param state how it is doing
 * @param since since when, or null if that is not known here
 * @param reason why it is not up, or null
 * @param attempts how often it was tried to bring it back
 * @param nextAttempt when it is tried again, or null
 * @param holder the process that holds it, such as {@code 4711 on control}
 */
public record ForwardView(
        Kind kind,
        String forward,
        int port,
        @Nullable String node,
        @Nullable Integer originalPort,
        String deployment,
        @Nullable Integer workflow,
        String login,
        State state,
        @Nullable Instant since,
        @Nullable String reason,
        int attempts,
        @Nullable Instant nextAttempt,
        String holder) {

    /** What a forward carries. */
    public enum Kind {
        /** The LaunchPad. */
        DB,
        /** The Kubernetes API. */
        APISERVER,
        /** Metrics of a kubelet. */
        METRICS,
        /** Metrics of an application. */
        CUSTOM_METRICS
    }

    /** How a forward is doing, as far as it is known here. */
    public enum State {
        /** Carries traffic. */
        UP,
        /** Broken, and being repaired. */
        DOWN,
        /** Closed. */
        CLOSED,
        /** Another process holds it and knows how it is. */
        HELD_ELSEWHERE,
        /** Nobody holds it: its process is gone. */
        NOT_HELD
    }

    /**
     * Which forward of a deployment it is.
     *
     * @param kind what it carries
     * @param node the node that it leads to, or null
     * @param originalPort port of the application on the node, or null
     */
    public record Purpose(
            Kind kind, @Nullable String node, @Nullable Integer originalPort) {

        /**
         * Finds out what a forward of a deployment is for.
         *
         * @param forward the forward
         * @param workflow the workflow of the deployment, or null if there is none
         * @return its purpose
         */
        public static Purpose of(Forward forward, @Nullable Workflow workflow) {
            int port = forward.bind().port();
            if (forward.direction() == Forward.Direction.REMOTE) {
                boolean apiserver = workflow != null
                        && workflow.jrms() != null
                        && workflow.jrms().apiserverPort() == port;
                return new Purpose(apiserver ? Kind.APISERVER : Kind.DB, null, null);
            }
            List<JrmNode> nodes = workflow == null ? List.of() : JrmNode.allOf(workflow);
            for (JrmNode node : nodes) {
                if (node.kubeletPort() == port) {
                    return new Purpose(Kind.METRICS, node.name(), null);
                }
                Optional<MappedPort> mapped = node.customMetrics().stream()
                        .filter(each -> each.mapped() == port)
                        .findFirst();
                if (mapped.isPresent()) {
                    return new Purpose(
                            Kind.CUSTOM_METRICS, node.name(), mapped.get().original());
                }
            }
            return new Purpose(Kind.METRICS, null, null);
        }
    }

    /**
     * A forward that this process holds.
     *
     * @param forward the forward
     * @param purpose what it is for
     * @param deployment whose it is
     * @param workflow id of its workflow, or null
     * @param login where it leads
     * @param state how it is doing
     * @param holder this process
     * @return the view
     */
    public static ForwardView here(
            Forward forward,
            Purpose purpose,
            String deployment,
            @Nullable Integer workflow,
            String login,
            TunnelState state,
            String holder) {
        return new ForwardView(
                purpose.kind(),
                forward.toString(),
                forward.bind().port(),
                purpose.node(),
                purpose.originalPort(),
                deployment,
                workflow,
                login,
                State.valueOf(state.status().name()),
                state.since(),
                state.reason(),
                state.attempts(),
                state.nextAttempt(),
                holder);
    }

    /**
     * The forwards of a deployment that another process holds, or nobody.
     *
     * @param record what the journal says of it
     * @param workflow its workflow, or null if there is none
     * @param gone whether its process is known to have ended
     * @param reason why nobody has taken them up, or null
     * @return a view for each
     */
    public static List<ForwardView> elsewhere(
            DeploymentRecord record, @Nullable Workflow workflow, boolean gone, @Nullable String reason) {
        return record.forwards().stream()
                .map(forward -> elsewhere(forward, Purpose.of(forward, workflow), record, gone, reason))
                .toList();
    }

    private static ForwardView elsewhere(
            Forward forward, Purpose purpose, DeploymentRecord record, boolean gone, @Nullable String reason) {
        return new ForwardView(
                purpose.kind(),
                forward.toString(),
                forward.bind().port(),
                purpose.node(),
                purpose.originalPort(),
                record.name(),
                record.workflowId(),
                record.route().login().toString(),
                gone ? State.NOT_HELD : State.HELD_ELSEWHERE,
                null,
                gone ? reason : null,
                0,
                null,
                holder(record.owner()));
    }

    /**
     * Names a process.
     *
     * @param process the process
     * @return such as {@code 4711 on control}
     */
    public static String holder(ProcessIdentity process) {
        return process.pid() + " on " + process.host();
    }
}
