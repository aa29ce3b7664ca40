package org.jlab.jiriaf.jrm.app.demo.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server is killed at random moments while workflows are added and run. */
class EmbeddedLaunchpadKillTest {

    private static final Worker WORKER = new Worker("w", "test", "login01", "127.0.0.1");

    /** How soon a worker sees that the server is dead. One that is only slow is asked again. */
    private static final int UNTIL_DEAD_MILLIS = 500;

    /** How long a living server is waited for. */
    private static final int PATIENCE_MILLIS = 30_000;

    private final SortedSet<Integer> added = Collections.synchronizedSortedSet(new TreeSet<>());
    private final SortedSet<Integer> completed = Collections.synchronizedSortedSet(new TreeSet<>());
    private final Random random = new Random(4711);

    @Test
    void losesNothingThatItHasAcknowledged(@TempDir Path directory) throws Exception {
        killRepeatedly(directory, 3);
    }

    @Test
    @Tag("slow")
    void losesNothingThatItHasAcknowledgedFiftyTimes(@TempDir Path directory) throws Exception {
        killRepeatedly(directory, 50);
    }

    private void killRepeatedly(Path directory, int times) throws Exception {
        for (int round = 0; round < times; round++) {
            try (LaunchpadProcess process = LaunchpadProcess.start(directory)) {
                workUntilItDies(process, 1 + random.nextInt(40));
            }
        }
        try (LaunchpadProcess process = LaunchpadProcess.start(directory);
                MongoClient client = connect(process, PATIENCE_MILLIS)) {
            WorkflowStore store = store(client);
            List<Workflow> workflows = store.list(WorkflowFilter.ALL);
            assertThat(added).isNotEmpty();
            assertThat(workflows)
                    .extracting(Workflow::id)
                    .doesNotHaveDuplicates()
                    .containsAll(added);
            assertThat(workflows)
                    .filteredOn(workflow -> completed.contains(workflow.id()))
                    .extracting(Workflow::state)
                    .containsOnly(WorkflowState.COMPLETED);
            assertThat(store.add(WorkflowDrafts.oneNode("test", "after")))
                    .isGreaterThan(workflows.get(workflows.size() - 1).id());
            for (Workflow workflow : workflows) {
                assertThat(store.delete(workflow.id())).isTrue();
            }
        }
    }

    /** Three workers; after so many acknowledged adds the server is killed, whatever the other two are at. */
    private void workUntilItDies(LaunchpadProcess process, int acknowledgements) throws Exception {
        Semaphore acknowledged = new Semaphore(0);
        AtomicBoolean killed = new AtomicBoolean();
        try (MongoClient client = connect(process, UNTIL_DEAD_MILLIS)) {
            CompletableFuture<?>[] workers = IntStream.range(0, 3)
                    .mapToObj(i -> CompletableFuture.runAsync(() -> work(store(client), acknowledged, killed)))
                    .toArray(CompletableFuture<?>[]::new);
            assertThat(acknowledged.tryAcquire(acknowledgements, 60, TimeUnit.SECONDS))
                    .isTrue();
            killed.set(true);
            process.kill();
            CompletableFuture.allOf(workers).get(60, TimeUnit.SECONDS);
        }
    }

    /** Works until the server is dead. A server that is slow on a busy machine is asked again. */
    private void work(WorkflowStore store, Semaphore acknowledged, AtomicBoolean killed) {
        LaunchQueue queue = store.launchQueue();
        while (true) {
            try {
                added.add(store.add(WorkflowDrafts.oneNode("test", "n")));
                acknowledged.release();
                queue.reserve(WORKER, "/l").ifPresent(reservation -> {
                    queue.start(reservation.launch().id(), WORKER);
                    queue.complete(reservation.launch().id(), WorkflowState.COMPLETED, "");
                    completed.add(reservation.launch().workflowId());
                });
            } catch (WorkflowStoreException e) {
                assertThat(e.isTransient()).as(e.getMessage()).isTrue();
                if (killed.get()) {
                    return;
                }
            }
        }
    }

    private static MongoClient connect(LaunchpadProcess process, int millis) {
        return LaunchpadConfig.parse(
                        "host: 127.0.0.1\nport: " + process.port() + "\nmongoclient_kwargs: {serverSelectionTimeoutMS: "
                                + millis + "}\n",
                        "test")
                .open();
    }

    private static MongoWorkflowStore store(MongoClient client) {
        return new MongoWorkflowStore(client.getDatabase("jiriaf"));
    }
}
