package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;

/** Adds workflows, all of them or none: four commands for any number. */
final class Addition {

    /** Not every server counts atomically (FerretDB 1.x does not), and a reset counts anew: an id that is taken is given up. */
    static final int ID_RETRIES = 20;

    private static final int NO_ID_YET = 0;

    private final Launchpad launchpad;
    private final String what;
    private final List<WorkflowDraft> drafts;
    private final Instant now;
    private final List<Document> fireworks = new ArrayList<>();

    /** Refuses what cannot be stored; nothing is touched yet. */
    Addition(Launchpad launchpad, List<WorkflowDraft> drafts) {
        this.launchpad = launchpad;
        this.drafts = drafts;
        this.now = launchpad.now();
        for (WorkflowDraft draft : drafts) {
            FireworkDocuments.requireStorable(draft);
            Document firework = FireworkDocuments.firework(NO_ID_YET, draft, now);
            DocumentSize.requireFits(draft, firework);
            fireworks.add(firework);
        }
        this.what = drafts.size() == 1
                ? "add workflow '" + drafts.get(0).name() + "'"
                : "add " + drafts.size() + " workflows";
    }

    /** Returns their ids. */
    List<Integer> run() {
        for (int retries = 0; ; retries++) {
            try {
                return insertAll();
            } catch (WorkflowStoreException e) {
                if (retries == ID_RETRIES || !Calls.isDuplicate(e)) {
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
            makeReady(first);
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
     * By range: 'in' is slow where a server has no proper indexes. At a second condition mongo-java-server looks at each document
     * it has instead of its index, so the first try goes without the old state: {@code $min} makes WAITING READY and leaves what
     * somebody has archived, defused or paused since, as these come before it. RESERVED and RUNNING come after it, but nobody takes
     * what is not READY; once a try may have made it that, the state is asked for.
     */
    private void makeReady(int first) {
        Object ids = drafts.size() == 1 ? first : new Document("$gte", first).append("$lt", first + drafts.size());
        launchpad.calls.run(what, tried -> {
            Document added = new Document("fw_id", ids);
            if (tried > 0) {
                added.append("state", WorkflowState.WAITING.name());
            }
            return launchpad.fireworks.updateMany(added, Updates.min("state", WorkflowState.READY.name()));
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
