package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.WorkflowWatch;
import org.junit.jupiter.api.Test;

/** A server that tells of changes is not asked every two seconds. */
class ChangeStreamTest {

    @Test
    void tellsOfChangesAtOnceWhereTheServerDoes() {
        MongoServer server = new MongoServer(new MemoryBackend());
        server.enableOplog();
        try (MongoClient client = MongoClients.create(server.bindAndGetConnectionString())) {
            MongoDatabase database = client.getDatabase("jiriaf");
            MongoWorkflowStore store = new MongoWorkflowStore(database);
            int id = store.add(WorkflowDrafts.oneNode("test", "a"));
            List<String> told = new CopyOnWriteArrayList<>();
            try (WorkflowWatch watch = store.watch(workflow -> told.add(workflow.id() + " " + workflow.state()))) {
                assertThat(watch).isNotNull();
                await().untilAsserted(() -> assertThat(told).containsExactly(id + " READY"));
                for (int i = 0; i < 5; i++) {
                    store.pause(id);
                    await().atMost(Duration.ofMillis(1500))
                            .untilAsserted(() -> assertThat(told).endsWith(id + " PAUSED"));
                    store.resume(id);
                    await().atMost(Duration.ofMillis(1500))
                            .untilAsserted(() -> assertThat(told).endsWith(id + " READY"));
                }
            }
        } finally {
            server.shutdownNow();
        }
    }
}
