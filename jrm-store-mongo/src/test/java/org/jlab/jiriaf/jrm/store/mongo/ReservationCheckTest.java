package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandSucceededEvent;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On a server that changes documents in two steps an agent takes the Firework that jrm has just reserved. */
class ReservationCheckTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final Worker JRM = new Worker("jrm", "test", "login01", "127.0.0.1");
    private static final Worker AGENT = new Worker("agent", "test", "login02", "127.0.0.1");

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final MongoWorkflowStore store = new MongoWorkflowStore(database);
    private final Launchpad launchpad = new Launchpad(database, Clock.systemUTC());
    private final ReservationCheck check = new ReservationCheck(launchpad);
    private final int first = store.add(WorkflowDrafts.oneNode("test", "a"));

    @Test
    void keepsWhatNobodyElseTook() {
        Launch launch = reserve();

        assertThat(check.confirm(launch, JRM)).isTrue();

        assertThat(firework().getList("launches", Integer.class)).containsExactly(launch.id());
    }

    @Test
    void leavesItToAnAgentWhoseReservationItHasWrittenOver() {
        Launch launch = reserve();
        int agents = insertLaunchOfAgent();

        assertThat(check.confirm(launch, JRM)).isFalse();

        assertThat(firework().getList("launches", Integer.class)).containsExactly(agents);
        assertThat(launchIds()).containsExactly(agents);
    }

    @Test
    void leavesItToAnAgentThatHasWrittenOverIt() {
        Launch launch = reserve();
        int agents = insertLaunchOfAgent();
        setLaunches(List.of(agents));

        assertThat(check.confirm(launch, JRM)).isFalse();

        assertThat(firework().getList("launches", Integer.class)).containsExactly(agents);
        assertThat(launchIds()).containsExactly(agents);
    }

    @Test
    void leavesItToAnAgentThatHasNoLaunchYet() {
        Launch launch = reserve();
        setLaunches(List.of());

        assertThat(check.confirm(launch, JRM)).isFalse();

        assertThat(firework()).containsEntry("state", "RESERVED");
        assertThat(launchIds()).isEmpty();
    }

    @Test
    void leavesItsLaunchToAnAgentThatGoesOnWithIt() {
        Launch launch = reserve();
        database.getCollection("launches")
                .updateOne(Filters.eq("launch_id", launch.id()), Updates.set("host", AGENT.host()));

        assertThat(check.confirm(launch, JRM)).isFalse();

        assertThat(launchIds()).containsExactly(launch.id());
        assertThat(firework().getList("launches", Integer.class)).containsExactly(launch.id());
    }

    @Test
    void goesOnToTheNextAfterOneThatAnAgentTook() {
        int second = store.add(WorkflowDrafts.oneNode("test", "b"));
        AtomicBoolean taken = new AtomicBoolean();
        CommandListener agent = new CommandListener() {
            @Override
            public void commandSucceeded(CommandSucceededEvent event) {
                // The reservation of the first is the only update before the check.
                if (event.getCommandName().equals("update")
                        && firework().getString("state").equals("RESERVED")
                        && taken.compareAndSet(false, true)) {
                    setLaunches(List.of(insertLaunchOfAgent()));
                }
            }
        };
        String server = "mongodb://127.0.0.1:" + LAUNCHPAD.address().getPort();
        try (MongoClient client = MongoClients.create(MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(server))
                .addCommandListener(agent)
                .build())) {
            Launchpad shared = new Launchpad(
                    client.getDatabase(database.getName()),
                    Clock.systemUTC(),
                    same -> new Exclusion(same, Exclusion.PATIENCE, true));
            LaunchQueue queue = new OneAtATimeLaunchQueue(
                    new MongoLaunchQueue(shared, new Refresh(shared, Refresh.PATIENCE)), shared, Duration.ofMillis(1));

            Launch launch = queue.reserve(JRM, "/jrm").orElseThrow().launch();

            assertThat(taken).isTrue();
            assertThat(launch.workflowId()).isEqualTo(second);
            assertThat(queue.reserve(JRM, "/jrm")).isEmpty();
            assertThat(launchIds()).hasSize(2).contains(launch.id());
        }
    }

    private Launch reserve() {
        Launch launch = new MongoLaunchQueue(launchpad, new Refresh(launchpad, Refresh.PATIENCE))
                .reserve(JRM, "/jrm")
                .orElseThrow()
                .launch();
        assertThat(launch.workflowId()).isEqualTo(first);
        return launch;
    }

    private int insertLaunchOfAgent() {
        int id = launchpad.takeLaunchId();
        database.getCollection("launches")
                .insertOne(LaunchDocuments.reserved(
                        id, first, AGENT, "/agent", Clock.systemUTC().instant()));
        return id;
    }

    private void setLaunches(List<Integer> launches) {
        database.getCollection("fireworks").updateOne(Filters.eq("fw_id", first), Updates.set("launches", launches));
    }

    private Document firework() {
        return Objects.requireNonNull(database.getCollection("fireworks")
                .find(Filters.eq("fw_id", first))
                .first());
    }

    private List<Integer> launchIds() {
        return Fields.integers(database.getCollection("launches")
                .distinct("launch_id", Integer.class)
                .into(new ArrayList<>()));
    }
}
