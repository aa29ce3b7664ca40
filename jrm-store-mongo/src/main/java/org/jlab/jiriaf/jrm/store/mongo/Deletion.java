package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.Document;
import org.bson.conversions.Bson;

/** Removes the documents of one workflow, in FireWorks' order. Harmless when repeated. */
final class Deletion {

    private final Launchpad launchpad;
    private final String what;
    private final List<Integer> nodes;
    private final Set<Integer> launchIds = new HashSet<>();
    private final Set<Integer> shared = new HashSet<>();

    Deletion(Launchpad launchpad, String what, List<Integer> nodes, List<Document> fireworks) {
        this.launchpad = launchpad;
        this.what = what;
        this.nodes = nodes;
        for (Document firework : fireworks) {
            launchIds.addAll(Fields.integers(firework.get("launches")));
            launchIds.addAll(Fields.integers(firework.get("archived_launches")));
        }
    }

    void run() {
        if (!launchIds.isEmpty()) {
            keepSharedLaunches();
            deleteFiles();
            delete(launchpad.database.getCollection("offline_runs"), Filters.in("fw_id", nodes));
        }
        deleteLaunches();
        delete(launchpad.fireworks, Filters.in("fw_id", nodes));
        delete(launchpad.workflows, Filters.in("nodes", nodes));
        // An agent that was in the middle of a change has put its copy back.
        delete(launchpad.fireworks, Filters.in("fw_id", nodes));
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
        Bson all = Filters.or(Filters.in("launch_id", launchIds), Filters.in("fw_id", nodes));
        delete(launchpad.launches, shared.isEmpty() ? all : Filters.and(all, Filters.nin("launch_id", shared)));
    }

    private void delete(MongoCollection<Document> collection, Bson filter) {
        launchpad.calls.act(what, () -> collection.deleteMany(filter));
    }
}
