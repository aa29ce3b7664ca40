package org.jlab.jiriaf.jrm.store.mongo;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.BsonBinaryWriter;
import org.bson.Document;
import org.bson.codecs.DocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

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

    /** Type, terminators, lengths, a number or an id, and the index of an element. */
    private static final long BYTES_PER_VALUE = 32;

    private static final long BYTES_PER_CHAR = 3;

    private DocumentSize() {}

    static void requireFits(WorkflowDraft draft) {
        requireFits(draft, document(draft));
    }

    /**
     * Refuses a workflow that is too large.
     *
     * @param firework the document of its Firework
     */
    static void requireFits(WorkflowDraft draft, Document firework) {
        if (atMost(firework) <= LIMIT) {
            return;
        }
        int size = of(firework);
        if (size <= LIMIT) {
            return;
        }
        int nodes = Math.max(1, draft.jrms().nodenames().size());
        int fixed = of(document(withoutNodes(draft)));
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

    private static Document document(WorkflowDraft draft) {
        return FireworkDocuments.firework(Integer.MAX_VALUE, draft, Instant.EPOCH);
    }

    /** A bound that takes no time, so that only what comes near the limit is written out to be measured. */
    private static long atMost(@Nullable Object value) {
        if (value instanceof String text) {
            return BYTES_PER_VALUE + BYTES_PER_CHAR * text.length();
        }
        long size = BYTES_PER_VALUE;
        if (value instanceof Document document) {
            for (Map.Entry<String, Object> field : document.entrySet()) {
                size += BYTES_PER_CHAR * field.getKey().length() + atMost(field.getValue());
            }
        } else if (value instanceof List<?> elements) {
            for (Object element : elements) {
                size += atMost(element);
            }
        }
        return size;
    }

    private static int of(Document document) {
        try (BasicOutputBuffer buffer = new BasicOutputBuffer();
                BsonBinaryWriter writer = new BsonBinaryWriter(buffer)) {
            new DocumentCodec()
                    .encode(writer, document, EncoderContext.builder().build());
            return buffer.getPosition();
        }
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
