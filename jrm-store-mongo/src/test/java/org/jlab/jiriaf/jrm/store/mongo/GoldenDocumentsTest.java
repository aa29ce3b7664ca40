package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bson.Document;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What jrm writes is what FireWorks writes, field by field and type by type. */
class GoldenDocumentsTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final String LAUNCH_DIR =
            "/global/u/jrm/launcher/block_2026-11-22-21-07-14-226574/launcher_2026-11-22-21-07-14-278876";
    private static final Worker LOGIN = new Worker("perlmutter", "perlmutter", "login01", "127.0.0.1");
    private static final Worker NODE = new Worker("perlmutter", "perlmutter", "nid001", "127.0.0.1");

    private MongoDatabase database;
    private MongoWorkflowStore store;

    @BeforeEach
    void open() {
        database = LAUNCHPAD.emptyDatabase();
        store = new MongoWorkflowStore(database);
    }

    @Test
    void addsAsFireWorksDoes() {
        store.add(goldenDraft());

        assertThatCollectionsEqual("fw197-02-added", "fireworks", "workflows", "launches", "fw_id_assigner");
    }

    @Test
    void reservesAsFireWorksDoes() {
        reserve();

        assertThatCollectionsEqual("fw197-03-reserved", "fireworks", "workflows", "launches", "fw_id_assigner");
    }

    @Test
    void startsAsFireWorksDoes() {
        int launchId = reserve();
        store.launchQueue().start(launchId, NODE);
        store.launchQueue().ping(launchId);

        assertThatCollectionsEqual("fw197-04-running", "fireworks", "workflows", "launches", "fw_id_assigner");
    }

    @Test
    void completesAsFireWorksDoes() {
        int launchId = reserve();
        store.launchQueue().start(launchId, NODE);
        store.launchQueue().complete(launchId, WorkflowState.COMPLETED, "");

        assertThatCollectionsEqual("fw197-05-completed", "fireworks", "workflows", "launches", "fw_id_assigner");
    }

    @Test
    void givesAReservationBackAsFireWorksDoes() {
        store.add(goldenDraft());
        int launchId = store.launchQueue()
                .reserve(LOGIN, LAUNCH_DIR)
                .orElseThrow()
                .launch()
                .id();
        store.launchQueue().cancel(launchId);

        Document launch = only("launches");
        Document golden =
                Golden.collection("fw197-35-submit-refused", "launches").get(0);
        assertThat(neutralLaunch(launch, false)).isEqualTo(neutralLaunch(golden, false));
        assertThat(only("fireworks").get("state")).isEqualTo("READY");
        assertThat(only("fireworks").get("launches")).isEqualTo(List.of());
        assertThat(only("fireworks").get("archived_launches")).isEqualTo(List.of(1));
        assertThat(DocumentFields.at(only("workflows"), "fw_states", "1")).isEqualTo("READY");
    }

    @Test
    void deletesAllThatFireWorksDeletes() {
        reserve();
        store.delete(1);

        for (String collection : List.of("fireworks", "workflows", "launches")) {
            assertThat(database.getCollection(collection).countDocuments()).isZero();
        }
    }

    @Test
    void setsUpAnEmptyDatabaseWithTheIndexesOfFireWorks() {
        store.add(goldenDraft());

        Document golden = Golden.read("fw213-indexes").get("indexes", Document.class);
        for (String collection : List.of("fireworks", "workflows", "launches")) {
            List<String> names = new ArrayList<>();
            database.getCollection(collection).listIndexes().forEach(index -> names.add(index.getString("name")));
            names.remove("_id_");
            assertThat(names)
                    .containsExactlyInAnyOrderElementsOf(DocumentFields.documents(golden.get(collection)).stream()
                            .map(index -> index.getString("name"))
                            .toList());
        }
    }

    @Test
    void keepsItsOwnDataWhereItSurvivesAgents() {
        WorkflowDraft golden = goldenDraft();
        store.add(new WorkflowDraft(
                golden.name(),
                golden.category(),
                golden.queue(),
                golden.tasks(),
                golden.jrms(),
                golden.ssh(),
                Map.of("owner", "x")));

        assertThat(only("workflows").get("metadata")).isEqualTo(new Document("jrm", new Document("owner", "x")));
    }

    private int reserve() {
        store.add(goldenDraft());
        int launchId = store.launchQueue()
                .reserve(LOGIN, LAUNCH_DIR)
                .orElseThrow()
                .launch()
                .id();
        store.launchQueue().submitted(launchId, "2");
        return launchId;
    }

    private Document only(String collection) {
        List<Document> documents = database.getCollection(collection).find().into(new ArrayList<>());
        assertThat(documents).hasSize(1);
        return documents.get(0);
    }

    private void assertThatCollectionsEqual(String golden, String... collections) {
        for (String collection : collections) {
            List<Object> written = new ArrayList<>();
            database.getCollection(collection).find().forEach(document -> written.add(neutralLaunch(document, true)));
            List<Object> expected = new ArrayList<>();
            Golden.collection(golden, collection).forEach(document -> expected.add(neutralLaunch(document, true)));
            assertThat(written).as(collection).isEqualTo(expected);
        }
    }

    /** What a task leaves in its launch is the task's business, not the queue's. */
    private static Object neutralLaunch(Document document, boolean jobId) {
        Document neutral = (Document) Objects.requireNonNull(Golden.neutral(document));
        DocumentFields.documents(neutral.get("state_history")).forEach(entry -> {
            entry.keySet().removeAll(jobId ? Set.of("checkpoint") : Set.of("checkpoint", "reservation_id"));
        });
        Document action = DocumentFields.document(neutral.get("action"));
        if (action != null) {
            action.append("stored_data", new Document());
        }
        // The one difference: FireWorks leaves metadata to its users, and jrm tells there whose workflow it is.
        Document metadata = DocumentFields.document(neutral.get("metadata"));
        if (metadata != null) {
            metadata.remove("jrm", new Document());
        }
        if (!jobId) {
            neutral.remove("launch_dir");
        }
        return neutral;
    }

    /** The workflow that FireWorks added, as jrm describes it. */
    private static WorkflowDraft goldenDraft() {
        Document firework = Golden.collection("fw197-02-added", "fireworks").get(0);
        Document workflow = Golden.collection("fw197-02-added", "workflows").get(0);
        Workflow read = Objects.requireNonNull(WorkflowReader.read(workflow, Map.of(1, firework), Map.of()));
        Document queue =
                Objects.requireNonNull(DocumentFields.document(DocumentFields.at(firework, "spec", "_queueadapter")));
        return new WorkflowDraft(
                read.name(),
                Objects.requireNonNull(read.category()),
                new QueueSettings(
                        queue.getString("job_name"),
                        queue.getString("walltime"),
                        queue.getInteger("nodes"),
                        queue.getString("qos"),
                        queue.getString("account"),
                        queue.getString("constraint"),
                        queue.getString("reservation"),
                        queue.getString("pre_rocket")),
                DocumentFields.documents(DocumentFields.at(firework, "spec", "_tasks")).stream()
                        .map(task -> new ScriptTask(
                                DocumentFields.texts(task.get("script")).get(0)))
                        .toList(),
                Objects.requireNonNull(read.jrms()),
                Objects.requireNonNull(read.ssh()),
                Map.of());
    }
}
