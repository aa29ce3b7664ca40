package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Four writers in Python and four in Java on one LaunchPad; how many workflows each makes: {@code jrm.workflowsPerWriter}. */
@Tag("fireworks")
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"JRM_FIREWORKS_197", "JRM_FIREWORKS_NEW"})
class SharedLaunchpadTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final int WRITERS = 4;
    private static final int EACH = Integer.getInteger("jrm.workflowsPerWriter", 25);

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final InetSocketAddress address = LAUNCHPAD.address();
    private final MongoClient client = MongoClients.create("mongodb://127.0.0.1:" + address.getPort());
    private final MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(database.getName()));
    private final FireworksCommands fireworks;
    private final Path folder;

    SharedLaunchpadTest(String variable, @TempDir Path folder) {
        this.folder = folder;
        this.fireworks = new FireworksCommands(variable, folder, address.getPort(), database.getName());
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void losesNothingBetweenPythonAndJava() throws Exception {
        store.delete(store.add(WorkflowDrafts.oneNode("test", "sets up the database")));
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        List<Integer> ids = new ArrayList<>();
        try {
            List<Process> python = startPython();
            List<Callable<List<Integer>>> java = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                String site = "java-" + writer;
                java.add(() -> work(site));
            }
            for (Future<List<Integer>> made : threads.invokeAll(java, 60, TimeUnit.MINUTES)) {
                ids.addAll(made.get());
            }
            for (Process process : python) {
                ids.addAll(pythonIds(FireworksCommands.finish(process)));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(ids).doesNotHaveDuplicates().hasSize(2 * WRITERS * EACH);
        List<Workflow> left = store.list(WorkflowFilter.ALL);
        assertThat(left).hasSize(2 * WRITERS * ((EACH + 1) / 2));
        assertThat(left).extracting(Workflow::state).containsOnly(WorkflowState.COMPLETED);
        assertThat(ids).containsAll(left.stream().map(Workflow::id).toList());
        assertThat(database.getCollection("workflows").countDocuments(Filters.exists("locked")))
                .isZero();
        assertThat(database.getCollection("launches").countDocuments()).isEqualTo(left.size());
        for (Document workflow : database.getCollection("workflows").find()) {
            assertThat(workflow.get("state")).isEqualTo("COMPLETED");
            assertThat(Objects.requireNonNull(DocumentFields.document(workflow.get("fw_states")))
                            .values())
                    .containsOnly("COMPLETED");
        }
    }

    private List<Process> startPython() throws IOException {
        List<Process> processes = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            Files.createDirectories(folder.resolve("python-" + writer));
            processes.add(fireworks.startDriver("work", "" + writer, "" + EACH));
        }
        return processes;
    }

    private static List<Integer> pythonIds(String output) {
        List<String> lines = output.lines().toList();
        return List.of(lines.get(lines.size() - 1).split(" ", -1)).stream()
                .map(Integer::valueOf)
                .toList();
    }

    private List<Integer> work(String site) {
        Worker worker = new Worker(site, site, "login01", "127.0.0.1");
        LaunchQueue queue = store.launchQueue();
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            int id = store.add(WorkflowDrafts.oneNode(site, "n" + i));
            ids.add(id);
            int launchId = queue.reserve(worker, "/l").orElseThrow().launch().id();
            queue.submitted(launchId, "" + i);
            queue.start(launchId, worker);
            assertThat(queue.ping(launchId)).isTrue();
            queue.complete(launchId, WorkflowState.COMPLETED, "");
            if (i % 2 == 1) {
                assertThat(store.delete(id)).isTrue();
            }
        }
        return ids;
    }
}
