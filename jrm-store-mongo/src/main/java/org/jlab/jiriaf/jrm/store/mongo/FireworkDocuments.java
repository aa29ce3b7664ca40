package org.jlab.jiriaf.jrm.store.mongo;

import java.time.Instant;
import java.util.List;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/**
 * The documents of a new workflow, as FireWorks' {@code add_wf} writes them. Numbers are int32: int64 breaks FireWorks' YAML
 * output, and double its refresh.
 */
final class FireworkDocuments {

    private FireworkDocuments() {}

    /** Refuses what FireWorks' driver could not read back or would take for something else. */
    static void requireStorable(WorkflowDraft draft) {
        for (String key : draft.metadata().keySet()) {
            if (key.isEmpty() || key.startsWith("$") || key.contains(".") || key.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("metadata key '" + key
                        + "' cannot be stored: it must not be empty, start with $ or contain a dot or NUL");
            }
        }
    }

    static Document workflow(int id, WorkflowDraft draft, Instant now) {
        String key = Integer.toString(id);
        return new Document("_id", new ObjectId())
                .append("nodes", List.of(id))
                .append("links", new Document(key, List.of()))
                .append("parent_links", new Document())
                .append("metadata", metadata(draft))
                .append("state", WorkflowState.READY.name())
                .append("name", draft.name())
                .append("created_on", FireworksDate.date(now))
                .append("updated_on", FireworksDate.date(now))
                .append("fw_states", new Document(key, WorkflowState.READY.name()));
    }

    /**
     * WAITING, so that no agent takes it before its workflow is there, and with nothing to do yet: whoever makes it READY after a
     * crash runs nothing.
     */
    static Document firework(int id, WorkflowDraft draft, Instant now) {
        String date = FireworksDate.text(now);
        return new Document("_id", new ObjectId())
                .append("spec", new Document("jrms_info", new Document()).append("_tasks", List.of()))
                .append("fw_id", id)
                .append("created_on", date)
                .append("updated_on", date)
                .append("state", WorkflowState.WAITING.name())
                .append("name", draft.name())
                .append("launches", List.of())
                .append("archived_launches", List.of());
    }

    /**
     * Only below {@code metadata} and {@code spec} does a field of one's own survive an agent. Also when empty it tells whose
     * workflow it is, should its Firework be gone.
     */
    private static Document metadata(WorkflowDraft draft) {
        Document jrm = new Document();
        draft.metadata().forEach(jrm::append);
        return new Document("jrm", jrm);
    }
}
