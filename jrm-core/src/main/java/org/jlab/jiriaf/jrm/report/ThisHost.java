package org.jlab.jiriaf.jrm.report;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** This host, by the name under which deployers that are told no other lease ports and sign the journal. */
public final class ThisHost {

    private ThisHost() {}

    /**
     * Its name.
     *
     * @return the name
     */
    public static String name() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("This host does not know its own name", e);
        }
    }
}
