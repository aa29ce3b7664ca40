package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Updates;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What all tests of concurrency here rely on. */
class TestLaunchpadTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final int CLIENTS = 8;
    private static final int COUNTS = 200;

    private final MongoCollection<Document> counters = LAUNCHPAD.emptyDatabase().getCollection("counters");

    @Test
    void countsUpForEachOfManyClients() throws Exception {
        counters.insertOne(new Document("last", 0));
        ExecutorService executor = Executors.newFixedThreadPool(CLIENTS);
        try {
            Callable<List<Integer>> counting =
                    () -> Stream.generate(this::next).limit(COUNTS).toList();
            Set<Integer> told = new HashSet<>();
            for (Future<List<Integer>> each : executor.invokeAll(Collections.nCopies(CLIENTS, counting))) {
                told.addAll(each.get());
            }
            assertThat(told).hasSize(CLIENTS * COUNTS);
        } finally {
            executor.shutdownNow();
        }
    }

    private int next() {
        Document counter = counters.findOneAndUpdate(
                new Document(),
                Updates.inc("last", 1),
                new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER));
        assertThat(counter).isNotNull();
        return counter.getInteger("last");
    }
}
