package org.jlab.jiriaf.jrm.store.mongo;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.RawBsonDocument;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;

/**
 * Whether a Firework fits a document, which MongoDB limits to 16 MB.
 *
 * <p>A node takes 0.9 kB, and 0.66 kB more for two custom metrics ports, since what its script has in common with the others is
 * stored once: 18,000 to 10,000 nodes fit. What ends before is the command that starts the nodes, which names them all and is
 * limited by Linux to 131,071 bytes, some 5,400 nodes; the renderer refuses more.
 */
final class DocumentSize {

    /** MongoDB's limit, less room for what agents add: launches, recovery, the reason of a failure. */
    static final int LIMIT = 16 * 1024 * 1024 - 64 * 1024;

    /** The fields beside {@code spec}, without the name. */
    private static final int OTHER_FIELDS = 256;

    private static final int BYTES_PER_CHAR = 3;

    private DocumentSize() {}

    /**
     * Refuses a workflow that is too large.
     *
     * @param spec of its Firework
     */
    static void requireFits(WorkflowDraft draft, RawBsonDocument spec) {
        int size = of(draft, spec);
        if (size <= LIMIT) {
            return;
        }
        int nodes = Math.max(1, draft.jrms().nodenames().size());
        int fixed = of(draft, FireworkSpec.of(withoutNodes(draft)));
        long fit = fixed >= LIMIT ? 0 : (long) (LIMIT - fixed) * nodes / (size - fixed);
        throw new WorkflowStoreException(
                "Workflow '" + draft.name() + "' with " + nodes + " nodes takes " + size + " bytes; a LaunchPad holds "
                        + LIMIT + ". "
                        + (fit > 0
                                ? "It fits with " + fit
                                        + " nodes: set slurm.nodes to that and deploy the rest as another."
                                : "Make its scripts shorter."),
                null,
                false);
    }

    private static int of(WorkflowDraft draft, RawBsonDocument spec) {
        return spec.getByteBuffer().remaining() + BYTES_PER_CHAR * draft.name().length() + OTHER_FIELDS;
    }

    /** What stays however few nodes there are; tasks count with the nodes. */
    private static WorkflowDraft withoutNodes(WorkflowDraft draft) {
        JrmsInfo jrms = draft.jrms();
        return new WorkflowDraft(
                draft.name(),
                draft.category(),
                draft.queue(),
                List.of(new ScriptTask("")),
                new JrmsInfo(
                        List.of(),
                        List.of(),
                        jrms.apiserverPort(),
                        jrms.kubeconfig(),
                        jrms.controlPlaneIp(),
                        List.of(),
                        jrms.site(),
                        jrms.image(),
                        new TreeMap<>()),
                new SshInfo(List.of(), draft.ssh().database(), draft.ssh().apiserver(), List.of()),
                Map.of());
    }
}
