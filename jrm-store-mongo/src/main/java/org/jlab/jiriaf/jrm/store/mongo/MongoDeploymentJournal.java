package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.journal.JournalContents.Unreadable;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal in a collection of jrm's own, {@code jrm_deployments}, which FireWorks does not know. One document per deployment:
 * {@code {_id: request id, name, phase, owner: {host, pid, started_at}, owned_until, workflow_id, hops, key, forwards, nodenames,
 * node_password, batch_system, created_on, version, nonce}}. That {@code _id} is what no two can insert; a change matches the version that was read. The nonce
 * tells own writes from others' after a lost answer.
 */
final class MongoDeploymentJournal implements DeploymentJournal {

    private static final Logger LOG = LoggerFactory.getLogger(MongoDeploymentJournal.class);
    private static final int MAX_NAME = 100;
    private static final String COLLECTION = "jrm_deployments";

    private final MongoCollection<Document> records;
    private final RetryingCalls calls;
    private final Set<Unreadable> warned = new HashSet<>(); // guarded by this

    MongoDeploymentJournal(MongoDatabase database) {
        this.records = database.getCollection(COLLECTION);
        this.calls = new RetryingCalls(database.getName(), WorkflowStoreException::new);
    }

    @Override
    public DeploymentRecord begin(DeploymentRecord record) {
        DeploymentRecord first = record.withVersion(1);
        Document document = DeploymentDocument.of(first, new ObjectId());
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
        Document document = DeploymentDocument.of(next, nonce);
        Bson asRead = Filters.and(byRequest(record), Filters.eq("version", record.version()));
        boolean done = calls.run(
                "note the progress of " + record.name(),
                tried -> records.replaceOne(asRead, document).getMatchedCount() == 1
                        || (tried > 0 && isStored(record, nonce)));
        return done ? Optional.of(next) : Optional.empty();
    }

    private boolean isStored(DeploymentRecord record, ObjectId nonce) {
        return records.find(Filters.and(byRequest(record), Filters.eq(DeploymentDocument.NONCE, nonce)))
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
    public JournalContents contents() {
        List<DeploymentRecord> read = new ArrayList<>();
        List<Unreadable> unreadable = new ArrayList<>();
        for (Document document : calls.run(
                "list deployments",
                () -> records.find().sort(Sorts.ascending("name")).into(new ArrayList<>()))) {
            try {
                read.add(DeploymentDocument.read(document));
            } catch (DeploymentDocument.Fault e) {
                unreadable.add(unreadable(document, e));
            }
        }
        warn(unreadable);
        return new JournalContents(read, unreadable);
    }

    /** Once, as the journal is read every few seconds. */
    private synchronized void warn(List<Unreadable> unreadable) {
        warned.retainAll(unreadable);
        for (Unreadable each : unreadable) {
            if (warned.add(each)) {
                LOG.warn("{} Nothing of this deployment is released or deleted meanwhile.", each.problem());
            }
        }
    }

    private Unreadable unreadable(Document document, DeploymentDocument.Fault fault) {
        String name = document.get("name") instanceof String text ? text : null;
        return new Unreadable(
                name,
                "The record of deployment " + (name == null ? "(unnamed)" : TextRules.toOneLine(name, MAX_NAME))
                        + " (_id " + TextRules.toOneLine(String.valueOf(document.get("_id")), MAX_NAME) + ") in "
                        + records.getNamespace() + " cannot be read: " + fault.getMessage()
                        + ". Use the version of jrm that wrote it, or mend the field.");
    }

    private DeploymentRecord read(Document document) {
        try {
            return DeploymentDocument.read(document);
        } catch (DeploymentDocument.Fault e) {
            throw new WorkflowStoreException(unreadable(document, e).problem(), e, false);
        }
    }

    @Override
    public Optional<DeploymentRecord> find(String name) {
        return Optional.ofNullable(calls.<@Nullable Document>run(
                        "find deployment " + name,
                        () -> records.find(Filters.eq("name", name)).first()))
                .map(this::read);
    }

    private static Bson byRequest(DeploymentRecord record) {
        return Filters.eq("_id", record.requestId());
    }
}
