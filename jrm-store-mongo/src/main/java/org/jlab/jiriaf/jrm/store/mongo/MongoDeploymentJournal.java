package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The journal in a collection of jrm's own, {@code jrm_deployments}, which FireWorks does not know. One document per deployment:
 * {@code {_id: request id, name, phase, owner: {host, pid, started_at}, owned_until, workflow_id, hops, key, forwards, nodenames,
 * node_password, batch_system, created_on, version, nonce}}. That {@code _id} is what no two can insert; a change matches the version that was read. The nonce
 * tells own writes from others' after a lost answer.
 */
final class MongoDeploymentJournal implements DeploymentJournal {

    private static final String NONCE = "nonce";

    private final MongoCollection<Document> records;
    private final RetryingCalls calls;

    MongoDeploymentJournal(MongoDatabase database) {
        this.records = database.getCollection("jrm_deployments");
        this.calls = new RetryingCalls(database.getName(), WorkflowStoreException::new);
    }

    @Override
    public DeploymentRecord begin(DeploymentRecord record) {
        DeploymentRecord first = record.withVersion(1);
        Document document = document(first, new ObjectId());
        return calls.run("note deployment " + record.name(), tried -> {
            try {
                records.insertOne(document);
                return first;
            } catch (MongoWriteException e) {
                if (!RetryingCalls.isDuplicate(e)) {
                    throw e;
                }
                Document present = records.find(byRequest(record)).first();
                if (present == null) {
                    // Removed since; whoever asks again gets a record.
                    throw e;
                }
                return read(present);
            }
        });
    }

    @Override
    public Optional<DeploymentRecord> replace(DeploymentRecord record) {
        DeploymentRecord next = record.withVersion(record.version() + 1);
        ObjectId nonce = new ObjectId();
        Document document = document(next, nonce);
        Bson asRead = Filters.and(byRequest(record), Filters.eq("version", record.version()));
        boolean done = calls.run(
                "note the progress of " + record.name(),
                tried -> records.replaceOne(asRead, document).getMatchedCount() == 1
                        || (tried > 0 && isStored(record, nonce)));
        return done ? Optional.of(next) : Optional.empty();
    }

    private boolean isStored(DeploymentRecord record, ObjectId nonce) {
        return records.find(Filters.and(byRequest(record), Filters.eq(NONCE, nonce)))
                        .first()
                != null;
    }

    @Override
    public void removeAll(Collection<String> names) {
        calls.act(
                "remove the record of " + String.join(", ", names),
                () -> records.deleteMany(Filters.in("name", names)));
    }

    @Override
    public List<DeploymentRecord> list() {
        return calls
                .run(
                        "list deployments",
                        () -> records.find().sort(Sorts.ascending("name")).into(new ArrayList<>()))
                .stream()
                .map(MongoDeploymentJournal::read)
                .toList();
    }

    @Override
    public Optional<DeploymentRecord> find(String name) {
        return Optional.ofNullable(calls.<@Nullable Document>run(
                        "find deployment " + name,
                        () -> records.find(Filters.eq("name", name)).first()))
                .map(MongoDeploymentJournal::read);
    }

    private static Bson byRequest(DeploymentRecord record) {
        return Filters.eq("_id", record.requestId());
    }

    private static Document document(DeploymentRecord record, ObjectId nonce) {
        ProcessIdentity owner = record.owner();
        SshRoute route = record.route();
        return new Document("_id", record.requestId())
                .append("name", record.name())
                .append("phase", record.phase().name())
                .append(
                        "owner",
                        new Document("host", owner.host())
                                .append("pid", owner.pid())
                                .append("started_at", Date.from(owner.startedAt())))
                .append("owned_until", Date.from(record.ownedUntil()))
                .append("workflow_id", record.workflowId())
                .append("hops", texts(route.hops()))
                .append("alternates", texts(route.alternates()))
                .append("key", route.key() == null ? null : route.key().toString())
                .append("forwards", ForwardDocuments.of(record.forwards()))
                .append("nodenames", record.nodeNames())
                .append("node_password", record.nodePassword())
                .append(
                        "batch_system",
                        record.batchSystem() == null
                                ? null
                                : record.batchSystem().name())
                .append("created_on", Date.from(record.createdOn()))
                .append("version", record.version())
                .append(NONCE, nonce);
    }

    private static DeploymentRecord read(Document document) {
        Document owner = document.get("owner", Document.class);
        String key = document.getString("key");
        return new DeploymentRecord(
                document.getString("name"),
                document.getString("_id"),
                DeploymentRecord.Phase.valueOf(document.getString("phase")),
                new ProcessIdentity(owner.getString("host"), owner.getLong("pid"), instant(owner, "started_at")),
                instant(document, "owned_until"),
                document.getInteger("workflow_id"),
                new SshRoute(
                        hops(document.getList("hops", String.class)),
                        key == null ? null : Path.of(key),
                        null,
                        hops(document.getList("alternates", String.class, List.of()))),
                ForwardDocuments.read(document.getList("forwards", Object.class)),
                document.getList("nodenames", String.class),
                document.getBoolean("node_password", false),
                batchSystem(document.getString("batch_system")),
                instant(document, "created_on"),
                document.getLong("version"));
    }

    /** Null where the document says nothing, or something that only a later jrm understands. */
    private static DeploymentRecord.@Nullable BatchSystem batchSystem(@Nullable String name) {
        return Arrays.stream(DeploymentRecord.BatchSystem.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static List<String> texts(List<SshHop> hops) {
        return hops.stream().map(SshHop::toString).toList();
    }

    private static List<SshHop> hops(List<String> texts) {
        return texts.stream().map(SshHop::parse).toList();
    }

    private static Instant instant(Document document, String field) {
        return document.getDate(field).toInstant();
    }
}
