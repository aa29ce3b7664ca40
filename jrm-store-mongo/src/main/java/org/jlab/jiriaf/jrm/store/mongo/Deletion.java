package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Updates;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/** Removes the documents of one workflow. Harmless when repeated; what was cut off can be repeated. */
final class Deletion {

    /** No agent works on a Firework in one of these states, so none will put its copy back. */
    private static final Set<String> IDLE = Set.of("READY", "WAITING", "PAUSED", "DEFUSED", "ARCHIVED");

    /** When a deletion began, so that one that was cut off is known. */
    static final String BEGUN = "spec.jrm_deleting";

    private static final FindOneAndUpdateOptions REPORTED = new FindOneAndUpdateOptions()
            .projection(Projections.include("state", "launches", "archived_launches", BEGUN));

    private final Launchpad launchpad;
    private final String what;
    private final Bson outOfUse;
    private final List<Integer> nodes = new ArrayList<>();
    private final Set<Integer> launchIds = new HashSet<>();
    private final Set<Integer> shared = new HashSet<>();
    private boolean neverRan = true;

    /**
     * Prepares a deletion.
     *
     * @param launchpad where
     * @param what what is attempted, to follow "Cannot"
     */
    Deletion(Launchpad launchpad, String what) {
        this.launchpad = launchpad;
        this.what = what;
        // No agent takes an ARCHIVED one, and no tool needs its workflow.
        this.outOfUse = Updates.combine(
                Updates.set("state", "ARCHIVED"), Updates.set(BEGUN, FireworksDate.text(launchpad.now())));
    }

    /**
     * Deletes a JRM deployment as jrm makes them, of one Firework, in three commands if it never ran.
     *
     * @return false if it is not that; then nothing is gone yet
     */
    boolean runSingle(int id) {
        Document deleted =
                takeOutOfUse(new Document("fw_id", id).append("spec.jrms_info", new Document("$exists", true)))
                        ? launchpad.calls.<@Nullable Document>run(
                                what, () -> launchpad.workflows.findOneAndDelete(Filters.eq("nodes", List.of(id))))
                        : null;
        if (deleted == null) {
            return false;
        }
        nodes.add(id);
        deleteFireworks();
        return true;
    }

    /**
     * Deletes any workflow.
     *
     * @param members ids of its Fireworks
     */
    void run(List<Integer> members) {
        nodes.addAll(members);
        nodes.forEach(id -> takeOutOfUse(Filters.eq("fw_id", id)));
        delete(launchpad.workflows, Launchpad.idIn("nodes", nodes));
        deleteFireworks();
    }

    /** Returns whether there is such a Firework. */
    private boolean takeOutOfUse(Bson which) {
        Document before = launchpad.calls.<@Nullable Document>run(what, tried -> {
            neverRan &= tried == 0;
            return launchpad.fireworks.findOneAndUpdate(which, outOfUse, REPORTED);
        });
        if (before == null) {
            return false;
        }
        neverRan &= IDLE.contains(DocumentFields.text(before.get("state"), ""))
                && DocumentFields.at(before, "spec", "jrm_deleting") == null;
        launchIds.addAll(DocumentFields.integers(before.get("launches")));
        launchIds.addAll(DocumentFields.integers(before.get("archived_launches")));
        return true;
    }

    private void deleteFireworks() {
        if (!neverRan || !launchIds.isEmpty()) {
            deleteTraces();
        }
        delete(launchpad.fireworks, Launchpad.idIn("fw_id", nodes));
        if (!neverRan) {
            // An agent that was in the middle of a change has put its copy back.
            delete(launchpad.fireworks, Launchpad.idIn("fw_id", nodes));
            deleteLaunches();
        }
    }

    private void deleteTraces() {
        // Of a deletion that was cut off only these are left to tell.
        launchpad
                .find(what, launchpad.launches, Launchpad.idIn("fw_id", nodes), Projections.include("launch_id"))
                .forEach(launch -> launchIds.addAll(DocumentFields.integers(List.of(launch.get("launch_id", 0)))));
        if (!launchIds.isEmpty()) {
            keepSharedLaunches();
            deleteFiles();
            delete(launchpad.database.getCollection("offline_runs"), Launchpad.idIn("fw_id", nodes));
        }
        deleteLaunches();
    }

    /** Duplicate detection lets Fireworks of other workflows refer to these launches. */
    private void keepSharedLaunches() {
        Bson others = Filters.and(
                Filters.nin("fw_id", nodes),
                Filters.or(Filters.in("launches", launchIds), Filters.in("archived_launches", launchIds)));
        for (Document other : launchpad.find(
                what, launchpad.fireworks, others, Projections.include("launches", "archived_launches"))) {
            shared.addAll(DocumentFields.integers(other.get("launches")));
            shared.addAll(DocumentFields.integers(other.get("archived_launches")));
        }
        launchIds.removeAll(shared);
    }

    private void deleteFiles() {
        MongoCollection<Document> files = launchpad.database.getCollection("fw_gridfs.files");
        List<Object> ids = new ArrayList<>();
        launchpad
                .find(what, files, Filters.in("metadata.launch_id", launchIds), Projections.include("_id"))
                .forEach(file -> ids.add(file.get("_id")));
        if (!ids.isEmpty()) {
            delete(launchpad.database.getCollection("fw_gridfs.chunks"), Filters.in("files_id", ids));
            delete(files, Filters.in("_id", ids));
        }
    }

    /** Also those of a reservation that was cut off before its Firework referred to them. */
    private void deleteLaunches() {
        Bson own = Launchpad.idIn("fw_id", nodes);
        Bson all = launchIds.isEmpty() ? own : Filters.or(Filters.in("launch_id", launchIds), own);
        delete(launchpad.launches, shared.isEmpty() ? all : Filters.and(all, Filters.nin("launch_id", shared)));
    }

    private void delete(MongoCollection<Document> collection, Bson filter) {
        launchpad.calls.act(what, () -> collection.deleteMany(filter));
    }
}
