package org.jlab.jiriaf.jrm.site;

import org.jlab.jiriaf.jrm.internal.Checks;
import org.jspecify.annotations.Nullable;

/**
 * The {@code slurm} block of a site file.
 *
 * @param nodes compute nodes, and so JRMs, of one batch job; at least 1
 * @param constraint {@code --constraint}, or null
 * @param walltime time limit of the job
 * @param qos {@code --qos}, or null
 * @param account {@code --account}, or null
 * @param reservation {@code --reservation}, or null
 */
public record SlurmSettings(
        int nodes,
        @Nullable String constraint,
        Walltime walltime,
        @Nullable String qos,
        @Nullable String account,
        @Nullable String reservation) {

    /** Checks. */
    public SlurmSettings {
        Checks.positive(nodes, "slurm.nodes");
    }
}
