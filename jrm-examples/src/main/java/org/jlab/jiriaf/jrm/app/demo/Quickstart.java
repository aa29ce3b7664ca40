package org.jlab.jiriaf.jrm.app.demo;

import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.app.demo.Leftovers.Finding;
import org.jlab.jiriaf.jrm.app.demo.ListeningSockets.Listener;
import org.jlab.jiriaf.jrm.app.demo.MetricsProbe.Sample;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.report.NetworkMap;
import org.jlab.jiriaf.jrm.report.WorkflowReport;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;

/**
 * The whole main job on this machine: sets up a site, deploys to it with the same library and backends as anywhere else, shows
 * what came of it, takes it down and looks whether anything is left. Used once, by one thread.
 */
public final class Quickstart {

    /** Ports on which the applications of each node serve metrics, as in the real site files. */
    static final List<Integer> CUSTOM_METRICS_PORTS = List.of(2221, 1776, 8088, 2222);

    /** How many nodes there can be. */
    public static final int MAX_NODES = LoopbackNetwork.MAX_NODES;

    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

    private static final String INTRODUCTION = """
            Real: the jrm library and its backends, SSH connections with keys and checked host keys, every forward, the MongoDB
            protocol and the documents on disk, the Kubernetes API's HTTP, the rendered scripts and their processes, the metrics.
            Stand-ins on loopback addresses of this machine: the hosts; the FireWorks agent and rocket; Slurm (sbatch, srun,
            squeue, scancel), shifter, conda, the compute nodes' ssh command; virtual-kubelet and the applications; the API
            server and the LaunchPad's database, which are embedded ones.
            """;

    private final int nodes;
    private final boolean keep;
    private final PrintWriter out;
    private final PrintWriter progress;
    private final long started = System.nanoTime();

    /**
     * Prepares a run.
     *
     * @param nodes number of compute nodes, 1 to {@link #MAX_NODES}
     * @param keep whether everything stays up until the thread is interrupted
     * @param out gets the results
     * @param progress gets what happens meanwhile
     */
    public Quickstart(int nodes, boolean keep, PrintWriter out, PrintWriter progress) {
        if (nodes < 1 || nodes > MAX_NODES) {
            throw new IllegalArgumentException("nodes must be 1 to " + MAX_NODES + ", not " + nodes);
        }
        this.nodes = nodes;
        this.keep = keep;
        this.out = out;
        this.progress = progress;
    }

    /**
     * Runs. An interrupt ends it early, with everything taken down.
     *
     * @return whether all of it happened: deployed, measured, deleted, and nothing left
     * @throws JrmException if a step of the deployment fails
     */
    public boolean run() {
        out.println(INTRODUCTION);
        out.flush();
        boolean complete;
        LoopbackNetwork network;
        ProcessTable processes;
        try (Stage stage = Stage.open(nodes, CUSTOM_METRICS_PORTS)) {
            network = stage.network();
            processes = stage.processes();
            say("site on " + network + ": control plane .1, login node .2, jump host .3, compute nodes from .10");
            complete = play(stage);
        }
        complete &= print("After everything is taken down:", Leftovers.ofRun(network, processes));
        out.printf(Locale.ROOT, "%s in %.1f s%n", complete ? "Done" : "NOT COMPLETE", seconds());
        out.flush();
        return complete;
    }

    private boolean play(Stage stage) {
        try {
            return deployAndDelete(stage);
        } catch (JrmException e) {
            // The folder goes; what its files say may be the only hint.
            stage.jobOutput().forEach(this::say);
            throw e;
        } finally {
            // What is taken down now is waited for, which an interrupted thread cannot do.
            var unused = Thread.interrupted();
        }
    }

    private boolean deployAndDelete(Stage stage) {
        String controlPlane = stage.network().controlPlane().getHostAddress();
        SiteConfig site = SiteConfig.read(stage.siteFile());
        DeploymentSettings settings = DeploymentSettings.DEFAULTS
                .withLaunchpad(new Endpoint(controlPlane, stage.launchpad().port()))
                .withApiserverHost(controlPlane)
                .withBindAddress(controlPlane);
        Fabric8NodeManager nodeManager =
                new Fabric8NodeManager(stage.kubernetes().client());
        try (LaunchpadConnection launchpad = new LaunchpadConnection(
                        stage.network().controlPlane(), stage.launchpad().port());
                JrmDeployer jrm = JrmDeployer.builder()
                        .workflows(launchpad.store())
                        .tunnels(SshjTunnelManager.builder()
                                .noSshConfig()
                                .knownHosts(stage.knownHosts())
                                .build())
                        .nodes(nodeManager)
                        .settings(settings)
                        .onEvent(this::say)
                        .build()) {
            Set<Listener> listenersBefore = ListeningSockets.of(stage.network());
            Deployment deployment = jrm.deploy(site);
            deployment.awaitReady(READY_TIMEOUT);
            out.println(
                    WorkflowReport.of(jrm.workflows(), nodeManager, Map.of()).toTable());
            out.println(NetworkMap.of(new DeploymentPlan(site, deployment.nodes(), settings)));
            boolean complete = showMetrics(stage, deployment);
            if (keep) {
                showAddresses(stage);
                awaitInterrupt();
            }
            jrm.delete(deployment.workflowId());
            complete &= print(
                    "After the deployment is deleted:", Leftovers.ofDeployment(stage, listenersBefore, launchpad));
            return complete;
        }
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            // That is what it waits for; the rest is done as ever.
        }
    }

    private boolean showMetrics(Stage stage, Deployment deployment) {
        MetricsProbe probe =
                new MetricsProbe(HttpClient.newHttpClient(), stage.network().controlPlane());
        List<Sample> samples = probe.fetch(deployment.nodes());
        out.println("Metrics, fetched from the control plane through login node and compute node:");
        for (Sample sample : samples) {
            out.printf("  %-5s %s  %s%n", sample.right() ? "ok" : "WRONG", sample.url(), sample.answer());
        }
        out.println();
        return samples.stream().allMatch(Sample::right);
    }

    private void showAddresses(Stage stage) {
        out.printf("""
                Everything stays up until Ctrl-C. Look at it from another terminal:
                  java -jar jrm.jar get_wf --launchpad %s --kubeconfig %s
                  kubectl --kubeconfig %s get nodes --show-labels
                  job output, scripts: %s
                """, stage.launchpadFile(), stage.kubeconfig(), stage.kubeconfig(), stage.launches());
        out.flush();
    }

    private boolean print(String title, List<Finding> findings) {
        out.println(title);
        for (Finding finding : findings) {
            out.printf("  %-5s %s%n", finding.left().isEmpty() ? "none" : "LEFT", finding.what());
            finding.left().forEach(each -> out.println("        " + each));
        }
        out.println();
        return findings.stream().allMatch(finding -> finding.left().isEmpty());
    }

    private void say(DeploymentEvent event) {
        if (event.kind() != DeploymentEvent.Kind.STARTED) {
            say(event.step() + (event.kind() == DeploymentEvent.Kind.FAILED ? " FAILED: " : ": ") + event.message());
        }
    }

    private void say(String what) {
        progress.printf(Locale.ROOT, "[%5.2f s] %s%n", seconds(), what);
        progress.flush();
    }

    private double seconds() {
        return (System.nanoTime() - started) / 1e9;
    }
}
