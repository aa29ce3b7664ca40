package org.jlab.jiriaf.jrm.app.serve;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells an operator why the tunnels of a deployment are down. Asked for each deployment of a list, so it asks no store. */
@FunctionalInterface
interface TunnelRemarks {

    /**
     * The remark on one deployment.
     *
     * @param deployment its name
     * @param workflowId id of its workflow, or null if it has none yet
     * @return the reason and the remedy; empty if its tunnels are up or were never tried here
     */
    Optional<String> of(String deployment, @Nullable Integer workflowId);
}
