package org.jlab.jiriaf.jrm.workflow;

import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;

/**
 * The LaunchPad: workflows, from which the agents of the sites take their work. It is shared with agents and other tools; an
 * implementation changes only what it is asked to.
 *
 * <p>Implementations are thread-safe. They do not own the connection they are given.
 */
public interface WorkflowStore {

    /**
     * Stores a workflow, ready to be taken by an agent.
     *
     * @param draft the workflow
     * @return its id
     * @throws WorkflowStoreException if it does not fit or the store cannot be reached; then it is not stored
     */
    int add(WorkflowDraft draft);

    /**
     * Looks a workflow up.
     *
     * @param id id of one of its Fireworks
     * @return the workflow, or empty if there is none
     * @throws WorkflowStoreException if the store cannot be reached
     */
    Optional<Workflow> find(int id);

    /**
     * Lists workflows without loading their scripts.
     *
     * @param filter which ones
     * @return the workflows, by id
     * @throws WorkflowStoreException if the store cannot be reached
     */
    List<Workflow> list(WorkflowFilter filter);

    /**
     * Deletes a workflow, its Fireworks and their launches, whatever its state. Its batch job is not touched.
     *
     * @param id id of one of its Fireworks
     * @return whether there was one
     * @throws WorkflowStoreException if the store cannot be reached
     */
    boolean delete(int id);

    /**
     * The side that agents use.
     *
     * @return the queue of launches of this store
     */
    LaunchQueue launchQueue();

    /**
     * Port leases, kept beside the workflows.
     *
     * @return the leases of this store
     */
    PortLeaseStore portLeases();

    /**
     * The journal of deployments, kept beside the workflows.
     *
     * @return the journal of this store
     */
    DeploymentJournal deploymentJournal();
}
