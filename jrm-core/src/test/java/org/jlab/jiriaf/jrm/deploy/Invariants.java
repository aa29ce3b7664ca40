package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.deploy.internal.LeaseKeeper;
import org.jlab.jiriaf.jrm.deploy.internal.WorkflowDrafts;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/**
 * What must hold of deployments, whatever happens. "Lives" means: its workflow is in the LaunchPad and not over.
 *
 * <p>After every step:
 *
 * <ol>
 *   <li>No port of a host is leased twice.
 *   <li>No two deployments that live have the same port on the same host.
 *   <li>Fencing tokens only grow: a later lease of a port has a higher one.
 *   <li>A listener that is not jrm's is never disturbed, and no deployment is made with its port.
 *   <li>Nodes that are not jrm's, and JRM nodes of others, are never touched.
 *   <li>A job that runs is cancelled only if somebody asked for the deletion of its deployment or ended its workflow.
 *   <li>A deployment that was made stays in the LaunchPad until somebody asks for its deletion, and lives until its job is over
 *       or somebody ends it, even if nothing is heard of it for hours because its login node is away.
 *   <li>A deployment that failed, and whose process lives, has left no listener, unless the process knows that it could not undo
 *       it yet.
 * </ol>
 *
 * <p>When every process has been started again, the login node is back, and each has made its passes ({@link World#settle}):
 *
 * <ol start="9">
 *   <li>The leases are exactly the ports of the deployments that live, less those that somebody asked to close.
 *   <li>The journal has exactly the deployments that live.
 *   <li>The listeners of jrm are exactly the ports of the deployments that live, on their control plane; a port that somebody
 *       else has taken while the process was gone excuses its deployment.
 *   <li>A deployment that failed, or whose deletion was asked for, is not in the LaunchPad.
 *   <li>Nodes of deployments that do not live are gone, unless their job still runs.
 *   <li>No job runs or waits whose deployment does not live.
 *   <li>No workflow is RESERVED or RUNNING whose job is over.
 *   <li>A further pass finds nothing to do.
 *   <li>The password for compute nodes lies on the login node for deployments that live, and for no other.
 * </ol>
 */
final class Invariants {

    private static final String PASSWORD = ".jrm/password-";

    private final World world;
    private final Map<Endpoint, Long> tokens = new HashMap<>();

    Invariants(World world) {
        this.world = world;
    }

    static void requireNotForeign(World world, String host, int port) {
        assertThat(world.foreignListeners).as("4: port of a deployment").doesNotContain(new Endpoint(host, port));
    }

    /** Checks what holds after every step. */
    void check() {
        Map<Endpoint, PortLease> leased = new HashMap<>();
        for (PortLease lease : world.store.portLeases().list()) {
            for (String host : lease.hosts()) {
                Endpoint port = new Endpoint(host, lease.port());
                PortLease other = leased.put(port, lease);
                assertThat(other).as("1: %s is leased twice", port).isNull();
                Long before = tokens.put(port, lease.token());
                assertThat(before == null ? 0L : before)
                        .as("3: token of %s", port)
                        .isLessThanOrEqualTo(lease.token());
            }
        }
        portsOfTheLiving();
        assertThat(foreignListeners()).as("4: foreign listeners").isEqualTo(world.foreignListeners);
        assertThat(world.nodes.nodes().stream().map(NodeStatus::name).toList())
                .as("5: foreign nodes")
                .containsAll(world.foreignNodes);
        checkAskedFor();
        checkListeners();
    }

    private void portsOfTheLiving() {
        Map<Endpoint, String> users = new HashMap<>();
        for (Workflow workflow : living()) {
            for (Endpoint port : ports(workflow)) {
                String other = users.put(port, workflow.name());
                assertThat(other).as("2: %s of %s", port, workflow.name()).isNull();
            }
        }
    }

