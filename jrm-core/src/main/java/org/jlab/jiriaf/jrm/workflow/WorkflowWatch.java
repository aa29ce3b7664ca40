package org.jlab.jiriaf.jrm.workflow;

/** A listener's connection to a store; ends when it is closed. Closing twice is harmless. */
public interface WorkflowWatch extends AutoCloseable {

    /** Ends the watch. A call of the listener that is under way may still end after this. */
    @Override
    void close();
}
