package org.jlab.jiriaf.jrm.site;

import org.jlab.jiriaf.jrm.internal.Checks;

/**
 * A port on which an application on the node serves metrics.
 *
 * @param port the port on the node
 * @param kept whether the application keeps listening on it where nothing is opened from the node (written {@code x2221},
 *     sites of the fabric profile): the forward then ends at this port instead of at the mapped one
 */
public record CustomMetricsPort(int port, boolean kept) {

    /** Checks. */
    public CustomMetricsPort {
        Checks.port(port, "custom metrics port");
    }

    /** Prints the port as the configuration has it. */
    @Override
    public String toString() {
        return kept ? "x" + port : Integer.toString(port);
    }
}
