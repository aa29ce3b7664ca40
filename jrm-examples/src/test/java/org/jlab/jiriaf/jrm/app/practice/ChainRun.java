package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.model.Filters;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bson.Document;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/** One deployment on its way through the chain; each stage checks what it leads to and prints how long it took. */
final class ChainRun {

    private static final Duration QUEUE = Duration.ofMinutes(1);
    private static final Duration TUNNELS = Duration.ofSeconds(30);
    private static final Duration WALLTIME = Duration.ofSeconds(90);
    private static final Duration CLEAN_UP = Duration.ofSeconds(15);

    private final PracticeSite site;
    private final ControlPlane controlPlane;
    private final JrmDeployer jrm;
    private final Stopwatch stopwatch;
    private final Deployment deployment;
    private final List<JrmEndpoints> jrms;

    private ChainRun(PracticeSite site, ControlPlane controlPlane, Stopwatch stopwatch, Deployment deployment) {
        this.site = site;
        this.controlPlane = controlPlane;
        this.jrm = controlPlane.jrm();
        this.stopwatch = stopwatch;
        this.deployment = deployment;
        this.jrms = JrmEndpoints.of(deployment.workflow());
    }

    /** Deploys; an agent of the site has to be there, or come. */
    static ChainRun deploy(String name, PracticeSite site, ControlPlane controlPlane, SiteFile file) {
        Stopwatch stopwatch = new Stopwatch(name);
        Deployment deployment = controlPlane.jrm().deploy(file.config());
        stopwatch.lap("deployed");
        return new ChainRun(site, controlPlane, stopwatch, deployment);
    }

    Deployment deployment() {
        return deployment;
    }

    List<JrmEndpoints> jrms() {
        return jrms;
    }

    /** Waits until the nodes are Ready, and fetches the metrics of each through both tunnel hops. */
    ChainRun awaitMetrics() {
        deployment.awaitReady(QUEUE);
        stopwatch.lap("nodes Ready");
        MetricsClient client = new MetricsClient(Duration.ofSeconds(10));
        Map<String, String> hosts = new HashMap<>();
        // A node is Ready a moment before the way to its kubelet is open.
        await("metrics of " + deployment)
                .atMost(TUNNELS)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .untilAsserted(() -> {
                    for (JrmEndpoints one : jrms) {
                        if (!hosts.containsKey(one.node())) {
                            hosts.put(one.node(), one.checkMetrics(client));
                        }
                    }
                });
        assertThat(new HashSet<>(hosts.values()))
                .as("compute nodes, one for each JRM")
                .hasSameSizeAs(jrms);
        stopwatch.lap("metrics of " + jrms.size() + " nodes fetched");
        return this;
    }

    /** Waits until the walltime is over and the site has reported it. */
    ChainRun awaitCompleted() {
        await("the end of the walltime")
                .atMost(WALLTIME)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> deployment.workflow().state(), WorkflowState::isOver);
        assertThat(deployment.workflow().state()).isEqualTo(WorkflowState.COMPLETED);
        stopwatch.lap("COMPLETED");
        return this;
    }

    /** Has jrm clean up after a run that ended by itself, and looks that nothing is left, and that FireWorks could finish. */
    void reconcile() {
        Workflow workflow = deployment.workflow();
        Leftovers leftovers = new Leftovers(site, controlPlane, workflow);
        cleanUp(leftovers);
        String folder =
                Objects.requireNonNull(Objects.requireNonNull(workflow.launch()).launchDir());
        assertThat(site.in("login01", "sh", "-c", "cat \"$1\"/*.error", "sh", folder))
                .as("what the job in %s said", folder)
                .doesNotContain("Traceback");
    }

    /** Deletes the deployment, and looks that nothing is left 15 s later at most. */
    void delete() {
        Leftovers leftovers = new Leftovers(site, controlPlane, deployment.workflow());
        Stopwatch deletion = new Stopwatch("deletion of " + deployment);
        jrm.delete(deployment.workflowId());
        Duration taken = deletion.lap("returned");
        leftovers.awaitNone(CLEAN_UP.minus(taken));
        deletion.lap("nothing left");
        assertThat(jrm.workflows()).extracting("id").doesNotContain(deployment.workflowId());
    }

    /** Deletes the workflow with FireWorks' own tool, which leaves the rest to jrm, and looks that nothing is left. */
    void deleteWithFireworks(Path myLaunchpad) {
        Leftovers leftovers = new Leftovers(site, controlPlane, deployment.workflow());
        site.run(
                "lpad", "-l", myLaunchpad.toString(), "delete_wflows", "-i", Integer.toString(deployment.workflowId()));
        cleanUp(leftovers);
    }

    private void cleanUp(Leftovers leftovers) {
        synchronized (jrm) {
            jrm.reconcile();
        }
        stopwatch.lap("released");
        leftovers.awaitNone(CLEAN_UP);
        stopwatch.lap("nothing left");
    }

    /** What the LaunchPad holds now, for tests that look at it as other tools do. */
    Document firework() {
        Document firework = controlPlane
                .database()
                .getCollection("fireworks")
                .find(Filters.eq("fw_id", deployment.workflowId()))
                .first();
        assertThat(firework).isNotNull();
        return firework;
    }

    /** All ports that the deployment has on the control plane, but for those that it shares. */
    Set<Integer> ports() {
        Set<Integer> ports = new HashSet<>();
        jrms.forEach(one -> ports.addAll(one.ports()));
        return ports;
    }
}
