package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord.Phase;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/**
 * The journal in a collection of jrm's own, {@code jrm_deployments}, which FireWorks does not know. The request id is the
 * {@code _id}, so no two can begin the same one; moments are texts, to keep what BSON dates would cut off.
 */
final class MongoDeploymentJournal implements DeploymentJournal {

    private final MongoCollection<Document> records;
    private final Calls calls;

    MongoDeploymentJournal(Launchpad launchpad) {
        this.records = launchpad.database.getCollection("jrm_deployments");
        this.calls = launchpad.calls;
    }

    @Override
    public DeploymentRecord begin(DeploymentRecord record) {
        DeploymentRecord first = record.withVersion(1);
        String what = "begin deployment " + record.name() + " in the journal";
        Bson sameRequest = Filters.eq("_id", record.requestId());
        while (true) {
            boolean begun = calls.run(what, tried -> {
                try {
                    records.insertOne(document(first));
                    return true;
                } catch (MongoWriteException e) {
                    if (!Calls.isDuplicate(e)) {
                        throw e;
                    }
                    return false;
                }
            });
            Optional<DeploymentRecord> held = begun ? Optional.of(first) : first(what, sameRequest);
            if (held.isPresent()) {
                return held.get();
            }
        }
    }

    @Override
    public Optional<DeploymentRecord> replace(DeploymentRecord record) {
        DeploymentRecord next = record.withVersion(record.version() + 1);
        String what = "note deployment " + record.name() + " in the journal";
        Bson unchanged = Filters.and(
                Filters.eq("_id", record.requestId()),
                Filters.eq("name", record.name()),
                Filters.eq("version", record.version()));
        boolean replaced = calls.run(
                what,
                tried -> records.replaceOne(unchanged, document(next)).getMatchedCount() > 0
                        || (tried > 0 && find(record.name()).equals(Optional.of(next))));
        return replaced ? Optional.of(next) : Optional.empty();
    }

    @Override
    public void remove(String name) {
        calls.act(
                "remove deployment " + name + " from the journal", () -> records.deleteMany(Filters.eq("name", name)));
    }

    @Override
    public List<DeploymentRecord> list() {
        return read(
                "list the journal",
                () -> records.find().sort(Sorts.ascending("name")).into(new ArrayList<>()));
    }

    @Override
    public Optional<DeploymentRecord> find(String name) {
        return first("look for deployment " + name + " in the journal", Filters.eq("name", name));
    }

    private Optional<DeploymentRecord> first(String what, Bson filter) {
        return read(what, () -> records.find(filter).limit(1).into(new ArrayList<>())).stream()
                .findFirst();
    }

    private List<DeploymentRecord> read(String what, Supplier<List<Document>> query) {
        return calls.run(what, query).stream()
                .map(MongoDeploymentJournal::record)
                .toList();
    }

    private static Document document(DeploymentRecord record) {
        Path key = record.key();
        return new Document("_id", record.requestId())
                .append("name", record.name())
                .append("phase", record.phase().name())
                .append(
                        "owner",
                        new Document("host", record.owner().host())
                                .append("pid", record.owner().pid())
                                .append("started_at", record.owner().startedAt().toString()))
                .append("owned_until", record.ownedUntil().toString())
                .append("workflow_id", record.workflowId())
                .append("hops", record.hops().stream().map(SshHop::toString).toList())
                .append("key", key == null ? null : key.toString())
                .append(
                        "forwards",
                        record.forwards().stream().map(Forward::toString).toList())
                .append("nodes", record.nodeNames())
                .append("created_on", record.createdOn().toString())
                .append("version", record.version());
    }

    private static DeploymentRecord record(Document document) {
        Document owner = document.get("owner", Document.class);
        String key = document.getString("key");
        return new DeploymentRecord(
                document.getString("name"),
                document.getString("_id"),
                Phase.valueOf(document.getString("phase")),
                new ProcessIdentity(owner.getString("host"), owner.getLong("pid"), instant(owner.get("started_at"))),
                instant(document.get("owned_until")),
                document.getInteger("workflow_id"),
                Fields.texts(document.get("hops")).stream().map(SshHop::parse).toList(),
                key == null ? null : Path.of(key),
                Fields.texts(document.get("forwards")).stream()
                        .map(Forward::parse)
                        .toList(),
                Fields.texts(document.get("nodes")),
                instant(document.get("created_on")),
                document.getLong("version"));
    }

    private static Instant instant(@Nullable Object text) {
        return Instant.parse(Objects.requireNonNull(Fields.text(text)));
    }
}
