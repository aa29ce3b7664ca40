package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOneModel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;

/** Adds workflows, all of them or none: four commands for any number. */
final class WorkflowInsert {

    /** A reset of the LaunchPad starts the counter anew, so an id may be taken; it is then given up. */
    static final int ID_RETRIES = 20;

    private static final int NO_ID_YET = 0;

    private final Launchpad launchpad;
    private final String what;
    private final List<WorkflowDraft> drafts;
    private final Instant now;
    private final List<RawBsonDocument> specs = new ArrayList<>();
    private final List<Document> fireworks = new ArrayList<>();

    /** Refuses what cannot be stored; nothing is touched yet. */
    WorkflowInsert(Launchpad launchpad, List<WorkflowDraft> drafts) {
        this.launchpad = launchpad;
        this.drafts = drafts;
        this.now = launchpad.now();
        for (WorkflowDraft draft : drafts) {
            specs.add(storableSpec(draft));
            fireworks.add(FireworkDocuments.firework(NO_ID_YET, draft, now));
        }
        this.what = drafts.size() == 1
                ? "add workflow '" + drafts.get(0).name() + "'"
                : "add " + drafts.size() + " workflows";
    }

    /** Refuses what cannot be stored, as an addition does. */
    static RawBsonDocument storableSpec(WorkflowDraft draft) {
        FireworkDocuments.requireStorable(draft);
        RawBsonDocument spec = FireworkSpec.of(draft);
        DocumentSize.requireFits(draft, spec);
        return spec;
    }

    /** Returns their ids. */
    List<Integer> run() {
        for (int retries = 0; ; retries++) {
            try {
                return insertAll();
            } catch (WorkflowStoreException e) {
                if (retries == ID_RETRIES || !RetryingCalls.isDuplicate(e)) {
                    throw e;
                }
            }
        }
    }

    private List<Integer> insertAll() {
        int first = launchpad.takeFireworkIds(drafts.size());
        List<Integer> ids = new ArrayList<>();
        List<Document> workflows = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            int id = first + i;
            ids.add(id);
            workflows.add(FireworkDocuments.workflow(id, drafts.get(i), now));
            fireworks.get(i).put("fw_id", id);
        }
        try {
            // A workflow without its Firework breaks 'lpad get_wflows'; a READY Firework without its workflow stops an
            // agent.
            launchpad.calls.insert(what, launchpad.fireworks, fireworks);
            launchpad.calls.insert(what, launchpad.workflows, workflows);
            makeReadyWithSpec();
        } catch (RuntimeException e) {
            launchpad.calls.undo("remove half-added workflows from id " + first + " on", e, () -> {
                launchpad.workflows.deleteMany(sameDocuments(workflows));
                launchpad.fireworks.deleteMany(sameDocuments(fireworks));
            });
            throw e;
        }
        return ids;
    }

    /**
     * Gives them what they have to do. {@code $min} makes WAITING READY and leaves what somebody has archived, defused or paused
     * since, as these come before it. Only a repeated try asks what an earlier one did: at a second condition mongo-java-server
     * looks at each document it has instead of its index. There also an insert of a small document and its growth cost less than
     * an insert of a large one and any change of it.
     */
    private void makeReadyWithSpec() {
        launchpad.calls.run(what, tried -> {
            List<UpdateOneModel<Document>> updates = new ArrayList<>();
            for (int i = 0; i < specs.size(); i++) {
                Document added = new Document("_id", fireworks.get(i).get("_id"));
                if (tried > 0) {
                    added.append("spec._category", new Document("$exists", false));
                }
                // Not with Updates, which would take the spec apart.
                updates.add(new UpdateOneModel<>(
                        added,
                        new Document("$set", new Document("spec", specs.get(i)))
                                .append("$min", new Document("state", WorkflowState.READY.name()))));
            }
            return launchpad.fireworks.bulkWrite(updates, new BulkWriteOptions().ordered(false));
        });
    }

    private static Bson sameDocuments(List<Document> documents) {
        if (documents.size() == 1) {
            return Filters.eq("_id", documents.get(0).get("_id"));
        }
        return Filters.in(
                "_id", documents.stream().map(document -> document.get("_id")).toList());
    }
}
