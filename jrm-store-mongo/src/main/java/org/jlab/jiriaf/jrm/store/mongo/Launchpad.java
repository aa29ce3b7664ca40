package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.ReadPreference;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

/** The collections of a LaunchPad, its two counters, its clock. */
final class Launchpad {

    /** How long one command may take, finding a server included, unless the caller's database has a timeout of its own. */
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** From here on a condition on ids is sent as a range and applied on this side. */
    private static final int MANY = 500;

    private static final int ASSIGNER_ID = -1;

    final MongoDatabase database;
    final MongoCollection<Document> workflows;
    final MongoCollection<Document> fireworks;
    final MongoCollection<Document> launches;
    final Clock clock;
    final RetryingCalls calls;
    private final MongoCollection<Document> assigner;

    Launchpad(MongoDatabase given, Clock clock) {
        // What is read decides what is written: a secondary that lags behind would make wrong decisions.
        MongoDatabase primary = given.withReadPreference(ReadPreference.primary());
        this.database = primary.getTimeout(TimeUnit.MILLISECONDS) == null
                ? primary.withTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                : primary;
        this.workflows = database.getCollection("workflows");
        this.fireworks = database.getCollection("fireworks");
        this.launches = database.getCollection("launches");
        this.assigner = database.getCollection("fw_id_assigner");
        this.clock = clock;
        this.calls = new RetryingCalls(given.getName(), WorkflowStoreException::new);
    }

    Instant now() {
        return clock.instant();
    }

    /** Takes ids of workflows; the first one. A call that is repeated leaves a gap, which is harmless. */
    int takeFireworkIds(int count) {
        return take("next_fw_id", count);
    }

    int takeLaunchId() {
        return take("next_launch_id", 1);
    }

    private int take(String counter, int count) {
        String what = "take an id from " + counter;
        Document before = calls.run(what, () -> increment(counter, count));
        if (before == null) {
            initialise();
            before = calls.run(what, () -> increment(counter, count));
        }
        Integer id = before == null ? null : DocumentFields.integer(before.get(counter));
        if (id == null) {
            throw new WorkflowStoreException(
                    "Cannot " + what + " in LaunchPad database '" + database.getName()
                            + "': fw_id_assigner does not hold that number. Was the LaunchPad being reset? Try again, or"
                            + " repair it with 'lpad reset'.",
                    null,
                    false);
        }
        return id;
    }

    private @Nullable Document increment(String counter, int count) {
        return assigner.findOneAndUpdate(new Document(), Updates.inc(counter, count), new FindOneAndUpdateOptions());
    }

    /**
     * Does what {@code lpad reset} does for an empty database, and only if nobody has: a LaunchPad that is in use has its
     * counters, and its indexes are its owner's business.
     */
    private void initialise() {
        Document counters = new Document("_id", ASSIGNER_ID)
                .append("next_fw_id", highest(fireworks, "fw_id") + 1)
                .append("next_launch_id", highest(launches, "launch_id") + 1);
        calls.run("set up the counters", tried -> {
            try {
                assigner.insertOne(counters);
            } catch (com.mongodb.MongoWriteException e) {
                if (!RetryingCalls.isDuplicate(e)) {
                    throw e;
                }
            }
            return true;
        });
        calls.act("create the indexes", this::createIndexes);
    }

    private int highest(MongoCollection<Document> collection, String field) {
        Document last = calls.run(
                "look for the last " + field,
                () -> collection
                        .find()
                        .projection(Projections.include(field))
                        .sort(Sorts.descending(field))
                        .first());
        Integer id = last == null ? null : DocumentFields.integer(last.get(field));
        return id == null ? 0 : id;
    }

    /** As FireWorks 2.x has them. 1.9.7 has one on {@code updated_onname} by a slip; nothing uses it. */
    private void createIndexes() {
        unique(fireworks, "fw_id");
        single(fireworks, "state", "spec._category", "created_on", "updated_on", "name", "launches");
        compound(fireworks, Indexes.descending("state", "_id"));
        compound(fireworks, Indexes.descending("state", "spec._priority", "created_on"));
        compound(
                fireworks,
                Indexes.compoundIndex(Indexes.descending("state", "spec._priority"), Indexes.ascending("created_on")));
        unique(launches, "launch_id");
        single(
                launches,
                "fw_id",
                "state_history.reservation_id",
                "state",
                "time_start",
                "time_end",
                "host",
                "ip",
                "fworker.name");
        single(workflows, "name", "created_on", "updated_on", "nodes");
        compound(workflows, Indexes.descending("state", "_id"));
        unique(database.getCollection("fw_gridfs.files"), "metadata.launch_id");
    }

    private static void unique(MongoCollection<Document> collection, String field) {
        collection.createIndex(
                Indexes.ascending(field), new IndexOptions().unique(true).background(true));
    }

    private static void single(MongoCollection<Document> collection, String... fields) {
        for (String field : fields) {
            compound(collection, Indexes.ascending(field));
        }
    }

    private static void compound(MongoCollection<Document> collection, Bson keys) {
        collection.createIndex(keys, new IndexOptions().background(true));
    }

    /**
     * A condition on ids. Many are sent as their range, which every server answers fast, and the caller has to leave out what
     * it did not ask for.
     */
    static Bson idsIn(String field, Collection<Integer> ids) {
        return ids.size() < MANY
                ? idIn(field, List.copyOf(ids))
                : new Document(field, new Document("$gte", Collections.min(ids)).append("$lte", Collections.max(ids)));
    }

    /** A condition on exactly these ids. One is compared, at which servers without proper indexes are faster. */
    static Bson idIn(String field, List<Integer> ids) {
        return ids.size() == 1 ? Filters.eq(field, ids.get(0)) : Filters.in(field, ids);
    }

    List<Document> find(String what, MongoCollection<Document> collection, Bson filter, Bson projection) {
        return calls.run(
                what,
                () -> collection
                        .find(filter)
                        .projection(projection)
                        .batchSize(5000)
                        .into(new ArrayList<>()));
    }
}
