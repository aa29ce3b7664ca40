package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoClientSettings;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.store.mongo.CuttingProxy.Lost;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection breaks, or the primary steps down, at every single command of every operation; each still happens exactly once. */
class LostConnectionTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final Worker WORKER = new Worker("w", "test", "login01", "127.0.0.1");

    private final CuttingProxy proxy = new CuttingProxy(LAUNCHPAD.address());
    private final MongoClient client = client(proxy.port());
    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore direct = new MongoWorkflowStore(database);
    private final MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(database.getName()));
    private final LaunchQueue queue = store.launchQueue();

    @AfterEach
    void close() throws IOException {
        client.close();
        proxy.close();
    }

    @ParameterizedTest
    @EnumSource
    void addsOnce(Lost lost) {
        direct.delete(direct.add(WorkflowDrafts.oneNode("test", "sets up the database")));
        int cuts = atEveryCommand(lost, () -> "a", node -> {
            int id = store.add(WorkflowDrafts.oneNode("test", node));
            assertThat(direct.list(WorkflowFilter.ALL)).extracting(Workflow::id).containsExactly(id);
            assertThat(database.getCollection("fireworks").countDocuments()).isEqualTo(1);
            direct.delete(id);
        });
        assertThat(cuts).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource
    void addsManyOnce(Lost lost) {
        atEveryCommand(
                lost,
                () -> IntStream.range(0, 5)
                        .mapToObj(i -> WorkflowDrafts.oneNode("test", "n" + i))
                        .toList(),
                drafts -> {
                    List<Integer> ids = store.addAll(drafts);
                    assertThat(direct.list(WorkflowFilter.ALL))
                            .extracting(Workflow::id)
                            .isEqualTo(ids);
                    ids.forEach(direct::delete);
                });
    }

    @ParameterizedTest
    @EnumSource
    void reservesOnce(Lost lost) {
        atEveryCommand(lost, () -> direct.add(WorkflowDrafts.oneNode("test", "a")), id -> {
            Launch launch = queue.reserve(WORKER, "/l").orElseThrow().launch();
            assertThat(direct.find(id).orElseThrow().launch()).isEqualTo(launch);
            assertThat(queue.reserve(WORKER, "/l")).isEmpty();
            assertThat(database.getCollection("launches").countDocuments()).isEqualTo(1);
            assertSettled(id, WorkflowState.RESERVED);
        });
    }

    @ParameterizedTest
    @EnumSource
    void startsPingsAndCompletesOnce(Lost lost) {
        atEveryCommand(lost, this::reserved, launch -> {
            queue.submitted(launch.id(), "4711");
            queue.start(launch.id(), WORKER);
            assertThat(queue.ping(launch.id())).isTrue();
            queue.complete(launch.id(), WorkflowState.COMPLETED, "");
            assertSettled(launch.workflowId(), WorkflowState.COMPLETED);
            assertThat(DocumentFields.list(database.getCollection("launches")
                            .find()
                            .iterator()
                            .next()
                            .get("state_history")))
                    .hasSize(3);
        });
    }

    @ParameterizedTest
    @EnumSource
    void cancelsOnce(Lost lost) {
        atEveryCommand(lost, this::reserved, launch -> {
            assertThat(queue.cancel(launch.id())).isTrue();
            assertSettled(launch.workflowId(), WorkflowState.READY);
        });
    }

    @ParameterizedTest
    @EnumSource
    void changesStatesOnce(Lost lost) {
        atEveryCommand(lost, this::reserved, launch -> {
            int id = launch.workflowId();
            assertThat(store.pause(id)).isTrue();
            assertThat(store.resume(id)).isTrue();
            assertThat(store.defuse(id)).isTrue();
            assertThat(store.reignite(id)).isTrue();
            assertSettled(id, WorkflowState.READY);
        });
    }

    @ParameterizedTest
    @EnumSource
    void deletesAll(Lost lost) {
        atEveryCommand(lost, this::reserved, launch -> {
            assertThat(store.delete(launch.workflowId())).isTrue();
            assertThat(database.getCollection("workflows").countDocuments()).isZero();
            assertThat(database.getCollection("fireworks").countDocuments()).isZero();
            assertThat(database.getCollection("launches").countDocuments()).isZero();
        });
    }

    @ParameterizedTest
    @EnumSource
    void leasesPortsOnce(Lost lost) {
        List<String> hosts = List.of("cp01", "login04");
        atEveryCommand(lost, () -> List.of(10001, 10002, 10003), ports -> {
            List<PortLease> leases = store.portLeases().acquire(hosts, ports, 3, "wf", "kubelet", Duration.ofHours(1));
            assertThat(leases).extracting(PortLease::port).isEqualTo(ports);
            assertThat(direct.portLeases().list()).containsExactlyElementsOf(leases);
            store.portLeases().release(leases);
            assertThat(direct.portLeases().list()).isEmpty();
        });
    }

    @Test
    void tellsWhereNobodyAnswersAndDoesNotWaitForEver() throws IOException {
        int unused;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = probe.getLocalPort();
        }
        try (MongoClient nobody = client(unused)) {
            MongoWorkflowStore lonely = new MongoWorkflowStore(nobody.getDatabase("jiriaf"));
            assertThatThrownBy(() -> lonely.add(WorkflowDrafts.oneNode("test", "a")))
                    .isInstanceOfSatisfying(
                            WorkflowStoreException.class,
                            e -> assertThat(e.isTransient()).isTrue())
                    .hasMessageContaining("jiriaf")
                    .hasMessageContaining("127.0.0.1:" + unused)
                    .hasMessageContaining("Check that MongoDB runs");
        }
    }

    @Test
    void givesAnIdUpThatSomebodyElseHasAndLeavesNothingOfItBehind() {
        int taken = direct.add(WorkflowDrafts.oneNode("test", "a")) + 1;
        database.getCollection("fireworks").insertOne(new Document("fw_id", taken));

        assertThat(store.add(WorkflowDrafts.oneNode("test", "b"))).isEqualTo(taken + 1);

        assertThat(database.getCollection("workflows").countDocuments()).isEqualTo(2);
        assertThat(database.getCollection("fireworks").countDocuments()).isEqualTo(3);
    }

    /** Cuts at the first command, then in the next run at the second, and so on until a run has no more commands. */
    private <T> int atEveryCommand(Lost lost, Supplier<T> before, Consumer<T> run) {
        for (int command = 1; ; command++) {
            for (Workflow workflow : direct.list(WorkflowFilter.ALL)) {
                direct.delete(workflow.id());
            }
            T given = before.get();
            proxy.cutAt(command, lost);
            run.accept(given);
            if (!proxy.hasCut()) {
                return command - 1;
            }
        }
    }

    private Launch reserved() {
        direct.add(WorkflowDrafts.oneNode("test", "a"));
        return direct.launchQueue().reserve(WORKER, "/l").orElseThrow().launch();
    }

    /** The state is the same in all places, and no lock is left. */
    private void assertSettled(int id, WorkflowState state) {
        assertThat(direct.find(id).orElseThrow().state()).isEqualTo(state);
        Document workflow =
                database.getCollection("workflows").find().iterator().next();
        assertThat(workflow.get("state")).isEqualTo(state.name());
        assertThat(DocumentFields.at(workflow, "fw_states", "" + id)).isEqualTo(state.name());
        assertThat(workflow).doesNotContainKey("locked");
    }

    private static MongoClient client(int port) {
        return MongoClients.create(MongoClientSettings.builder()
                .retryWrites(false)
                .retryReads(false)
                .applyToClusterSettings(cluster -> cluster.hosts(List.of(new ServerAddress("127.0.0.1", port)))
                        .serverSelectionTimeout(2, TimeUnit.SECONDS))
                .applyToServerSettings(server -> server.minHeartbeatFrequency(5, TimeUnit.MILLISECONDS))
                .build());
    }
}
