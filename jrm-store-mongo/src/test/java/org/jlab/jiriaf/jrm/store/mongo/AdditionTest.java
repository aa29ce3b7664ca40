package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens beside an addition, while its commands are on their way. */
class AdditionTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore direct = new MongoWorkflowStore(database);
    private final MeddlingProxy proxy = new MeddlingProxy();
    private final MongoClient client = MongoClients.create("mongodb://127.0.0.1:" + proxy.port());
    private final Launchpad launchpad = new Launchpad(client.getDatabase(database.getName()), Clock.systemUTC());

    @BeforeEach
    void setUp() {
        direct.delete(direct.add(WorkflowDrafts.oneNode("test", "sets up the database")));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        proxy.close();
    }

    @Test
    void leavesPausedWhatSomebodyHasPausedSinceItsWorkflowIsThere() {
        proxy.before("update", () -> direct.pause(onlyId()));

        int id = new Addition(launchpad, drafts(1)).run().get(0);

        assertThat(direct.find(id).orElseThrow().state()).isEqualTo(WorkflowState.PAUSED);
    }

    @Test
    void numbersManyInTheirOrder() {
        List<WorkflowDraft> drafts = drafts(9);

        List<Integer> ids = new Addition(launchpad, drafts).run();

        assertThat(ids).isSorted().doesNotHaveDuplicates();
        assertThat(direct.list(WorkflowFilter.ALL))
                .allMatch(workflow -> workflow.state() == WorkflowState.READY)
                .extracting(Workflow::id, Workflow::name)
                .containsExactlyElementsOf(IntStream.range(0, drafts.size())
                        .mapToObj(i -> tuple(ids.get(i), drafts.get(i).name()))
                        .toList());
    }

    @Test
    void givesAllIdsUpWhenOneIsTakenAndKeepsNothingUnderThem() {
        int next = direct.add(WorkflowDrafts.oneNode("test", "a")) + 1;
        Document somebodyElses = new Document("fw_id", next + 7);
        database.getCollection("fireworks").insertOne(somebodyElses);

        List<Integer> ids = new Addition(launchpad, drafts(9)).run();

        assertThat(ids).hasSize(9).allMatch(id -> id >= next + 9);
        assertThat(database.getCollection("workflows").countDocuments()).isEqualTo(10);
        assertThat(database.getCollection("fireworks").countDocuments()).isEqualTo(11);
        assertThat(database.getCollection("fireworks").find(somebodyElses)).hasSize(1);
    }

    @Test
    void keepsNothingWhenInterruptedHalfWay() {
        Thread caller = Thread.currentThread();
        AtomicInteger inserts = new AtomicInteger();
        proxy.before("insert", () -> {
            if (inserts.incrementAndGet() == 2) {
                caller.interrupt();
            }
        });

        assertThatThrownBy(() -> new Addition(launchpad, drafts(9)).run())
                .isInstanceOf(WorkflowStoreException.class)
                .hasMessageContaining("interrupted");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(database.getCollection("workflows").countDocuments()).isZero();
        assertThat(database.getCollection("fireworks").countDocuments()).isZero();
    }

    private int onlyId() {
        return direct.list(WorkflowFilter.ALL).get(0).id();
    }

    private static List<WorkflowDraft> drafts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> WorkflowDrafts.oneNode("test", "n" + i))
                .toList();
    }

    /** Does something before the server sees a command of a kind. */
    private static final class MeddlingProxy extends WireProxy {

        private volatile @Nullable String command;
        private volatile Runnable meddling = () -> {};

        MeddlingProxy() {
            super(LAUNCHPAD.address());
            start();
        }

        void before(String name, Runnable what) {
            meddling = what;
            command = name;
        }

        @Override
        byte[] answer(byte[] request, Server server) throws IOException {
            String awaited = command;
            if (awaited != null && begin(request).contains(awaited + "\0")) {
                meddling.run();
            }
            return server.answer(request);
        }

        private static String begin(byte[] request) {
            return new String(request, 0, Math.min(request.length, 80), StandardCharsets.ISO_8859_1);
        }
    }
}
