package org.jlab.jiriaf.jrm.workflow;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which workflows to list.
 *
 * @param states only these states; empty for all
 * @param category only this FireWorks category (site), or null for all
 * @param deploymentsOnly whether workflows that are not JRM deployments are left out
 */
public record WorkflowFilter(
        Set<WorkflowState> states, @Nullable String category, boolean deploymentsOnly) {

    /** Every workflow in the store, JRM deployment or not. */
    public static final WorkflowFilter ALL = new WorkflowFilter(Set.of(), null, false);

    /** Every JRM deployment. */
    public static final WorkflowFilter DEPLOYMENTS = new WorkflowFilter(Set.of(), null, true);

    /** Copies. */
    public WorkflowFilter {
        states = Set.copyOf(states);
    }
}
