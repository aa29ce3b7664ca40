package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
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

    /** No agent takes it, and no tool needs its workflow. */
    private static final Bson OUT_OF_USE = Updates.set("state", "ARCHIVED");

    private final Launchpad launchpad;
    private final String what;
    private final List<Integer> nodes;
    private final Set<Integer> launchIds = new HashSet<>();
    private final Set<Integer> shared = new HashSet<>();

    /**
     * Prepares a deletion.
     *
     * @param launchpad where
     * @param what what is attempted, to follow "Cannot"
     * @param nodes ids of the Fireworks of the workflow
     */
    Deletion(Launchpad launchpad, String what, List<Integer> nodes) {
        this.launchpad = launchpad;
        this.what = what;
        this.nodes = nodes;
    }

    void run() {
        boolean neverRan = true;
        for (int id : nodes) {
            // Without a projection: FerretDB does not know it here.
            Document before = launchpad.calls.<@Nullable Document>run(
                    what, () -> launchpad.fireworks.findOneAndUpdate(Filters.eq("fw_id", id), OUT_OF_USE));
            neverRan &= before != null && IDLE.contains(Fields.text(before.get("state"), ""));
            addLaunches(before == null ? new Document() : before);
        }
        delete(launchpad.workflows, Launchpad.idIn("nodes", nodes));
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
                .forEach(launch -> launchIds.addAll(Fields.integers(List.of(launch.get("launch_id", 0)))));
        if (!launchIds.isEmpty()) {
            keepSharedLaunches();
            deleteFiles();
            delete(launchpad.database.getCollection("offline_runs"), Launchpad.idIn("fw_id", nodes));
        }
        deleteLaunches();
    }

    private void addLaunches(Document firework) {
        launchIds.addAll(Fields.integers(firework.get("launches")));
        launchIds.addAll(Fields.integers(firework.get("archived_launches")));
    }

    /** Duplicate detection lets Fireworks of other workflows refer to these launches. */
    private void keepSharedLaunches() {
        Bson others = Filters.and(
                Filters.nin("fw_id", nodes),
                Filters.or(Filters.in("launches", launchIds), Filters.in("archived_launches", launchIds)));
        for (Document other : launchpad.find(
                what, launchpad.fireworks, others, Projections.include("launches", "archived_launches"))) {
            shared.addAll(Fields.integers(other.get("launches")));
            shared.addAll(Fields.integers(other.get("archived_launches")));
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
