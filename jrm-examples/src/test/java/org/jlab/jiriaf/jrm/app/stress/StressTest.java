package org.jlab.jiriaf.jrm.app.stress;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that deploy on one store and one host at once, and are killed at random.
 *
 * <p>System properties: {@code jrm.stress.launchers} (default 8), {@code jrm.stress.deployments} of each (default 50),
 * {@code jrm.stress.kills} (default 200).
 */
@Tag("slow")
class StressTest {

    private static final int PORTS = 2 * StressLauncher.NODES;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<Process> processes = new ArrayList<>();
    private final Random random = new Random();

    @SuppressWarnings("NullAway.Init")
    private EmbeddedLaunchpad launchpad;

    @SuppressWarnings("NullAway.Init")
    private MongoClient client;

    @SuppressWarnings("NullAway.Init")
    private MongoWorkflowStore store;

    @BeforeEach
    void open() {
        launchpad = EmbeddedLaunchpad.start(folder, "127.0.0.1", 0);
        client = MongoClients.create("mongodb://127.0.0.1:" + launchpad.port());
        store = new MongoWorkflowStore(client.getDatabase("stress"));
    }

    @AfterEach
    void close() {
        processes.forEach(process -> process.destroyForcibly().onExit().join());
        client.close();
        launchpad.close();
    }

    private Process start(int number, int atOnce) throws IOException {
        Process process = StressLauncher.start(launchpad.port(), number, atOnce);
        processes.add(process);
        return process;
    }

    private static void await(Process process, String word) throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(word)) {
                return;
            }
        }
        throw new AssertionError("The process ended without saying '" + word + "'");
    }

    @Test
    void manyLaunchersGetNoPortTwiceAndLeakNoneEvenWhenSomeAreKilled() throws Exception {
        int launchers = Integer.getInteger("jrm.stress.launchers", 8);
        int deployments = Integer.getInteger("jrm.stress.deployments", 50);
        int victims = launchers / 4;
        for (int number = 1; number <= launchers; number++) {
            start(number, deployments);
        }
        for (Process victim : processes.subList(0, victims)) {
            await(victim, "ready");
            TimeUnit.MILLISECONDS.sleep(random.nextInt(2000));
            victim.destroyForcibly().onExit().join();
        }
        List<Process> survivors = processes.subList(victims, launchers);
        for (Process survivor : survivors) {
            await(survivor, "deployed " + deployments);
        }
        try (StressLauncher cleaner = new StressLauncher(launchpad.port(), launchers + 1)) {
            assertThat(cleaner.jrm().reconcile()).noneMatch(ReconcileDecision::isFailed);

            List<Workflow> living = store.list(WorkflowFilter.DEPLOYMENTS);
            assertThat(living).hasSizeGreaterThanOrEqualTo(survivors.size() * deployments);
            assertThat(leasesAreExactlyThoseOf(living)).hasSize(living.size() * PORTS);

            for (Process survivor : survivors) {
                survivor.getOutputStream().close();
                await(survivor, "deleted");
            }
            deleteAll(cleaner);
        }
        assertNothingIsLeft();
    }

    @Test
    void nothingIsLeftOfAProcessThatIsKilledAtAnyMoment() throws Exception {
        int kills = Integer.getInteger("jrm.stress.kills", 200);
        try (StressLauncher here = new StressLauncher(launchpad.port(), 1)) {
            Deployment bystander = here.deploy();
            for (int kill = 0; kill < kills; kill++) {
                Process process = start(2, 0);
                await(process, "ready");
                // Within or after the first of its rounds, which take some 100 ms each.
                TimeUnit.MICROSECONDS.sleep(random.nextInt(600_000));
                process.destroyForcibly().onExit().join();

                assertThat(here.jrm().reconcile()).noneMatch(ReconcileDecision::isFailed);

                List<Workflow> living = store.list(WorkflowFilter.DEPLOYMENTS);
                assertThat(living).extracting(Workflow::name).contains(bystander.name());
                assertThat(living).as("at most the one that was being made").hasSizeLessThanOrEqualTo(2);
                Set<Integer> leased = leasesAreExactlyThoseOf(living);
                for (Tunnel tunnel : bystander.tunnels()) {
                    assertThat(tunnel.state().isUp()).isTrue();
                    if (tunnel.forward().direction() == Forward.Direction.LOCAL) {
                        int port = tunnel.forward().bind().port();
                        assertThat(leased).contains(port);
                        new Socket(InetAddress.getLoopbackAddress(), port).close();
                    }
                }
                for (Workflow workflow : living) {
                    if (!workflow.name().equals(bystander.name())) {
                        here.jrm().delete(workflow.id());
                    }
                }
                assertThat(store.deploymentJournal().list())
                        .extracting(DeploymentRecord::name)
                        .containsExactly(bystander.name());
            }
            here.jrm().delete(bystander.workflowId());
        }
        assertNothingIsLeft();
    }

    private Set<Integer> leasesAreExactlyThoseOf(List<Workflow> living) {
        List<PortLease> leases = store.portLeases().list();
        Set<Integer> ports = leases.stream().map(PortLease::port).collect(Collectors.toSet());
        assertThat(ports).as("no port twice").hasSameSizeAs(leases);
        Set<Integer> wanted = new HashSet<>();
        for (DeploymentRecord record : store.deploymentJournal().list()) {
            assertThat(record.phase()).isEqualTo(DeploymentRecord.Phase.DEPLOYED);
            record.forwards().stream()
                    .filter(DeploymentForward::isLocal)
                    .forEach(forward -> wanted.add(forward.port()));
        }
        assertThat(store.deploymentJournal().list())
                .extracting(DeploymentRecord::name)
                .containsExactlyInAnyOrderElementsOf(
                        living.stream().map(Workflow::name).toList());
        assertThat(ports).isEqualTo(wanted);
        return ports;
    }

    private void deleteAll(StressLauncher cleaner) {
        store.list(WorkflowFilter.DEPLOYMENTS).forEach(workflow -> cleaner.jrm().delete(workflow.id()));
    }

    private void assertNothingIsLeft() {
        assertThat(store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(store.deploymentJournal().list()).isEmpty();
        assertThat(store.portLeases().list()).isEmpty();
    }
}
