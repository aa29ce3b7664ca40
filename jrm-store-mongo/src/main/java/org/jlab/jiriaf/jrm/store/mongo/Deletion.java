package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Updates;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.BsonType;
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

    private Deletion(Launchpad launchpad, String what, List<Integer> nodes) {
        this.launchpad = launchpad;
        this.what = what;
        this.nodes = nodes;
    }

    /**
     * Deletes a workflow of one Firework, if that is a JRM deployment and there. Without a projection, which FerretDB does not
     * know here.
     *
     * @return false if it is not, and nothing was done
     */
    static boolean ofOneFirework(Launchpad launchpad, String what, List<Integer> nodes) {
        Deletion deletion = new Deletion(launchpad, what, nodes);
        Bson deployment =
                Filters.and(Filters.eq("fw_id", nodes.get(0)), Filters.type("spec.jrms_info", BsonType.DOCUMENT));
        Document before = launchpad.calls.<@Nullable Document>run(
                what, () -> launchpad.fireworks.findOneAndUpdate(deployment, OUT_OF_USE));
        if (before == null) {
            return false;
        }
        deletion.addLaunches(before);
        boolean neverRan = deletion.launchIds.isEmpty() && IDLE.contains(Fields.text(before.get("state"), ""));
        if (neverRan) {
            deletion.delete(launchpad.workflows, Launchpad.idIn("nodes", nodes));
            deletion.delete(launchpad.fireworks, Launchpad.idIn("fw_id", nodes));
        } else {
            deletion.run();
        }
        return true;
    }

    /** Deletes a workflow whatever there is of it. */
    static void ofAll(Launchpad launchpad, String what, List<Integer> nodes, List<Document> fireworks) {
        Deletion deletion = new Deletion(launchpad, what, nodes);
        fireworks.forEach(deletion::addLaunches);
        launchpad.calls.act(what, () -> launchpad.fireworks.updateMany(Launchpad.idIn("fw_id", nodes), OUT_OF_USE));
        // Of a deletion that was cut off only these are left to tell.
        launchpad
                .find(what, launchpad.launches, Launchpad.idIn("fw_id", nodes), Projections.include("launch_id"))
                .forEach(launch -> deletion.launchIds.addAll(Fields.integers(List.of(launch.get("launch_id", 0)))));
        deletion.run();
    }

    private void addLaunches(Document firework) {
        launchIds.addAll(Fields.integers(firework.get("launches")));
        launchIds.addAll(Fields.integers(firework.get("archived_launches")));
    }

    private void run() {
        delete(launchpad.workflows, Launchpad.idIn("nodes", nodes));
        if (!launchIds.isEmpty()) {
            keepSharedLaunches();
            deleteFiles();
            delete(launchpad.database.getCollection("offline_runs"), Launchpad.idIn("fw_id", nodes));
        }
        deleteLaunches();
        delete(launchpad.fireworks, Launchpad.idIn("fw_id", nodes));
        // An agent that was in the middle of a change has put its copy back.
        delete(launchpad.fireworks, Launchpad.idIn("fw_id", nodes));
        if (!launchIds.isEmpty()) {
            deleteLaunches();
        }
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
