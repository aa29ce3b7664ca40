package org.jlab.jiriaf.jrm.node;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * The nodes that JRMs make in a Kubernetes cluster, by the label {@code type=virtual-kubelet}. All other nodes are neither
 * shown nor touched, whatever their names.
 *
 * <p>Implementations are thread-safe. They do not own the client they are given.
 */
public interface NodeManager {

    /**
     * Checks that the API server answers and lets us see nodes.
     *
     * @param timeout how long it may take
     * @throws NodeException if it does not
     */
    void check(Duration timeout);

    /**
     * Looks nodes up.
     *
     * @param names names of nodes
     * @return those which exist, by name
     * @throws NodeException if the API server cannot be asked
     */
    List<NodeStatus> list(Collection<String> names);

    /**
     * Follows all nodes: first those that are there, then whatever happens. Returns at once and never fails; an API server
     * that cannot be reached is told to the listener. Any number of watches cost the API server one.
     *
     * @param listener told of it
     * @return the watch, to be closed
     */
    NodeWatch watch(NodeListener listener);

    /**
     * Waits until all nodes are Ready. Blocks; can be interrupted.
     *
     * @param names names of nodes
     * @param timeout how long it may take
     * @param onChange told of each of these nodes whenever it changes, from this thread
     * @throws NodeException if a node is not Ready in time; the message says which and why (not registered, no heartbeat, the
     *     API server's reason), or if the API server could not be asked until then; if the waiting thread is interrupted, the
     *     exception says so and the thread's interrupt flag is set
     */
    default void awaitReady(Collection<String> names, Duration timeout, Consumer<NodeStatus> onChange) {
        new ReadyAwaiter(names, onChange).await(this, timeout);
    }

    /**
     * Keeps new pods off nodes. One that does not exist is not an error.
     *
     * @param names names of nodes
     * @return the names of those that were there
     * @throws NodeException if the API server cannot be asked or refuses
     */
    List<String> cordon(Collection<String> names);

    /**
     * Cordons nodes and evicts their pods, with the grace that each pod and its disruption budget ask for. Pods of daemon sets
     * and static pods stay, as they cannot be moved. Blocks until the other pods are gone; can be interrupted.
     *
     * @param names names of nodes; one that does not exist is not an error
     * @param timeout how long it may take
     * @throws NodeException if pods are left in time, named with what holds them; if the API server cannot be asked or refuses;
     *     or if the waiting thread is interrupted, whose interrupt flag is then set. The nodes stay cordoned
     */
    void drain(Collection<String> names, Duration timeout);

    /**
     * Deletes nodes. One that does not exist is not an error.
     *
     * @param names names of nodes
     * @return the names of those that were there and have been deleted
     * @throws NodeException if the API server cannot be asked or refuses
     */
    List<String> delete(Collection<String> names);
}
