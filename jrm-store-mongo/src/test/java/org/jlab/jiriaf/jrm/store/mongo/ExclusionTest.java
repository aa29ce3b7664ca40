package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What jrm does on a server that finds a document and changes it in two steps. */
class ExclusionTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoCollection<Document> locks = database.getCollection("jrm_locks");
    private final Calls calls = new Calls(database.getName(), WorkflowStoreException::new);

    @Test
    void letsOneInAtATime() throws Exception {
        MongoCollection<Document> counters = database.getCollection("counters");
        counters.insertOne(new Document("_id", 1).append("n", 0));
        List<Exclusion> processes = List.of(exclusion(), exclusion());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> counts = IntStream.range(0, 120)
                    .<Callable<Boolean>>mapToObj(i -> () -> processes.get(i % 2).alone(calls, () -> {
                        int before = counters.find().first().getInteger("n");
                        counters.updateOne(Filters.eq("_id", 1), Updates.set("n", before + 1));
                        return true;
                    }))
                    .toList();
            for (Future<Boolean> counted : threads.invokeAll(counts, 60, TimeUnit.SECONDS)) {
                assertThat(counted.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(counters.find().first()).containsEntry("n", 120);
        assertThat(locks.countDocuments()).isLessThan(110);
    }

    @Test
    void goesInAgainWithoutWaitingForItself() {
        Exclusion exclusion = exclusion();

        assertThat(exclusion.<Integer>alone(calls, () -> exclusion.alone(calls, () -> 42)))
                .isEqualTo(42);
    }

    @Test
    void isOverWhenTheChangeFails() {
        Exclusion exclusion = exclusion();
        assertThatThrownBy(() -> exclusion.alone(calls, () -> {
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(exclusion().<Integer>alone(calls, () -> 42)).isEqualTo(42);
    }

    @Test
    void takesItsTurnAfterAProcessThatDied() {
        locks.insertOne(new Document("_id", 7).append("released", false));

        Exclusion exclusion = new Exclusion(database, Duration.ofMillis(200), true);
        assertThat(exclusion.<Integer>alone(calls, () -> 42)).isEqualTo(42);

        assertThat(locks.countDocuments(Filters.eq("_id", 8))).isEqualTo(1);
    }

    @Test
    void doesNotWaitForAProcessOfThisHostThatIsGone() throws Exception {
        Process process = new ProcessBuilder("true").start();
        assertThat(process.waitFor()).isZero();
        locks.insertOne(new Document("_id", 7)
                .append("released", false)
                .append("host", InetAddress.getLocalHost().getHostName())
                .append("pid", process.pid())
                .append("started", 1L));

        assertThat(CompletableFuture.supplyAsync(() -> exclusion().<Integer>alone(calls, () -> 42))
                        .get(Exclusion.PATIENCE.toSeconds() / 2, TimeUnit.SECONDS))
                .isEqualTo(42);
    }

    @Test
    void doesNothingWhereTheServerKeepsChangesApart() {
        boolean ferret = LAUNCHPAD.isFerretDb1();

        new Exclusion(database).alone(calls, () -> 42);

        assertThat(locks.countDocuments()).isEqualTo(ferret ? 1 : 0);
    }

    private Exclusion exclusion() {
        return new Exclusion(database, Exclusion.PATIENCE, true);
    }
}
