package org.jlab.jiriaf.jrm.script;

import java.util.List;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;

/**
 * Everything that a deployment runs at the site, rendered. The same job always gives the same bytes.
 *
 * @param batchScript the whole job as one script for {@code sbatch} (or {@code sh} where there is no batch system), which
 *     needs nothing but the launch folder as working directory: writes the other scripts, then does what the last task does
 * @param sharedScript what all node scripts have in common, {@value #SHARED_FILE} in the launch folder, which they source;
 *     empty if they are whole
 * @param nodeScripts one per node
 * @param queue what a FireWorks agent puts into its queue script
 * @param tasks what a FireWorks rocket runs: one that writes the shared script, per node one that writes its script and one that
 *     makes it executable, then one that runs them all and waits
 */
public record BatchScripts(
        String batchScript,
        String sharedScript,
        List<NodeScript> nodeScripts,
        QueueSettings queue,
        List<ScriptTask> tasks) {

    /** Name of the shared script in the launch folder. No node can have it: names of nodes have no underscore. */
    public static final String SHARED_FILE = "jrm_node.sh";

    /** Copies. */
    public BatchScripts {
        nodeScripts = List.copyOf(nodeScripts);
        tasks = List.copyOf(tasks);
    }
}
