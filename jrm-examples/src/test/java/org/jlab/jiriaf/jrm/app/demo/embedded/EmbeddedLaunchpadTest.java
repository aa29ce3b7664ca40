package org.jlab.jiriaf.jrm.app.demo.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Updates;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedLaunchpadTest {

    private final Path directory;

    EmbeddedLaunchpadTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void keepsWorkflowsWhileItIsDown() {
        int first;
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0);
                MongoClient client = connect(launchpad)) {
            first = store(client).add(WorkflowDrafts.twoNodes(Map.of()));
        }
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0);
                MongoClient client = connect(launchpad)) {
            assertThat(store(client).find(first)).isPresent();
            assertThat(store(client).add(WorkflowDrafts.oneNode("test", "a"))).isEqualTo(first + 1);
            assertThat(store(client).list(WorkflowFilter.ALL)).hasSize(2);
        }
    }

    @Test
    void countsUpForEachOfManyClients() throws Exception {
        int clients = 16;
        int counts = 100;
        ExecutorService executor = Executors.newFixedThreadPool(clients);
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0);
                MongoClient client = connect(launchpad)) {
            MongoCollection<Document> counters = client.getDatabase("test").getCollection("counters");
            counters.insertOne(new Document("_id", "id").append("last", 0));
            Callable<List<Integer>> counting = () -> Stream.generate(() -> counters.findOneAndUpdate(
                            Filters.eq("_id", "id"),
                            Updates.inc("last", 1),
                            new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER)))
                    .limit(counts)
                    .map(counter -> counter.getInteger("last"))
                    .toList();

            Set<Integer> seen = new HashSet<>();
            for (Future<List<Integer>> each : executor.invokeAll(Collections.nCopies(clients, counting))) {
                seen.addAll(each.get());
            }

            assertThat(seen).hasSize(clients * counts);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void listensOnlyWhereItIsTold() {
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0)) {
            assertThat(launchpad.address().getAddress().isLoopbackAddress()).isTrue();
            assertThat(launchpad.port()).isPositive();
        }
    }

    @Test
    void refusesADirectoryThatAnotherUses() {
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0)) {
            assertThat(launchpad.port()).isPositive();
            assertThatThrownBy(() -> EmbeddedLaunchpad.start(directory, "127.0.0.1", 0))
                    .isInstanceOf(JrmException.class)
                    .hasMessageContaining("launchpad.mv.db");
        }
    }

    @Test
    void namesAPortThatIsTaken(@TempDir Path other) {
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0)) {
            assertThatThrownBy(() -> EmbeddedLaunchpad.start(other, "127.0.0.1", launchpad.port()))
                    .isInstanceOf(JrmException.class)
                    .hasMessageContaining("127.0.0.1:" + launchpad.port());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SCRAM-SHA-1", "SCRAM-SHA-256"})
    void letsThoseInWhoKnowThePassword(String mechanism) {
        Secret password = Secret.of("p\u00e4ss,w=rd");
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0, "a,b=c", password);
                MongoClient client = login(launchpad, "a,b=c", password, mechanism)) {
            assertThat(store(client).add(WorkflowDrafts.oneNode("test", "a"))).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"jrm, wrong", "stranger, right"})
    void keepsOthersOut(String username, String password) {
        try (EmbeddedLaunchpad launchpad =
                        EmbeddedLaunchpad.start(directory, "127.0.0.1", 0, "jrm", Secret.of("right"));
                MongoClient client = login(launchpad, username, Secret.of(password), "")) {
            assertThatThrownBy(() -> store(client).list(WorkflowFilter.ALL))
                    .isInstanceOf(WorkflowStoreException.class)
                    .hasMessageContaining("login was refused")
                    .hasMessageContaining("authsource");
        }
    }

    @Test
    void asksEverybodyToLogInFirst() {
        try (EmbeddedLaunchpad launchpad =
                        EmbeddedLaunchpad.start(directory, "127.0.0.1", 0, "jrm", Secret.of("right"));
                MongoClient client = connect(launchpad)) {
            assertThatThrownBy(() -> store(client).list(WorkflowFilter.ALL))
                    .isInstanceOf(WorkflowStoreException.class)
                    .hasMessageContaining("requires authentication");
        }
    }

    @Test
    void listensBeyondLoopbackOnlyWithAPassword() {
        assertThatThrownBy(() -> EmbeddedLaunchpad.start(directory, "0.0.0.0", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.0.0.0");
    }

    private static MongoClient login(EmbeddedLaunchpad launchpad, String username, Secret password, String mechanism) {
        String options = mechanism.isEmpty() ? "{}" : "{authMechanism: " + mechanism + "}";
        return LaunchpadConfig.parse(
                        "host: 127.0.0.1\nport: " + launchpad.port() + "\nname: jiriaf\nmongoclient_kwargs: " + options,
                        "test")
                .withLogin(username, password)
                .open();
    }

    private static MongoClient connect(EmbeddedLaunchpad launchpad) {
        return MongoClients.create("mongodb://127.0.0.1:" + launchpad.port());
    }

    private static MongoWorkflowStore store(MongoClient client) {
        return new MongoWorkflowStore(client.getDatabase("jiriaf"));
    }
}
