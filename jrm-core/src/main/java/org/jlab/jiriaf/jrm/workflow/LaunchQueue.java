package org.jlab.jiriaf.jrm.workflow;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The agent's side of a LaunchPad, by FireWorks' own protocol, so that an agent written against this and FireWorks' agents
 * can serve the same LaunchPad at once. Thread-safe.
 *
 * <p>The life of a launch: {@link #reserve} takes a READY workflow; {@link #submitted} notes the batch job; on the compute
 * node {@link #start} makes it RUNNING; {@link #ping} shows that it lives; {@link #complete} ends it. {@link #cancel} gives a
 * reservation back.
 */
public interface LaunchQueue {

    /**
     * Who takes work.
     *
     * @param name name of the worker
     * @param category FireWorks category that it serves
     * @param host name of the host it runs on
     * @param ip address of that host
     */
    record Worker(String name, String category, String host, String ip) {}

    /**
     * A reserved workflow with what it takes to run it.
     *
     * @param launch the launch, RESERVED
     * @param name name of the workflow
     * @param queue what it asks of the queue
     * @param tasks what to run
     */
    record Reservation(Launch launch, String name, QueueSettings queue, List<ScriptTask> tasks) {

        /** Copies. */
        public Reservation {
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * Takes the next READY workflow of the worker's category. No two callers get the same one.
     *
     * @param worker who takes it
     * @param launchDir launch folder at the site
     * @return the reservation, or empty if nothing is ready
     * @throws WorkflowStoreException if the store cannot be reached
     */
    default Optional<Reservation> reserve(Worker worker, String launchDir) {
        return reserve(worker, launchDir, Set.of());
    }

    /**
     * Takes the next READY workflow of the worker's category, passing over some.
     *
     * @param worker who takes it
     * @param launchDir launch folder at the site
     * @param except ids of workflows that are left READY
     * @return the reservation, or empty if nothing else is ready
     * @throws WorkflowStoreException if the store cannot be reached
     */
    Optional<Reservation> reserve(Worker worker, String launchDir, Set<Integer> except);

    /**
     * Notes the batch job of a reservation.
     *
     * @param launchId the launch
     * @param jobId the job's id
     * @throws WorkflowStoreException if the launch is no longer RESERVED, or the store cannot be reached
     */
    void submitted(int launchId, String jobId);

    /**
     * Turns a reservation into a run.
     *
     * @param launchId the launch
     * @param worker who runs it: host and ip of the compute node
     * @throws WorkflowStoreException if the launch is no longer RESERVED, or the store cannot be reached
     */
    void start(int launchId, Worker worker);

    /**
     * Shows that a run lives.
     *
     * @param launchId the launch
     * @return false if it is no longer RUNNING, so that whoever runs it can stop
     * @throws WorkflowStoreException if the store cannot be reached
     */
    boolean ping(int launchId);

    /**
     * Ends a run.
     *
     * @param launchId the launch
     * @param state {@link WorkflowState#COMPLETED} or {@link WorkflowState#FIZZLED}
     * @param message what happened, kept as {@link Launch#message()}; empty for nothing to say
     * @throws WorkflowStoreException if there is no such launch, or the store cannot be reached
     */
    void complete(int launchId, WorkflowState state, String message);

    /**
     * Gives a reservation back: its workflow is READY again.
     *
     * @param launchId the launch
     * @return false if it was not RESERVED any more, and nothing was changed
     * @throws WorkflowStoreException if the store cannot be reached
     */
    boolean cancel(int launchId);
}
