package org.jlab.jiriaf.jrm.workflow;

/** Is told of deployments as they change. Called by one thread at a time, which it must not hold up for long. */
@FunctionalInterface
public interface WorkflowListener {

    /**
     * A deployment is there, or has changed since the last call for it. States that passed between two looks at the store
     * are not told.
     *
     * @param workflow the deployment as it is now
     */
    void changed(Workflow workflow);

    /**
     * A deployment is gone.
     *
     * @param id id of its workflow
     */
    default void deleted(int id) {}

    /**
     * The store cannot be reached. Told once; when it can be reached again, whatever has changed meanwhile is told.
     *
     * @param failure why
     */
    default void failed(WorkflowStoreException failure) {}
}
