package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writers are killed at random moments of adding, reserving, running and deleting; how often with each version of FireWorks:
 * {@code jrm.kills}. What they leave stops neither FireWorks nor jrm.
 */
@Tag("fireworks")
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"JRM_FIREWORKS_197", "JRM_FIREWORKS_NEW"})
class KilledWritersTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final int KILLS = Integer.getInteger("jrm.kills", 10);
    private static final int AT_ONCE = 5;
    private static final int EACH = 10;

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore store = new MongoWorkflowStore(database);
    private final MongoWorkflowStore later =
            new MongoWorkflowStore(database, Clock.offset(Clock.systemUTC(), Repair.GRACE.plusMinutes(1)));
    private final FireworksCommands fireworks;
    private final Random random = new Random(4711);

    KilledWritersTest(String variable, @TempDir Path folder) {
        this.fireworks =
                new FireworksCommands(variable, folder, LAUNCHPAD.address().getPort(), database.getName());
        store.delete(store.add(WorkflowDrafts.oneNode("test", "sets up the database")));
    }

    @Test
    void killedJrmLeavesNothingThatStopsAnybody() throws Exception {
        for (int kills = 0; kills < KILLS; kills += AT_ONCE) {
            List<Process> writers = new ArrayList<>();
            for (int i = 0; i < Math.min(AT_ONCE, KILLS - kills); i++) {
                writers.add(startJrm("jrm-" + i));
            }
            kill(writers);
            assertThatNobodyStops();
        }
        // Before the repair these were as the dead left them, after it they are as if nobody had died.
        later.repair();
        assertThat(later.repair()).isEmpty();
        assertThat(database.getCollection("workflows").countDocuments(Filters.exists("locked")))
                .isZero();
        assertThatNobodyStops();
        for (Workflow workflow : store.list(WorkflowFilter.ALL)) {
            assertThat(store.delete(workflow.id())).isTrue();
        }
        assertThat(database.getCollection("fireworks").countDocuments()).isZero();
        assertThat(database.getCollection("launches").countDocuments()).isZero();
    }

    @Test
    void jrmWorksOnWhatAKilledFireWorksLeaves() throws Exception {
        for (int kills = 0; kills < KILLS; kills += AT_ONCE) {
            List<Process> writers = new ArrayList<>();
            for (int i = 0; i < Math.min(AT_ONCE, KILLS - kills); i++) {
                int first = store.addAll(drafts("python-" + i)).get(0);
                writers.add(fireworks.startDriver("run_and_delete", "python-" + i, "" + first, "" + EACH));
            }
            kill(writers);
            later.repair();
            assertThatNobodyStops();
        }
        assertThat(later.repair()).isEmpty();
        for (Workflow workflow : store.list(WorkflowFilter.ALL)) {
            assertThat(store.delete(workflow.id())).isTrue();
        }
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
    }

    /** Each when it has told of so many steps, and then at any moment of the next. */
    private void kill(List<Process> writers) throws IOException, InterruptedException {
        for (Process writer : writers) {
            BufferedReader steps =
                    new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8));
            int left = 1 + random.nextInt(12);
            writer.outputWriter(StandardCharsets.UTF_8)
                    .append("go\n".repeat(left + 1))
                    .flush();
            while (left > 0) {
                String line = steps.readLine();
                assertThat(line).as("the writer ended by itself").isNotNull();
                left -= "step".equals(line) ? 1 : 0;
            }
            writer.waitFor(random.nextInt(3_000), TimeUnit.MICROSECONDS);
            writer.destroyForcibly();
            assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(writer.exitValue()).isEqualTo(128 + 9);
        }
    }

    private void assertThatNobodyStops() {
        fireworks.lpad("get_wflows", "-d", "all");
        fireworks.lpad("get_fws", "-d", "all");
        fireworks.lpad("detect_lostruns");
        assertThat(store.list(WorkflowFilter.ALL)).doesNotContainNull();
    }

    private static List<WorkflowDraft> drafts(String site) {
        return IntStream.range(0, EACH)
                .mapToObj(i -> WorkflowDrafts.oneNode(site, "n" + i))
                .toList();
    }

    private Process startJrm(String site) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWritersTest.class.getName(),
                        "mongodb://127.0.0.1:" + LAUNCHPAD.address().getPort(),
                        site,
                        database.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** A jrm that adds, reserves, completes and deletes until it is killed. */
    public static void main(String[] args) {
        try (MongoClient client = MongoClients.create(args[0])) {
            MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(args[2]));
            LaunchQueue queue = store.launchQueue();
            Worker worker = new Worker(args[1], args[1], "login01", "127.0.0.1");
            while (!Thread.currentThread().isInterrupted()) {
                int id = store.add(WorkflowDrafts.oneNode(args[1], "n"));
                step();
                queue.reserve(worker, "/l").ifPresent(reservation -> {
                    int launch = reservation.launch().id();
                    step();
                    queue.submitted(launch, "1");
                    queue.start(launch, worker);
                    step();
                    queue.complete(launch, WorkflowState.COMPLETED, "");
                });
                step();
                store.delete(id);
                step();
            }
        }
    }

    private static void step() {
        System.out.println("step");
    }
}
