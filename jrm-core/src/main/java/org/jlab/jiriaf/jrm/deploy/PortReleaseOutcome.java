package org.jlab.jiriaf.jrm.deploy;

import org.jspecify.annotations.Nullable;

/**
 * What became of one port that was to be closed.
 *
 * @param port the port
 * @param owner name of the deployment that holds or held it, or null if it is not jrm's
 * @param closed whether its forward and its lease have been given up
 * @param reason why it was or was not
 */
public record PortReleaseOutcome(int port, @Nullable String owner, boolean closed, String reason) {}
