package org.jlab.jiriaf.jrm.node;

/**
 * Told what happens to JRM nodes, one call at a time, from a thread of the node manager. Calls have to return soon: while one
 * runs, nobody hears of anything else.
 */
public interface NodeListener {

    /**
     * A node is there, or has changed.
     *
     * @param node the node as it is now
     */
    void changed(NodeStatus node);

    /**
     * A node is no longer there.
     *
     * @param name its name
     */
    default void removed(String name) {}

    /**
     * All nodes that are there have been told: the picture is complete, at the beginning and again after an interruption.
     */
    default void synced() {}

    /**
     * Nothing can be heard at present. If the failure is transient, what was missed follows as soon as the API server answers
     * again; otherwise this is the last call.
     *
     * @param failure why
     */
    default void disconnected(NodeException failure) {}
}
