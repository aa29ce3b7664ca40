package org.jlab.jiriaf.jrm.workflow;

import java.util.List;
import java.util.Map;

/**
 * A workflow to be stored: one Firework without parents, which is one batch job.
 *
 * @param name name of workflow and Firework
 * @param category FireWorks category, the site name
 * @param queue what it asks of the queue
 * @param tasks what its rocket runs, at least one
 * @param jrms its JRMs
 * @param ssh its tunnels
 * @param metadata what jrm itself wants to remember, stored under {@code metadata.jrm} of the workflow; text values, no
 *     secrets
 */
public record WorkflowDraft(
        String name,
        String category,
        QueueSettings queue,
        List<ScriptTask> tasks,
        JrmsInfo jrms,
        SshInfo ssh,
        Map<String, String> metadata) {

    /** Checks and copies. */
    public WorkflowDraft {
        tasks = List.copyOf(tasks);
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException(
                    "tasks of a workflow must not be empty: FireWorks fizzles it or hangs on it");
        }
        metadata = Map.copyOf(metadata);
    }
}
