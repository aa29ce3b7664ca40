package org.jlab.jiriaf.jrm.workflow;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as it stands in the store, without its scripts.
 *
 * @param id id of its first Firework, by which users know it
 * @param name name
 * @param state state of the workflow; for a deployment that of its only Firework
 * @param category FireWorks category, or null
 * @param createdOn when it was added
 * @param updatedOn when its state last changed
 * @param walltime {@code HH:MM:SS} asked of the queue, or null
 * @param jrms its JRMs, or null if it is not a JRM deployment
 * @param ssh its tunnels, or null if it says nothing of them
 * @param launch the present attempt to run it, or null
 * @param metadata what jrm stored with it; empty for workflows that others added
 */
public record Workflow(
        int id,
        String name,
        WorkflowState state,
        @Nullable String category,
        Instant createdOn,
        Instant updatedOn,
        @Nullable String walltime,
        @Nullable JrmsInfo jrms,
        @Nullable SshInfo ssh,
        @Nullable Launch launch,
        Map<String, String> metadata) {

    /** Copies. */
    public Workflow {
        metadata = Map.copyOf(metadata);
    }

    /**
     * Tells whether this is a deployment of JRMs. The database is shared; anything else in it is left alone.
     *
     * @return whether it describes JRMs
     */
    public boolean isDeployment() {
        return jrms != null;
    }

    /**
     * Tells whether its job has left it behind: nobody reports a job that was killed, so RUNNING stays until somebody looks.
     *
     * @param now the present time
     * @param runExpiry how old the last ping of a RUNNING one may be
     * @param reservationExpiry how long one may be RESERVED
     * @return whether it is RUNNING or RESERVED and was last heard of longer ago
     */
    public boolean isLost(Instant now, Duration runExpiry, Duration reservationExpiry) {
        if (state != WorkflowState.RUNNING && state != WorkflowState.RESERVED) {
            return false;
        }
        Instant heard = launch == null ? updatedOn : launch.lastPing();
        Duration expiry = state == WorkflowState.RUNNING ? runExpiry : reservationExpiry;
        return heard != null && !heard.plus(expiry).isAfter(now);
    }
}