    private Set<Endpoint> foreignListeners() {
        return world.network.listeners().entrySet().stream()
                .filter(entry -> entry.getValue().equals(SimulatedNetwork.FOREIGN))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private void checkAskedFor() {
        Map<String, Workflow> workflows = byName();
        Map<String, BatchJobStatus> jobs =
                world.allJobs().stream().collect(Collectors.toMap(BatchJobStatus::id, job -> job, (a, b) -> a));
        for (String id : world.scheduler.cancelled()) {
            BatchJobStatus job = jobs.get(id);
            if (job != null) {
                World.Asked asked = world.asked(job.name());
                assertThat(asked.deletion || asked.ended || asked.failed)
                        .as("6: job %s of %s was cancelled", id, job.name())
                        .isTrue();
            }
        }
        world.asked.forEach((name, asked) -> {
            Workflow workflow = workflows.get(name);
            if (asked.deployed && !asked.deletion && !asked.removed) {
                assertThat(workflow).as("7: workflow of %s", name).isNotNull();
                if (!asked.ended) {
                    assertThat(workflow.state().isOver())
                            .as("7: %s is %s", name, workflow.state())
                            .isFalse();
                }
            }
        });
    }

    private void checkListeners() {
        Map<String, DeploymentRecord> records = world.store.deploymentJournal().list().stream()
                .collect(Collectors.toMap(DeploymentRecord::name, record -> record));
        for (World.Launcher process : world.processes) {
            if (process.alive && !process.hasLeftovers()) {
                Set<Integer> expected = new HashSet<>();
                process.held()
                        .forEach(deployment -> deployment
                                .tunnels()
                                .forEach(tunnel ->
                                        expected.add(tunnel.forward().bind().port())));
                assertThat(expected)
                        .as("8: ports of %s, journal %s", process.identity, records.keySet())
                        .containsAll(process.tunnels.localPorts());
            }
        }
    }

    /** Checks what holds once all is settled. */
    void checkSettled() {
        List<Workflow> living = living();
        Map<String, DeploymentRecord> records = world.store.deploymentJournal().list().stream()
                .collect(Collectors.toMap(DeploymentRecord::name, record -> record));
        Set<String> names = living.stream().map(Workflow::name).collect(Collectors.toCollection(TreeSet::new));

        assertThat(leasedPorts())
                .as("9: leases")
                .containsExactlyInAnyOrderElementsOf(living.stream()
                        .flatMap(workflow -> LeaseKeeper.ports(record(records, workflow)).stream()
                                .map(port -> workflow.name() + " " + port))
                        .toList());
        assertThat(new TreeSet<>(records.keySet())).as("10: journal").isEqualTo(names);
        assertThat(records.values())
                .as("10: journal")
                .allSatisfy(record -> assertThat(record.phase()).isEqualTo(DeploymentRecord.Phase.DEPLOYED));
        checkSettledListeners(living, records);
        Map<String, Workflow> workflows = byName();
        world.asked.forEach((name, asked) -> {
            if (asked.deletion || (asked.failed && !asked.deployed)) {
                assertThat(workflows).as("12: %s", asked).doesNotContainKey(name);
            }
        });
        checkSettledNodes(living);
        checkSettledJobs(names);
        assertThat(world.network.files().stream()
                        .filter(file -> file.startsWith(PASSWORD))
                        .map(file -> file.substring(PASSWORD.length()))
                        .toList())
                .as("17: passwords")
                .containsExactlyInAnyOrderElementsOf(names);
        for (World.Launcher process : world.processes) {
            assertThat(process.plan())
                    .as("16: second pass of %s", process.identity)
                    .isEmpty();
        }
    }

    private void checkSettledJobs(Set<String> living) {
        Map<String, String> alive = new HashMap<>();
        for (BatchJobStatus job : world.allJobs()) {
            if (!job.state().isOver()) {
                alive.put(job.id(), job.name());
            }
        }
        assertThat(living).as("14: deployments of jobs").containsAll(alive.values());
        for (Workflow workflow : living()) {
            Launch launch = workflow.launch();
            if (launch != null && launch.jobId() != null) {
                assertThat(alive).as("15: job of %s", workflow.name()).containsKey(launch.jobId());
            }
        }
    }

    private List<String> leasedPorts() {
        return world.store.portLeases().list().stream()
                .map(lease -> lease.owner() + " " + lease.port())
                .toList();
    }

    private void checkSettledListeners(List<Workflow> living, Map<String, DeploymentRecord> records) {
        Set<Endpoint> expected = new HashSet<>();
        for (Workflow workflow : living) {
            String host = record(records, workflow).owner().host();
            Set<Endpoint> ports = LeaseKeeper.ports(record(records, workflow)).stream()
                    .map(port -> new Endpoint(host, port))
                    .collect(Collectors.toSet());
            if (ports.stream().noneMatch(world.foreignListeners::contains)) {
                expected.addAll(ports);
            }
        }
        Set<Endpoint> there = world.network.listeners().entrySet().stream()
                .filter(entry -> entry.getValue().startsWith("process "))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        there.removeIf(port -> !expected.contains(port) && excused(living, records, port));
        assertThat(there).as("11: listeners").isEqualTo(expected);
    }

    private static DeploymentRecord record(Map<String, DeploymentRecord> records, Workflow workflow) {
        return Objects.requireNonNull(records.get(workflow.name()), workflow.name());
    }

    /** A deployment that was made before somebody else took one of its ports keeps its tunnels. */
    private boolean excused(List<Workflow> living, Map<String, DeploymentRecord> records, Endpoint port) {
        return living.stream()
                .anyMatch(workflow -> record(records, workflow).owner().host().equals(port.host())
                        && LeaseKeeper.ports(record(records, workflow)).contains(port.port()));
    }

    private void checkSettledNodes(List<Workflow> living) {
        Set<String> kept = new HashSet<>(world.foreignNodes);
        living.forEach(workflow -> kept.addAll(WorkflowDrafts.nodeNames(workflow)));
        world.running.values().forEach(kept::addAll);
        List<String> left = new ArrayList<>(
                world.nodes.nodes().stream().map(NodeStatus::name).toList());
        left.removeAll(kept);
        assertThat(left).as("13: nodes").isEmpty();
    }

    private List<Workflow> living() {
        return world.workflows().stream()
                .filter(workflow -> !workflow.state().isOver())
                .toList();
    }

    private Map<String, Workflow> byName() {
        return world.workflows().stream().collect(Collectors.toMap(Workflow::name, workflow -> workflow, (a, b) -> b));
    }

    /** The ports of a deployment on its hosts, as far as the journal knows them. */
    private List<Endpoint> ports(Workflow workflow) {
        List<Endpoint> ports = new ArrayList<>();
        world.store
                .deploymentJournal()
                .find(workflow.name())
                .ifPresent(record -> LeaseKeeper.ports(record).forEach(port -> {
                    ports.add(new Endpoint(World.LOGIN, port));
                    ports.add(new Endpoint(record.owner().host(), port));
                }));
        return ports;
    }
}
