package org.jlab.jiriaf.jrm.node;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * The nodes of a Kubernetes cluster, seen from a deployment: only nodes that are named are looked at or touched, and only
 * nodes that JRMs made (label {@code type=virtual-kubelet}) are ever deleted.
 *
 * <p>Implementations are thread-safe. They do not own the client they are given.
 */
public interface NodeManager {

    /**
     * Checks that the API server answers and knows us.
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
     * Waits until all nodes are Ready. Blocks; can be interrupted.
     *
     * @param names names of nodes
     * @param timeout how long it may take
     * @param onChange told of each node whenever it changes, from this or another thread, one call at a time
     * @throws NodeException if a node is not Ready in time; the message says which and why (not registered, no heartbeat, the
     *     API server's reason), or if the API server could not be asked until then; if the waiting thread is interrupted, the
     *     exception says so and the thread's interrupt flag is set
     */
    void awaitReady(Collection<String> names, Duration timeout, Consumer<NodeStatus> onChange);

    /**
     * Deletes nodes. One that does not exist is not an error; one that is not a JRM's is left alone.
     *
     * @param names names of nodes
     * @return the names of those that were there and have been deleted
     * @throws NodeException if the API server cannot be asked or refuses
     */
    List<String> delete(Collection<String> names);
}
