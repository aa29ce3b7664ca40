package org.jlab.jiriaf.jrm.node;

/** A running watch of nodes. */
public interface NodeWatch extends AutoCloseable {

    /** Ends the watch; no call to its listener begins after this. Closing twice is harmless. */
    @Override
    void close();
}
