package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is left when an operation is cut off between two commands, and what a repair makes of it. */
class RepairTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final Worker WORKER = new Worker("w", "test", "login01", "127.0.0.1");
    private static final WorkflowDraft DRAFT = WorkflowDrafts.oneNode("test", "a");

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore store = new MongoWorkflowStore(database);
    private final MongoWorkflowStore later =
            new MongoWorkflowStore(database, Clock.offset(Clock.systemUTC(), Repair.GRACE.plusMinutes(1)));
    private final int kept = store.add(DRAFT);

    @Test
    void removesAnAdditionThatWasCutOffBeforeItsWorkflow() {
        insert("fireworks", FireworkDocuments.firework(kept + 1, DRAFT, Instant.now()));

        assertThat(store.repair()).isEmpty();
        assertThat(later.repair()).containsExactly(kept + 1);
        assertThatOnlyTheKeptIsLeft();
    }

    @Test
    void removesAnAdditionThatWasCutOffBeforeItWasReady() {
        insert("fireworks", FireworkDocuments.firework(kept + 1, DRAFT, Instant.now()));
        insert("workflows", FireworkDocuments.workflow(kept + 1, DRAFT, Instant.now()));

        assertThat(store.repair()).isEmpty();
        assertThat(later.repair()).containsExactly(kept + 1);
        assertThatOnlyTheKeptIsLeft();
    }

    @Test
    void finishesADeletionThatWasCutOffAnywhere() {
        store.add(DRAFT);
        int second = store.add(DRAFT);
        Instant now = Instant.now();
        database.getCollection("fireworks")
                .updateMany(
                        Filters.gt("fw_id", kept),
                        Updates.combine(
                                Updates.set("state", "ARCHIVED"),
                                Updates.set(Deletion.BEGUN, FireworksDate.text(now))));
        database.getCollection("workflows").deleteOne(Filters.eq("nodes", second));

        assertThat(store.repair()).isEmpty();
        assertThat(later.repair()).containsExactly(kept + 1, second);
        assertThatOnlyTheKeptIsLeft();
    }

    @Test
    void removesAWorkflowOfJrmsWithoutItsFireworkButNobodyElses() {
        int id = store.add(DRAFT);
        database.getCollection("fireworks").deleteOne(Filters.eq("fw_id", id));
        insert(
                "workflows",
                FireworkDocuments.workflow(id + 1, DRAFT, Instant.now()).append("metadata", new Document()));

        assertThat(later.repair()).containsExactly(id);
        assertThat(database.getCollection("workflows").countDocuments(Filters.eq("nodes", id)))
                .isZero();
        assertThat(database.getCollection("workflows").countDocuments(Filters.eq("nodes", id + 1)))
                .isEqualTo(1);
    }

    @Test
    void finishesADeletionByFireWorksThatHasTakenTheLaunches() {
        int id = store.add(WorkflowDrafts.oneNode("other", "b"));
        store.launchQueue().reserve(new Worker("w", "other", "login01", "127.0.0.1"), "/l");
        assertThat(later.repair()).isEmpty();
        database.getCollection("launches").deleteMany(new Document());

        assertThat(later.repair()).containsExactly(id);
        assertThatOnlyTheKeptIsLeft();
    }

    @Test
    void removesALaunchThatItsFireworkDoesNotKnow() {
        insert("launches", LaunchDocuments.reserved(77, kept, WORKER, "/l", Instant.now()));

        assertThat(store.repair()).isEmpty();
        assertThat(later.repair()).containsExactly(kept);
        assertThat(database.getCollection("launches").countDocuments()).isZero();
        assertThat(later.repair()).isEmpty();
    }

    /** FireWorks takes a workflow whose lock is there, whatever its value, for locked. */
    @Test
    void tellsWhatFireWorksHasLocked() {
        int other = store.add(DRAFT);
        int third = store.add(DRAFT);
        MongoCollection<Document> workflows = database.getCollection("workflows");
        workflows.updateOne(Filters.eq("nodes", kept), Updates.set("locked", true));
        workflows.updateOne(Filters.eq("nodes", third), Updates.set("locked", false));

        assertThat(store.locked(List.of(kept, other, third, 4711))).containsExactlyInAnyOrder(kept, third);
        assertThat(store.locked(List.of(other))).isEmpty();
        assertThat(store.locked(List.of(kept))).containsExactly(kept);

        workflows.updateOne(Filters.eq("nodes", kept), Updates.unset("locked"));
        assertThat(store.locked(List.of(kept, other))).isEmpty();
    }

    @Test
    void breaksALockThatADeadJrmLeft() {
        database.getCollection("fireworks")
                .updateOne(Filters.eq("fw_id", kept), Updates.set("state", WorkflowState.PAUSED.name()));
        database.getCollection("workflows")
                .updateOne(Filters.eq("nodes", kept), Updates.set("locked", "jrm " + Instant.now() + " x"));

        assertThat(later.repair()).containsExactly(kept);
        Document workflow =
                database.getCollection("workflows").find().iterator().next();
        assertThat(workflow).doesNotContainKey("locked").containsEntry("state", "PAUSED");
    }

    @Test
    void leavesAloneWhatIsInOrderOrSomebodyElses() {
        Document waiting = FireworkDocuments.firework(50, DRAFT, Instant.now());
        waiting.put("spec", new Document("_tasks", List.of()));
        insert("fireworks", waiting);
        // A child in a chain, as FireWorks adds it.
        insert("fireworks", FireworkDocuments.firework(51, DRAFT, Instant.now()));
        insert(
                "workflows",
                FireworkDocuments.workflow(51, DRAFT, Instant.now())
                        .append("nodes", List.of(kept, 51))
                        .append("parent_links", new Document("51", List.of(kept))));
        int running =
                store.launchQueue().reserve(WORKER, "/l").orElseThrow().launch().workflowId();
        // Resumed by a FireWorks that died before it had made it READY.
        int resumed = store.add(DRAFT);
        database.getCollection("fireworks")
                .updateOne(
                        Filters.eq("fw_id", resumed),
                        Updates.combine(
                                Updates.set("state", "WAITING"),
                                Updates.set("updated_on", FireworksDate.date(Instant.now()))));

        assertThat(later.repair()).isEmpty();
        assertThat(running).isEqualTo(kept);
        assertThat(database.getCollection("fireworks").countDocuments()).isEqualTo(4);
        assertThat(database.getCollection("launches").countDocuments()).isEqualTo(1);
    }

    @Test
    void findsTheLatestDeploymentOfAName() {
        store.add(WorkflowDrafts.of("test", List.of("x"), DRAFT.tasks(), Map.of()));
        int latest = store.add(DRAFT);

        assertThat(store.findByName(DRAFT.name()).orElseThrow().id()).isEqualTo(latest);
        assertThat(store.findByName("nobody")).isEmpty();
    }

    private void insert(String collection, Document document) {
        database.getCollection(collection).insertOne(document);
    }

    private void assertThatOnlyTheKeptIsLeft() {
        assertThat(store.list(WorkflowFilter.ALL))
                .singleElement()
                .satisfies(workflow -> assertThat(workflow.state()).isEqualTo(WorkflowState.READY));
        for (String collection : List.of("fireworks", "workflows")) {
            assertThat(database.getCollection(collection).countDocuments()).isEqualTo(1);
        }
        assertThat(later.repair()).isEmpty();
    }
}
