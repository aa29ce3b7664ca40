package org.jlab.jiriaf.jrm.journal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jspecify.annotations.Nullable;

/**
 * How far a deployment has come. It holds what another process needs to finish or undo it, and no secret: a password is not
 * stored.
 *
 * @param name name of the deployment, also that of its workflow and batch job, and the owner of its port leases
 * @param requestId what the caller named his request; a second request of the same id is the same deployment
 * @param phase how far it has come
 * @param owner the process that works on it and holds its tunnels
 * @param ownedUntil until when the owner is taken to be alive if nothing else is known of it
 * @param workflowId id of its workflow, or null while it is not known to be stored
 * @param route the way to its login node, always without the password
 * @param forwards what is forwarded and what for, empty until ports are leased
 * @param nodeNames names of its nodes
 * @param nodePassword whether a password for its compute nodes is put on its site; which one is not recorded
 * @param batchSystem which batch system has its job, or null if only the id of the job tells: the site may or may not have one,
 *     or the record is older than this field
 * @param createdOn when it was begun
 * @param version grows with each change; a change is made only to the version that was read
 */
public record DeploymentRecord(
        String name,
        String requestId,
        Phase phase,
        ProcessIdentity owner,
        Instant ownedUntil,
        @Nullable Integer workflowId,
        SshRoute route,
        List<DeploymentForward> forwards,
        List<String> nodeNames,
        boolean nodePassword,
        @Nullable BatchSystem batchSystem,
        Instant createdOn,
        long version) {

    /** How far a deployment has come. */
    public enum Phase {
        /** Being made. If its owner dies it is undone, unless the workflow has been stored. */
        DEPLOYING,
        /** Made. If its owner dies another process may take up its tunnels. */
        DEPLOYED,
        /** Being taken down. If its owner dies the next pass finishes it. */
        DELETING
    }

    /** Where the job of a deployment runs. */
    public enum BatchSystem {
        /** The batch system of the site. */
        SITE,
        /** None: the job is a process of the host that the route leads to. */
        HOST
    }

    /** Copies; dates are kept to the millisecond, as stores do. */
    public DeploymentRecord {
        ownedUntil = ownedUntil.truncatedTo(ChronoUnit.MILLIS);
        createdOn = createdOn.truncatedTo(ChronoUnit.MILLIS);
        route = new SshRoute(route.hops(), route.key(), null, route.alternates());
        forwards = List.copyOf(forwards);
        nodeNames = List.copyOf(nodeNames);
    }

    /**
     * Changes the phase.
     *
     * @param newPhase the phase
     * @return the changed record
     */
    public DeploymentRecord withPhase(Phase newPhase) {
        return new DeploymentRecord(
                name,
                requestId,
                newPhase,
                owner,
                ownedUntil,
                workflowId,
                route,
                forwards,
                nodeNames,
                nodePassword,
                batchSystem,
                createdOn,
                version);
    }

    /**
     * Changes the owner.
     *
     * @param newOwner the process that works on it now
     * @param until until when it is taken to be alive
     * @return the changed record
     */
    public DeploymentRecord withOwner(ProcessIdentity newOwner, Instant until) {
        return new DeploymentRecord(
                name,
                requestId,
                phase,
                newOwner,
                until,
                workflowId,
                route,
                forwards,
                nodeNames,
                nodePassword,
                batchSystem,
                createdOn,
                version);
    }

    /**
     * Notes the workflow.
     *
     * @param id its id
     * @return the changed record
     */
    public DeploymentRecord withWorkflowId(int id) {
        return new DeploymentRecord(
                name,
                requestId,
                phase,
                owner,
                ownedUntil,
                id,
                route,
                forwards,
                nodeNames,
                nodePassword,
                batchSystem,
                createdOn,
                version);
    }

    /**
     * Notes the forwards.
     *
     * @param newForwards the forwards
     * @return the changed record
     */
    public DeploymentRecord withForwards(List<DeploymentForward> newForwards) {
        return new DeploymentRecord(
                name,
                requestId,
                phase,
                owner,
                ownedUntil,
                workflowId,
                route,
                newForwards,
                nodeNames,
                nodePassword,
                batchSystem,
                createdOn,
                version);
    }

    /**
     * Changes the version; for journals.
     *
     * @param newVersion the version
     * @return the changed record
     */
    public DeploymentRecord withVersion(long newVersion) {
        return new DeploymentRecord(
                name,
                requestId,
                phase,
                owner,
                ownedUntil,
                workflowId,
                route,
                forwards,
                nodeNames,
                nodePassword,
                batchSystem,
                createdOn,
                newVersion);
    }
}
