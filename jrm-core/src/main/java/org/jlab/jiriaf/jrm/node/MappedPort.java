package org.jlab.jiriaf.jrm.node;

import org.jlab.jiriaf.jrm.internal.Checks;

/**
 * A custom metrics port and the number under which it is reached.
 *
 * @param mapped port on control plane and login node
 * @param original port on the compute node
 */
public record MappedPort(int mapped, int original) {

    /** Checks. */
    public MappedPort {
        Checks.port(mapped, "mapped custom metrics port");
        Checks.port(original, "custom metrics port");
    }
}
