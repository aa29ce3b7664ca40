package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real FireWorks and jrm on the same LaunchPad: each works on what the other has written. */
@Tag("fireworks")
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"JRM_FIREWORKS_197", "JRM_FIREWORKS_NEW"})
class RealFireworksTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final Worker WORKER = new Worker("perlmutter", "perlmutter", "login01", "127.0.0.1");

    /** What the driver asks of the server itself. */
    private static final Pattern BACKGROUND = Pattern.compile("hello|is[Mm]aster|endSessions");

    private final String variable;
    private final Path folder;
    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore store = new MongoWorkflowStore(database);
    private final FireworksCommands fireworks;

    RealFireworksTest(String variable, @TempDir Path folder) {
        this.variable = variable;
        this.folder = folder;
        this.fireworks =
                new FireworksCommands(variable, folder, LAUNCHPAD.address().getPort(), database.getName());
    }

    @Test
    void listsWhatJrmAdded() {
        WorkflowDraft draft = WorkflowDrafts.twoNodes(Map.of("owner", "x"));
        int id = store.add(draft);

        assertThat(fireworks.lpad("get_wflows")).contains(draft.name() + "--" + id, "READY");
        assertThat(fireworks.lpad("get_wflows", "-t")).contains(draft.name());
        assertThat(fireworks.lpad("get_wflows", "-d", "all")).contains("\"owner\": \"x\"");
        assertThat(fireworks.lpad("get_fws", "-i", "" + id, "-d", "all"))
                .contains("mapped_custom_metrics_ports", "2221");
        assertThat(fireworks.lpad("-o", "yaml", "get_fws", "-i", "" + id, "-d", "all"))
                .contains("apiserver_port: 38687");
    }

    @Test
    void runsWhatJrmAdded() throws IOException {
        WorkflowDraft draft = deployment("echo $((40 + 2)) > answer.txt", "cp answer.txt " + folder + "/copy.txt");
        int id = store.add(draft);

        fireworks.rlaunch("singleshot");

        Workflow workflow = store.find(id).orElseThrow();
        assertThat(workflow.state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(Objects.requireNonNull(workflow.launch()).endedAt()).isNotNull();
        assertThat(workflow.metadata()).isEqualTo(draft.metadata());
        assertThat(workflow.jrms()).isEqualTo(draft.jrms());
        assertThat(workflow.ssh()).isEqualTo(draft.ssh());
        assertThat(Files.readString(folder.resolve("copy.txt"))).isEqualTo("42\n");
    }

    /** By this jrm knows when it may close the tunnel through which a job reports, and delete the workflow. */
    @ParameterizedTest
    @CsvSource({"true, COMPLETED", "exit 3, FIZZLED"})
    void asksNothingMoreOfTheLaunchpadOnceARunIsOverAndUnlocked(String script, WorkflowState end) throws IOException {
        int id = store.add(deployment(script));
        List<String> whileLocked = new CopyOnWriteArrayList<>();
        List<String> afterwards = new CopyOnWriteArrayList<>();
        try (WireProxy watching = new WireProxy(LAUNCHPAD.address()) {
            @Override
            byte[] answer(byte[] request, Server server) throws IOException {
                String command = begin(request);
                if (state(id).isOver() && !BACKGROUND.matcher(command).find()) {
                    (store.locked(List.of(id)).isEmpty() ? afterwards : whileLocked).add(command);
                }
                return server.answer(request);
            }
        }) {
            watching.start();
            new FireworksCommands(variable, folder, watching.port(), database.getName()).rlaunch("singleshot");
        }

        assertThat(state(id)).isEqualTo(end);
        assertThat(afterwards).isEmpty();
        assertThat(whileLocked).isNotEmpty();
    }

    @Test
    void recordsTheFailureOfWhatJrmAdded() {
        int id = store.add(deployment("exit 3"));

        fireworks.rlaunch("singleshot");

        assertThat(state(id)).isEqualTo(WorkflowState.FIZZLED);
        fireworks.lpad("rerun_fws", "-i", "" + id);
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
    }

    @Test
    void submitsWhatJrmAddedToTheQueue() {
        int id = store.add(deployment("true"));

        fireworks.qlaunch("singleshot");

        Launch launch = Objects.requireNonNull(store.find(id).orElseThrow().launch());
        assertThat(launch.state()).isEqualTo(WorkflowState.RESERVED);
        assertThat(launch.jobId()).isEqualTo("4711");
        assertThat(fireworks.lpad("get_qids", "-i", "" + id)).contains("4711");
        fireworks.rlaunch("singleshot", "--fw_id", "" + id);
        assertThat(state(id)).isEqualTo(WorkflowState.COMPLETED);
    }

    @Test
    void runsWhatJrmReserved() {
        int id = store.add(deployment("true"));
        Launch reserved = store.launchQueue()
                .reserve(WORKER, folder.toString())
                .orElseThrow()
                .launch();
        store.launchQueue().submitted(reserved.id(), "4712");

        assertThat(fireworks.lpad("get_qids", "-i", "" + id)).contains("4712");
        fireworks.rlaunch("singleshot", "--fw_id", "" + id);

        Launch launch = Objects.requireNonNull(store.find(id).orElseThrow().launch());
        assertThat(launch.state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(launch.id()).isEqualTo(reserved.id());
        assertThat(launch.jobId()).isEqualTo("4712");
    }

    @Test
    void startsWhatFireWorksReserved() {
        int id = store.add(deployment("true"));
        fireworks.qlaunch("singleshot");
        Launch launch = Objects.requireNonNull(store.find(id).orElseThrow().launch());

        store.launchQueue().start(launch.id(), WORKER);
        assertThat(store.launchQueue().ping(launch.id())).isTrue();
        store.launchQueue().complete(launch.id(), WorkflowState.COMPLETED, "done");

        assertThat(state(id)).isEqualTo(WorkflowState.COMPLETED);
        assertThat(fireworks.lpad("get_fws", "-i", "" + id, "-d", "all")).contains("COMPLETED", "done");
    }

    @Test
    void givesAJrmReservationBackByItsQueueId() {
        int id = store.add(deployment("true"));
        Launch launch = store.launchQueue()
                .reserve(WORKER, folder.toString())
                .orElseThrow()
                .launch();
        store.launchQueue().submitted(launch.id(), "4713");

        fireworks.lpad("cancel_qid", "--qid", "4713");

        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        assertThat(store.launchQueue().cancel(launch.id())).isFalse();
    }

    @Test
    void changesStatesOfWhatJrmAdded() {
        String id = "" + store.add(deployment("true"));

        fireworks.lpad("pause_fws", "-i", id);
        assertThat(state(id)).isEqualTo(WorkflowState.PAUSED);
        fireworks.lpad("resume_fws", "-i", id);
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        fireworks.lpad("defuse_fws", "-i", id);
        assertThat(state(id)).isEqualTo(WorkflowState.DEFUSED);
        fireworks.lpad("reignite_fws", "-i", id);
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        fireworks.lpad("archive_wflows", "-i", id);
        assertThat(state(id)).isEqualTo(WorkflowState.ARCHIVED);
    }

    @Test
    void understandsTheStatesThatJrmMade() {
        int id = store.add(deployment("true"));

        store.pause(id);
        assertThat(fireworks.lpad("get_wflows", "-i", "" + id)).contains("PAUSED");
        fireworks.lpad("resume_fws", "-i", "" + id);
        store.defuse(id);
        fireworks.lpad("reignite_fws", "-i", "" + id);
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        complete(id, WorkflowState.FIZZLED, "it broke");
        assertThat(fireworks.lpad("get_fws", "-i", "" + id, "-d", "all")).contains("it broke");
        store.rerun(id);
        fireworks.rlaunch("singleshot");
        assertThat(state(id)).isEqualTo(WorkflowState.COMPLETED);
        store.archive(id);
        assertThat(fireworks.lpad("get_wflows", "-i", "" + id)).contains("ARCHIVED");
    }

    @Test
    void detectsALostRunThatJrmStarted() {
        int id = store.add(deployment("true"));
        LaunchQueue queue = store.launchQueue();
        int launchId =
                queue.reserve(WORKER, folder.toString()).orElseThrow().launch().id();
        queue.start(launchId, WORKER);
        database.getCollection("launches")
                .updateOne(
                        Filters.eq("launch_id", launchId),
                        Updates.set(
                                "state_history.1.updated_on",
                                FireworksDate.text(Instant.now().minus(Duration.ofHours(5)))));
        assertThat(store.detectLostRuns(Instant.now(), WorkflowStore.RUN_EXPIRY, WorkflowStore.RESERVATION_EXPIRY))
                .extracting(Workflow::id)
                .containsExactly(id);

        assertThat(fireworks.lpad("detect_lostruns")).contains("[" + id + "]");
        fireworks.lpad("detect_lostruns", "--fizzle");

        assertThat(state(id)).isEqualTo(WorkflowState.FIZZLED);
        assertThat(queue.ping(launchId)).isFalse();
        fireworks.lpad("rerun_fws", "-i", "" + id);
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
    }

    @Test
    void deletesWhatJrmAdded() {
        int kept = store.add(deployment("true"));
        int id = store.add(deployment("true"));

        fireworks.lpad("delete_wflows", "-i", "" + id);

        assertThat(store.find(id)).isEmpty();
        assertThat(store.find(kept)).isPresent();
        assertThat(store.add(deployment("true"))).isGreaterThan(id);
    }

    @Test
    void worksOnADatabaseThatJrmHasSetUp() {
        store.add(deployment("true"));

        assertThat(fireworks.lpad("get_wflows", "-d", "count")).contains("1");
        fireworks.lpad("admin", "tuneup");
        assertThat(fireworks.driver("add", "3")).isNotBlank();
        assertThat(store.list(WorkflowFilter.DEPLOYMENTS)).hasSize(4);
    }

    @Test
    void letsJrmReadWhatItsOwnClassesAdded() {
        fireworks.lpad(
                "reset", "--password", LocalDate.now(ZoneId.systemDefault()).toString());

        List<String> lines = fireworks
                .driver("graphs")
                .lines()
                .filter(line -> line.matches("\\S+ \\d+ [A-Z]+"))
                .toList();

        assertThat(lines).hasSize(5);
        for (String line : lines) {
            String[] expected = line.split(" ", 3);
            Workflow workflow = store.find(Integer.parseInt(expected[1])).orElseThrow();
            assertThat(workflow.name()).isEqualTo(expected[0]);
            assertThat(workflow.state()).as(line).isEqualTo(WorkflowState.valueOf(expected[2]));
        }
        assertThat(store.list(WorkflowFilter.ALL)).hasSize(5);
        assertThat(store.list(WorkflowFilter.DEPLOYMENTS)).hasSize(3);
    }

    @Test
    void doesNotChokeOnWhatACrashOfJrmLeaves() {
        int id = store.add(deployment("true"));
        // Cut off after the first and the second step of an addition, and after the first of a deletion.
        Document halfAdded = FireworkDocuments.firework(id + 1, deployment("true"), Instant.now());
        Document halfDeleted = FireworkDocuments.firework(id + 2, deployment("true"), Instant.now())
                .append("spec", FireworkSpec.of(deployment("true")))
                .append("state", "ARCHIVED");
        Document notReady = FireworkDocuments.firework(id + 3, deployment("true"), Instant.now());
        database.getCollection("fireworks").insertMany(List.of(halfAdded, halfDeleted, notReady));
        database.getCollection("workflows")
                .insertOne(FireworkDocuments.workflow(id + 3, deployment("true"), Instant.now()));
        database.getCollection("launches")
                .insertOne(LaunchDocuments.reserved(77, id, WORKER, folder.toString(), Instant.now()));

        assertThat(fireworks.lpad("get_fws", "-d", "all")).contains("READY");
        assertThat(fireworks.lpad("get_wflows")).contains("READY");
        assertThat(fireworks.lpad("get_wflows", "-t")).contains("READY");
        assertThat(fireworks.lpad("get_wflows", "-d", "all")).contains("READY");
        fireworks.lpad("detect_lostruns");
        fireworks.lpad("detect_unreserved");
        fireworks.rlaunch("singleshot");
        assertThat(state(id)).isEqualTo(WorkflowState.COMPLETED);
        fireworks.lpad("admin", "refresh", "-i", "" + (id + 3));
        fireworks.rlaunch("singleshot");
        assertThat(store.list(WorkflowFilter.ALL)).extracting(Workflow::id).containsExactlyInAnyOrder(id, id + 3);
        assertThat(store.delete(id + 1)).isTrue();
        assertThat(store.delete(id + 2)).isTrue();
        assertThat(store.delete(id + 3)).isTrue();
        assertThat(store.delete(id)).isTrue();
        assertThat(database.getCollection("fireworks").countDocuments()).isZero();
        assertThat(database.getCollection("launches").countDocuments()).isZero();
    }

    private void complete(int id, WorkflowState end, String message) {
        LaunchQueue queue = store.launchQueue();
        Launch launch = queue.reserve(WORKER, folder.toString()).orElseThrow().launch();
        assertThat(launch.workflowId()).isEqualTo(id);
        queue.start(launch.id(), WORKER);
        queue.complete(launch.id(), end, message);
    }

    private WorkflowState state(String id) {
        return state(Integer.parseInt(id));
    }

    private WorkflowState state(int id) {
        return store.find(id).orElseThrow().state();
    }

    private static WorkflowDraft deployment(String... scripts) {
        return WorkflowDrafts.of(
                "perlmutter",
                List.of("jrm-a"),
                List.of(scripts).stream().map(ScriptTask::new).toList(),
                Map.of("request", "r-1"));
    }
}
