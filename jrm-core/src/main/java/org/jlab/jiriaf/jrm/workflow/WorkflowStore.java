package org.jlab.jiriaf.jrm.workflow;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;

/**
 * The LaunchPad: workflows, from which the agents of the sites take their work. It is shared with agents and other tools; an
 * implementation changes only what it is asked to.
 *
 * <p>Implementations are thread-safe. They do not own the connection they are given.
 */
public interface WorkflowStore {

    /** FireWorks' {@code RUN_EXPIRATION_SECS}: a run without a ping for so long is lost. */
    Duration RUN_EXPIRY = Duration.ofHours(4);

    /** FireWorks' {@code RESERVATION_EXPIRATION_SECS}: a reservation of that age is lost. */
    Duration RESERVATION_EXPIRY = Duration.ofDays(14);

    /**
     * Stores a workflow, ready to be taken by an agent.
     *
     * @param draft the workflow
     * @return its id
     * @throws WorkflowStoreException if it does not fit or the store cannot be reached; then it is not stored
     */
    int add(WorkflowDraft draft);

    /**
     * Stores many workflows at once: all of them or none.
     *
     * @param drafts the workflows
     * @return their ids, in the same order
     * @throws WorkflowStoreException if one does not fit or the store cannot be reached; then none is stored
     */
    List<Integer> addAll(List<WorkflowDraft> drafts);

    /**
     * Finds out before anything is opened or leased whether a workflow can be stored. Does not talk to the store.
     *
     * @param draft the workflow; forwards that are not known yet may be left out
     * @throws WorkflowStoreException if it is too large; the message says with how many nodes it would fit
     */
    void checkFits(WorkflowDraft draft);

    /**
     * Looks a workflow up.
     *
     * @param id id of one of its Fireworks
     * @return the workflow, or empty if there is none
     * @throws WorkflowStoreException if the store cannot be reached
     */
    Optional<Workflow> find(int id);

    /**
     * Looks a JRM deployment up by its name.
     *
     * @param name name of the workflow
     * @return the workflow, the latest if there are several; or empty if there is none
     * @throws WorkflowStoreException if the store cannot be reached
     */
    default Optional<Workflow> findByName(String name) {
        return list(WorkflowFilter.DEPLOYMENTS).stream()
                .filter(workflow -> workflow.name().equals(name))
                .reduce((first, second) -> second);
    }

    /**
     * Lists workflows without loading their scripts.
     *
     * @param filter which ones
     * @return the workflows, by id
     * @throws WorkflowStoreException if the store cannot be reached
     */
    List<Workflow> list(WorkflowFilter filter);

    /**
     * Tells which workflows somebody is changing at this moment, such as an agent that writes down how a run ended: it needs the
     * workflow and its own connection to the store until it is done. Usually milliseconds; for good if it was killed meanwhile.
     *
     * @param ids ids of Fireworks
     * @return those whose workflow is being changed; what is not there is not
     * @throws WorkflowStoreException if the store cannot be reached
     */
    Set<Integer> locked(Collection<Integer> ids);

    /**
     * Deletes a workflow, its Fireworks and their launches, whatever its state. Its batch job is not touched.
     *
     * @param id id of one of its Fireworks
     * @return whether there was one
     * @throws WorkflowStoreException if the store cannot be reached
     */
    boolean delete(int id);

    /**
     * Finishes or removes what additions, deletions and changes of deployments have left that were cut off half-way, as by
     * a crash or {@code kill -9}: none of them was acknowledged to whoever asked for it. What is younger than ten minutes may
     * be in progress and is left alone, and so is whatever is not a JRM deployment.
     *
     * @return ids of the Fireworks to which something was done; usually none
     * @throws WorkflowStoreException if the store cannot be reached
     */
    List<Integer> repair();

    /**
     * Holds a Firework back from agents. Only one that is WAITING, READY or RESERVED; a batch job that waits in the queue
     * stays there and ends without doing anything.
     *
     * @param id id of the Firework
     * @return whether it is PAUSED now
     * @throws WorkflowStoreException if it is not a JRM deployment or the store cannot be reached
     */
    boolean pause(int id);

    /**
     * Lets a PAUSED Firework go on: it becomes what it would be now had it never been paused.
     *
     * @param id id of the Firework
     * @return whether it was PAUSED
     * @throws WorkflowStoreException if it is not a JRM deployment or the store cannot be reached
     */
    boolean resume(int id);

    /**
     * Stops a Firework until it is reignited. From RESERVED, RUNNING or COMPLETED its launches become past ones first; its
     * batch job is not touched.
     *
     * @param id id of the Firework
     * @return whether it is DEFUSED now; false for one that is ARCHIVED or not there
     * @throws WorkflowStoreException if it is not a JRM deployment or the store cannot be reached
     */
    boolean defuse(int id);

    /**
     * Takes a Firework up again that was DEFUSED.
     *
     * @param id id of the Firework
     * @return whether it was DEFUSED
     * @throws WorkflowStoreException if it is not a JRM deployment or the store cannot be reached
     */
    boolean reignite(int id);

    /**
     * Makes a Firework, with all that depends on it, ready to run again. Its launches become past ones; its batch job is not
     * touched.
     *
     * @param id id of the Firework
     * @return whether it was done; false for one that is ARCHIVED, DEFUSED, WAITING or not there
     * @throws WorkflowStoreException if it is not a JRM deployment or the store cannot be reached
     */
    boolean rerun(int id);

    /**
     * Takes a workflow out of use but keeps its documents. Cannot be undone; its batch job is not touched.
     *
     * @param id id of one of its Fireworks
     * @return whether there is one
     * @throws WorkflowStoreException if it is not a JRM deployment or the store cannot be reached
     */
    boolean archive(int id);

    /**
     * Finds deployments that their jobs have left behind: nobody reports a job that was killed, so RUNNING stays until it is
     * looked for. Changes nothing; {@link LaunchQueue#complete} with FIZZLED ends a lost run, {@link LaunchQueue#cancel}
     * gives a lost reservation back.
     *
     * @param now the present time
     * @param runExpiry how old the last ping of a RUNNING one may be. FireWorks' agents ping once an hour, so less than that
     *     takes living jobs for lost; {@link #RUN_EXPIRY} is FireWorks' default
     * @param reservationExpiry how long one may be RESERVED; {@link #RESERVATION_EXPIRY} is FireWorks' default
     * @return the deployments, by id
     * @throws WorkflowStoreException if the store cannot be reached
     */
    default List<Workflow> detectLostRuns(Instant now, Duration runExpiry, Duration reservationExpiry) {
        WorkflowFilter alive = new WorkflowFilter(Set.of(WorkflowState.RUNNING, WorkflowState.RESERVED), null, true);
        return list(alive).stream()
                .filter(workflow -> workflow.isLost(now, runExpiry, reservationExpiry))
                .toList();
    }

    /**
     * Watches the deployments in the store. The listener is told of all that there are and then of each change, whoever made
     * it, by a thread of the store that ends with the last watch.
     *
     * @param listener whom to tell
     * @return the watch, to be closed
     */
    WorkflowWatch watch(WorkflowListener listener);

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
