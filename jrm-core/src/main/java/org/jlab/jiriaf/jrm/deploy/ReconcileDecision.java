package org.jlab.jiriaf.jrm.deploy;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a pass of clean-up decided about one deployment: what it saw, and what follows from it. Deployments with which all is well
 * need no decision.
 *
 * @param deployment name of the deployment, or of the owner of leases that belong to none
 * @param action what is to be done
 * @param reason what was seen that asks for it
 * @param problem why it could not be done, or null if it was done, or if this is a dry run
 */
public record ReconcileDecision(
        String deployment,
        Action action,
        String reason,
        @Nullable String problem) {

    /** What a pass can do. */
    public enum Action {
        /** Leave it as it is: somebody works on it, or it lives although it does not look like it. */
        KEEP,
        /** Undo a deployment whose process died before the workflow was stored. */
        UNDO,
        /** Note that a deployment was made whose process died after the workflow was stored. */
        ADOPT,
        /** Finish a deletion whose process died half way. */
        FINISH_DELETION,
        /** Write into the LaunchPad how a run ended that could not report it itself. */
        CLOSE_RUN,
        /** End a batch job that goes on although its deployment is over. */
        CANCEL_JOB,
        /** Close the tunnels, free the ports and delete the nodes of a deployment that is over. */
        RELEASE,
        /** Free ports that are leased for a deployment that does not exist. */
        RELEASE_PORTS,
        /** Delete nodes of a deployment that has been released, which are not Ready. */
        DELETE_NODES,
        /** Keep new pods off nodes whose walltime ends soon. */
        CORDON,
        /** Move the pods off nodes whose walltime is about to end. */
        DRAIN,
        /** Extend the leases of a deployment that lives, since its own process does not. */
        RENEW_PORTS;

        /** Prints the action as words, such as {@code finish deletion}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    public ReconcileDecision(String deployment, Action action, String reason) {
        this(deployment, action, reason, null);
    }

    public ReconcileDecision failed(String why) {
        return new ReconcileDecision(deployment, action, reason, why);
    }

    /**
     * Tells whether it could not be carried out.
     *
     * @return whether there is a problem
     */
    public boolean isFailed() {
        return problem != null;
    }

    /** Prints one line. */
    @Override
    public String toString() {
        return deployment + ": " + action + ": " + reason + (problem == null ? "" : "; not done: " + problem);
    }
}
