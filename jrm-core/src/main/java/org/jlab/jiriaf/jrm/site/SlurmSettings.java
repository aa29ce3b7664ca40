package org.jlab.jiriaf.jrm.site;

import org.jlab.jiriaf.jrm.internal.Checks;
import org.jlab.jiriaf.jrm.internal.TextRules;
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
 * @param options what else to ask for
 */
public record SlurmSettings(
        int nodes,
        @Nullable String constraint,
        Walltime walltime,
        @Nullable String qos,
        @Nullable String account,
        @Nullable String reservation,
        SlurmOptions options) {

    /** The node type where no constraint says which it is. */
    public static final String GENERIC_NODE_TYPE = "generic";

    /** Checks. */
    public SlurmSettings {
        Checks.positive(nodes, "slurm.nodes");
    }

    /**
     * Settings that ask for nothing else.
     *
     * @param nodes compute nodes of one batch job
     * @param constraint {@code --constraint}, or null
     * @param walltime time limit of the job
     * @param qos {@code --qos}, or null
     * @param account {@code --account}, or null
     * @param reservation {@code --reservation}, or null
     */
    public SlurmSettings(
            int nodes,
            @Nullable String constraint,
            Walltime walltime,
            @Nullable String qos,
            @Nullable String account,
            @Nullable String reservation) {
        this(nodes, constraint, walltime, qos, account, reservation, SlurmOptions.NONE);
    }

    /**
     * What the JRMs get as JIRIAF_NODETYPE, the value of the node label {@code jiriaf.nodetype}: the constraint, with whatever
     * a Kubernetes label value cannot hold replaced by an underscore, or {@value #GENERIC_NODE_TYPE} where that leaves
     * nothing.
     *
     * @return a label value that is not empty; {@code gpu&hbm80g} gives {@code gpu_hbm80g}
     */
    public String nodeType() {
        if (constraint == null) {
            return GENERIC_NODE_TYPE;
        }
        String label = constraint.replaceAll("[^A-Za-z0-9_.-]+", "_");
        label = label.substring(0, Math.min(label.length(), TextRules.MAX_LABEL))
                .replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
        return label.isEmpty() ? GENERIC_NODE_TYPE : label;
    }
}
