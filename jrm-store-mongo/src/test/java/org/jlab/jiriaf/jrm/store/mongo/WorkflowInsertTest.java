package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
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
class WorkflowInsertTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final Worker WORKER = new Worker("w", "test", "login01", "127.0.0.1");

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore direct = new MongoWorkflowStore(database);
    private final LaunchQueue queue = direct.launchQueue();
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

        int id = add(1).get(0);

        assertThatItIsWhole(id, WorkflowState.PAUSED);
    }

    @Test
    void fillsAlsoWhatSomebodyHasPausedWhileItsFirstTryWasLost() {
        proxy.insteadOf("update", () -> direct.pause(onlyId()));

        int id = add(1).get(0);

        assertThatItIsWhole(id, WorkflowState.PAUSED);
    }

    @Test
    void leavesToAnAgentWhatItHasTakenBeforeTheAnswerIsThere() {
        proxy.insteadOfTheAnswerTo(
                "update", () -> assertThat(queue.reserve(WORKER, "/l")).isPresent());

        int id = add(1).get(0);

        assertThatItIsWhole(id, WorkflowState.RESERVED);
    }

    @Test
    void givesAgentsNothingBeforeAllIsThere() {
        List<Workflow> seen = new ArrayList<>();
        proxy.before("update", () -> {
            assertThat(queue.reserve(WORKER, "/l")).isEmpty();
            seen.addAll(direct.list(WorkflowFilter.ALL));
        });

        add(3);

        assertThat(seen)
                .extracting(Workflow::name)
                .containsExactlyElementsOf(
                        drafts(3).stream().map(WorkflowDraft::name).toList());
        assertThat(queue.reserve(WORKER, "/l").orElseThrow().tasks()).isNotEmpty();
    }

    @Test
    void numbersManyInTheirOrder() {
        List<WorkflowDraft> drafts = drafts(105);

        List<Integer> ids = new WorkflowInsert(launchpad, drafts).run();

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

        List<Integer> ids = new WorkflowInsert(launchpad, drafts(9)).run();

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

        assertThatThrownBy(() -> new WorkflowInsert(launchpad, drafts(9)).run())
                .isInstanceOf(WorkflowStoreException.class)
                .hasMessageContaining("interrupted");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(database.getCollection("workflows").countDocuments()).isZero();
        assertThat(database.getCollection("fireworks").countDocuments()).isZero();
    }

    private void assertThatItIsWhole(int id, WorkflowState state) {
        Workflow workflow = direct.find(id).orElseThrow();
        assertThat(workflow.state()).isEqualTo(state);
        assertThat(workflow.jrms()).isEqualTo(drafts(1).get(0).jrms());
        assertThat(workflow.ssh()).isEqualTo(drafts(1).get(0).ssh());
    }

    private int onlyId() {
        return direct.list(WorkflowFilter.ALL).get(0).id();
    }

    private static List<WorkflowDraft> drafts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> WorkflowDrafts.oneNode("test", "n" + i))
                .toList();
    }

    private List<Integer> add(int count) {
        return new WorkflowInsert(launchpad, drafts(count)).run();
    }

    /** Does something beside a command of a kind, and may lose that command or its answer, once. */
    private static final class MeddlingProxy extends WireProxy {

        private volatile @Nullable String command;
        private volatile Runnable before = () -> {};
        private volatile Runnable after = () -> {};
        private volatile boolean losesCommand;
        private volatile boolean losesAnswer;

        MeddlingProxy() {
            super(LAUNCHPAD.address());
            start();
        }

        void before(String name, Runnable what) {
            before = what;
            command = name;
        }

        /** Nor does the server see the command. */
        void insteadOf(String name, Runnable what) {
            losesCommand = true;
            before(name, what);
        }

        /** Nor does the client see the answer. */
        void insteadOfTheAnswerTo(String name, Runnable what) {
            losesAnswer = true;
            after = what;
            command = name;
        }

        @Override
        byte @Nullable [] answer(byte[] request, Server server) throws IOException {
            String awaited = command;
            if (awaited == null || !begin(request).contains(awaited + "\0")) {
                return server.answer(request);
            }
            before.run();
            if (losesCommand) {
                losesCommand = false;
                return null;
            }
            byte[] answer = server.answer(request);
            if (!losesAnswer) {
                return answer;
            }
            losesAnswer = false;
            after.run();
            return null;
        }
    }
}
