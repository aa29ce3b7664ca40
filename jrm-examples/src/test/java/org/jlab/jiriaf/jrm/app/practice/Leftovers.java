package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;

/** Looks everywhere for what a deployment may have left, by other means than jrm's own. */
final class Leftovers {

    private final PracticeSite site;
    private final ControlPlane controlPlane;
    private final WorkflowStore store;
    private final String name;
    private final List<String> nodes;
    private final Set<Integer> ports = new HashSet<>();

    /**
     * Remembers what to look for.
     *
     * @param workflow the deployment, as long as it is there
     */
    Leftovers(PracticeSite site, ControlPlane controlPlane, Workflow workflow) {
        this.site = site;
        this.controlPlane = controlPlane;
        store = new MongoWorkflowStore(controlPlane.database());
        name = workflow.name();
        List<JrmEndpoints> endpoints = JrmEndpoints.of(workflow);
        nodes = endpoints.stream().map(JrmEndpoints::node).toList();
        endpoints.forEach(jrm -> ports.addAll(jrm.ports()));
    }

    /** Waits until nothing is left. */
    void awaitNone(Duration timeout) {
        await("end of " + name).atMost(timeout).untilAsserted(this::assertNone);
    }

    private void assertNone() {
        assertThat(store.portLeases().list()).extracting(PortLease::owner).doesNotContain(name);
        assertThat(store.deploymentJournal().list())
                .extracting(DeploymentRecord::name)
                .doesNotContain(name);
        assertThat(controlPlane.nodes().list(nodes)).as("nodes in Kubernetes").isEmpty();
        for (String node : nodes) {
            assertThat(PracticeSite.processes(node)).as("processes of %s", node).isEmpty();
        }
        assertThat(site.jobs()).as("jobs in Slurm").noneMatch(job -> job.startsWith(name + " "));
        assertThat(site.listeningPorts("control")).as("ports on control").doesNotContainAnyElementsOf(ports);
        assertThat(site.listeningPorts("login01")).as("ports on login01").doesNotContainAnyElementsOf(ports);
    }
}
