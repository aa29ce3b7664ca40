package org.jlab.jiriaf.jrm.journal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Where the records of deployments are kept, shared by all processes that use the same store. A change is made only to the
 * version that was read, so two processes never work on the same deployment without one of them finding out.
 *
 * <p>Implementations are thread-safe, and atomic among processes.
 */
public interface DeploymentJournal {

    /**
     * Adds a record, unless there is one of the same request id.
     *
     * @param record the record; its version does not matter
     * @return the record that the journal holds for the request id: the new one with its version, or the one that was there
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached, or the record that was there
     *     cannot be read
     */
    DeploymentRecord begin(DeploymentRecord record);

    /**
     * Replaces a record.
     *
     * @param record the record as it shall be, with the version that was read
     * @return the record with its new version, or empty if somebody else has changed or removed it since
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    Optional<DeploymentRecord> replace(DeploymentRecord record);

    /**
     * Removes a record, whatever its version. One that is not there is not an error.
     *
     * @param name name of the deployment
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    default void remove(String name) {
        removeAll(List.of(name));
    }

    /**
     * Removes records as {@link #remove} does.
     *
     * @param names names of deployments
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached; some may have been removed
     */
    void removeAll(Collection<String> names);

    /**
     * Reads the whole journal. A record that cannot be read is told as such and keeps no other from being read. Conclusions from
     * the absence of a record need this rather than {@link #list()}.
     *
     * @return the records and those that cannot be read
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    JournalContents contents();

    /**
     * Lists the records that can be read.
     *
     * @return the records, by name
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    default List<DeploymentRecord> list() {
        return contents().records();
    }

    /**
     * Looks a record up.
     *
     * @param name name of the deployment
     * @return the record, or empty if there is none
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached, or the record cannot be read
     */
    Optional<DeploymentRecord> find(String name);
}
