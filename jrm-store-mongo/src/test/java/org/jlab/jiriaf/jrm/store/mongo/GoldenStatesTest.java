package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** jrm reads every state that FireWorks leaves. */
class GoldenStatesTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore store = new MongoWorkflowStore(database);

    static Stream<String> goldenStates() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(GoldenStatesTest.class.getResource("/golden"))
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files
                    .map(file -> file.getFileName().toString().replace(".json", ""))
                    .filter(name -> !name.endsWith("indexes"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("goldenStates")
    void readsEveryWorkflowOf(String golden) {
        Golden.load(golden, database);

        List<Workflow> workflows = store.list(WorkflowFilter.ALL);

        List<Document> documents = Golden.collection(golden, "workflows");
        assertThat(workflows).hasSameSizeAs(documents);
        for (Document document : documents) {
            int id = DocumentFields.integers(document.get("nodes")).get(0);
            Workflow workflow = store.find(id).orElseThrow();
            assertThat(workflows).contains(workflow);
            assertThat(workflow.createdOn()).isAfter(Instant.parse("2026-11-22T00:00:00Z"));
            assertThat(workflow.updatedOn()).isAfterOrEqualTo(workflow.createdOn());
            Launch launch = workflow.launch();
            if (workflow.state() == WorkflowState.RUNNING && workflow.isDeployment()) {
                assertThat(Objects.requireNonNull(launch).lastPing()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fw197-02-added, 1, READY",
        "fw197-03-reserved, 1, RESERVED",
        "fw197-04-running, 1, RUNNING",
        "fw197-05-completed, 1, COMPLETED",
        "fw197-06-fizzled, 2, FIZZLED",
        "fw197-08-defused, 2, DEFUSED",
        "fw197-10-paused, 2, PAUSED",
        "fw197-14-archived, 2, ARCHIVED",
        "fw197-19-reservation-cancelled, 3, READY",
        "fw197-21-checked-out-before-launch, 1, RESERVED",
        "fw213-04-running, 1, RUNNING",
        "fw213-16-lost-run-fizzled, 3, FIZZLED",
    })
    void derivesTheStateOf(String golden, int id, WorkflowState state) {
        Golden.load(golden, database);

        List<Integer> ids =
                store.list(WorkflowFilter.ALL).stream().map(Workflow::id).toList();

        assertThat(store.find(ids.contains(id) ? id : ids.get(ids.size() - 1))
                        .orElseThrow()
                        .state())
                .isEqualTo(state);
    }

    @ParameterizedTest
    @MethodSource("goldenStates")
    void derivesTheSameWorkflowStateAsFireWorks(String golden) {
        Golden.load(golden, database);
        for (Document document : Golden.collection(golden, "workflows")) {
            List<Integer> nodes = DocumentFields.integers(document.get("nodes"));
            boolean settled = Golden.collection(golden, "fireworks").stream()
                    .filter(firework -> nodes.contains(DocumentFields.integer(firework.get("fw_id"))))
                    .allMatch(firework -> Objects.equals(
                            firework.get("state"),
                            DocumentFields.at(
                                    document,
                                    "fw_states",
                                    Objects.requireNonNull(DocumentFields.text(firework.get("fw_id"))))));
            if (settled) {
                assertThat(store.find(nodes.get(0)).orElseThrow().state().name())
                        .isEqualTo(document.get("state"));
            }
        }
    }

    @Test
    void readsHostsJobAndTimesOfARun() {
        Golden.load("fw197-05-completed", database);

        Launch launch = Objects.requireNonNull(store.find(1).orElseThrow().launch());

        assertThat(launch.host()).isEqualTo("nid001");
        assertThat(launch.jobId()).isEqualTo("2");
        assertThat(launch.startedAt()).isEqualTo("2026-11-22T21:07:23.919200Z");
        assertThat(launch.endedAt()).isEqualTo("2026-11-22T21:07:44.216482Z");
    }

    @ParameterizedTest
    @CsvSource({
        "fw197-06-fizzled, runtime error during task: RuntimeError: ScriptTask fizzled! Return code: [3]",
        "fw213-06-fizzled, runtime error during task: RuntimeError: ScriptTask fizzled! Return code: [3]",
        "fw197-40-job-interrupted, runtime error during task: SystemExit: 1",
        "fw197-38-live-run-declared-lost, no reason is stored; last ping at 2026-11-22T21:47:47.855255Z",
    })
    void readsWhyARunFizzled(String golden, String reason) {
        Golden.load(golden, database);

        assertThat(store.list(new WorkflowFilter(Set.of(WorkflowState.FIZZLED), null, false)))
                .singleElement()
                .satisfies(workflow -> assertThat(store.find(workflow.id())).contains(workflow))
                .extracting(
                        workflow -> Objects.requireNonNull(workflow.launch()).message())
                .isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fw197-05-completed",
                "fw197-35-submit-refused",
                "fw197-36-job-cancelled-in-queue",
                "fw197-37-walltime-over",
                "fw197-34-offline-completed-recovered"
            })
    void readsNoMessageWhereNothingFailed(String golden) {
        Golden.load(golden, database);

        assertThat(store.list(WorkflowFilter.ALL))
                .filteredOn(workflow -> workflow.state() != WorkflowState.FIZZLED)
                .isNotEmpty()
                .allSatisfy(workflow -> assertThat(
                                workflow.launch() == null
                                        ? null
                                        : workflow.launch().message())
                        .isNull());
    }

    @Test
    void findsLostRunsWhateverFormTheirDatesHave() {
        for (String golden : List.of("fw197-04-running", "fw213-04-running")) {
            MongoDatabase other = LAUNCHPAD.emptyDatabase();
            Golden.load(golden, other);
            MongoWorkflowStore launchpad = new MongoWorkflowStore(other);
            Instant ping = Objects.requireNonNull(
                    Objects.requireNonNull(launchpad.find(1).orElseThrow().launch())
                            .lastPing());

            assertThat(launchpad.detectLostRuns(
                            ping.plus(Duration.ofHours(3)), WorkflowStore.RUN_EXPIRY, WorkflowStore.RESERVATION_EXPIRY))
                    .isEmpty();
            assertThat(launchpad.detectLostRuns(
                            ping.plus(Duration.ofHours(4)), WorkflowStore.RUN_EXPIRY, WorkflowStore.RESERVATION_EXPIRY))
                    .hasSize(1);
        }
    }

    @Test
    void readsOlderLaunchers() {
        Golden.load("fw197-02-added", database);
        Document spec = new Document("ssh_metrics", List.of(entry("10001")))
                .append(
                        "ssh_custom_metrics",
                        List.of(entry(new Document("mapped_port", "20001").append("custom_metrics_port", "2221"))))
                .append(
                        "jrms_info",
                        new Document("nodenames", List.of("a", "b"))
                                .append("vkubelet_pod_ip", "172.17.0.1")
                                .append("apiserver_port", "35679")
                                .append("jrm_ports", List.of("10001", 10002L)));
        database.getCollection("fireworks").updateOne(new Document(), new Document("$set", new Document("spec", spec)));

        Workflow workflow = store.find(1).orElseThrow();

        assertThat(Objects.requireNonNull(workflow.jrms()).vkubeletPodIps())
                .containsExactly("172.17.0.1", "172.17.0.1");
        assertThat(workflow.jrms().apiserverPort()).isEqualTo(35679);
        assertThat(workflow.jrms().jrmPorts()).containsExactly(10001, 10002);
        SshInfo ssh = Objects.requireNonNull(workflow.ssh());
        assertThat(ssh.all()).extracting(SshInfo.Entry::port).containsExactly(10001, 20001);
        assertThat(ssh.customMetrics().get(0).customMetricsPort()).isEqualTo(2221);
    }

    @Test
    void doesNotChokeOnWhatOthersMayHaveStored() {
        database.getCollection("workflows")
                .insertMany(List.of(
                        new Document("nodes", List.of(1L)).append("links", new Document("1", List.of())),
                        new Document("nodes", "what").append("name", 3),
                        new Document("nodes", List.of(9)),
                        new Document("nodes", List.of(2)).append("locked", true).append("metadata", null)));
        database.getCollection("fireworks")
                .insertMany(List.of(
                        new Document("fw_id", 1L).append("state", "NEW STATE").append("created_on", 17),
                        new Document("fw_id", 2.0)
                                .append("state", "RUNNING")
                                .append("launches", List.of(1, "x"))
                                .append(
                                        "spec",
                                        new Document("jrms_info", "none").append("_category", List.of("a", "b"))),
                        new Document("fw_id", 3)));
        database.getCollection("launches").insertOne(new Document("launch_id", 1).append("state_history", "none"));

        assertThat(store.list(WorkflowFilter.ALL)).extracting(Workflow::id).containsExactly(1, 2);
        assertThat(store.list(WorkflowFilter.DEPLOYMENTS)).isEmpty();
        assertThat(store.find(2).orElseThrow().category()).isEqualTo("a");
    }

    @Test
    void leavesOthersWorkAlone() {
        Golden.load("fw197-23-chain-added", database);
        int id = store.list(WorkflowFilter.ALL).get(0).id();
        List<Document> before = Golden.collection("fw197-23-chain-added", "fireworks");

        for (Runnable change : List.<Runnable>of(
                () -> store.delete(id), () -> store.defuse(id), () -> store.rerun(id), () -> store.archive(id))) {
            assertThatThrownBy(change::run)
                    .isInstanceOf(WorkflowStoreException.class)
                    .hasMessageContaining("not a JRM deployment")
                    .hasMessageContaining(Integer.toString(id));
        }
        assertThat(database.getCollection("fireworks").find()).containsExactlyInAnyOrderElementsOf(before);
    }

    private static Document entry(Object port) {
        return new Document("status", "Command started")
                .append("cmd", "ssh")
                .append("nodename", "a")
                .append("port", port);
    }
}
