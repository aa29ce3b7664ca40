package org.jlab.jiriaf.jrm.report;

import java.time.Instant;
import java.util.List;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
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
        ForwardPurpose.Kind kind,
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
            ForwardPurpose purpose,
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
     * @param gone whether its process is known to have ended
     * @param reason why nobody has taken them up, or null
     * @return a view for each
     */
    public static List<ForwardView> elsewhere(DeploymentRecord record, boolean gone, @Nullable String reason) {
        return record.forwards().stream()
                .map(forward -> elsewhere(forward.forward(), forward.purpose(), record, gone, reason))
                .toList();
    }

    private static ForwardView elsewhere(
            Forward forward, ForwardPurpose purpose, DeploymentRecord record, boolean gone, @Nullable String reason) {
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

    /**
     * What it is for.
     *
     * @return kind, node and original port
     */
    public ForwardPurpose purpose() {
        return new ForwardPurpose(kind, node, originalPort);
    }
}
