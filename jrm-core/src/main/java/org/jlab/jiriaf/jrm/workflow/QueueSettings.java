package org.jlab.jiriaf.jrm.workflow;

import org.jspecify.annotations.Nullable;

/**
 * What a workflow asks of the queue, {@code spec._queueadapter}. A value that is null is not stored, so that FireWorks drops
 * its line from the queue script.
 *
 * @param jobName name of the batch job
 * @param walltime {@code HH:MM:SS}, or null for no limit
 * @param nodes number of compute nodes
 * @param qos {@code --qos}
 * @param account {@code --account}
 * @param constraint {@code --constraint}
 * @param reservation {@code --reservation}
 * @param preRocket shell lines that run before the rocket, or null
 */
public record QueueSettings(
        String jobName,
        @Nullable String walltime,
        int nodes,
        @Nullable String qos,
        @Nullable String account,
        @Nullable String constraint,
        @Nullable String reservation,
        @Nullable String preRocket) {}
