package org.jlab.jiriaf.jrm.app.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.report.DeploymentProgress;
import org.jlab.jiriaf.jrm.report.NetworkMap;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "add_wf",
        description =
                "Deploys JRMs to a site: leases ports, opens tunnels, renders the scripts and stores the workflow,"
                        + " which the site's FireWorks agent takes. A 'jrm serve' that answers does it and holds the"
                        + " tunnels.",
        footer = {
            "",
            "Examples: jrm add_wf perlmutter.yaml",
            "          jrm add_wf perlmutter.yaml --wait --timeout 60",
            "          jrm add_wf perlmutter.yaml --dry-run",
            "          jrm add_wf perlmutter.yaml --foreground --launchpad my_launchpad.yaml"
        })
final class AddWf implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Mixin
    private final DeployerOptions backends = new DeployerOptions();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(names = "--dry-run", description = "Print what would be done and the scripts; touch nothing.")
    private boolean dryRun;

    @Option(
            names = "--foreground",
            description = "Hold the tunnels here until Ctrl-C, or until the deployment is deleted.")
    private boolean foreground;

    @Option(
            names = "--wait",
            description =
                    "Wait until all nodes are Ready, and tell how far they are and why the batch queue lets the job"
                            + " wait. Exit code 1 if they do not get Ready.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "MINUTES",
            description = "How long --wait waits. Default: ${DEFAULT-VALUE}")
    private int timeout = 30;

    @Option(names = "--json", description = "Print JSON: what has been deployed, or with --dry-run what would be.")
    private boolean json;

    @Mixin
    private final ListenOptions listen = new ListenOptions();

    @Mixin
    private final SiteKubeconfigOption siteKubeconfig = new SiteKubeconfigOption();

    @Override
    public Integer call() throws Exception {
        if (timeout < 1) {
            throw new ParameterException(spec.commandLine(), "--timeout must be at least 1, not " + timeout);
        }
        SiteConfig config = site.read();
        if (dryRun) {
            print(DeploymentPlan.preview(config, settings()));
            return 0;
        }
        if (foreground) {
            return Interruption.guard(() -> deploy(config));
        }
        Kubeconfig kubeconfig = siteKubeconfig.read();
        ServiceClient service = server.find(backends.launchpad(), common.err())
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "Somebody has to hold the tunnels, and " + ServerOption.nobody()
                                + ": start one, or add --foreground to hold them here, or --dry-run to look only"));
        common.err().println("jrm at " + service.server() + " deploys and holds the tunnels");
        common.err().flush();
        JsonNode workflow = service.deploy(site.text(), kubeconfig);
        int id = workflow.path("id").asInt();
        printAdded(id, workflow.path("name").asString());
        return wait ? awaitReady(service, id) : 0;
    }

    private int awaitReady(ServiceClient service, int id) throws Exception {
        return Interruption.guard(() -> {
            try {
                DeploymentProgress last =
                        new Progress(() -> service.progress(id), common.err()).awaitReady(Duration.ofMinutes(timeout));
                if (last != null && last.isReady()) {
                    return 0;
                }
                throw new JrmException(
                        last != null && last.isOver()
                                ? "workflow " + id + " has ended before all its nodes were Ready; 'lpad get_fws -i "
                                        + id + " -d more' tells how its launch went"
                                : "not all nodes of workflow " + id + " are Ready after " + timeout
                                        + " min; it goes on. 'jrm get_wf --watch' shows it, 'jrm delete_wf " + id
                                        + "' ends it",
                        null,
                        false);
            } catch (InterruptedException e) {
                common.err().println("Workflow " + id + " goes on; 'jrm delete_wf " + id + "' ends it.");
                return 1;
            }
        });
    }

    private int deploy(SiteConfig config) {
        try (Deployer deployer =
                new Deployer(backends, settings(), siteKubeconfig.read(), common.err(), event -> {}, event -> {})) {
            Deployment deployment = deployer.jrm().deploy(config);
            printAdded(deployment.workflowId(), deployment.name());
            new ForegroundDeployment(deployer, config, deployment, common.err()).hold();
            return 0;
        }
    }

    private DeploymentSettings settings() {
        return listen.applyTo(
                DeploymentSettings.DEFAULTS.withLaunchpad(backends.launchpad().endpoint()));
    }

    private void print(DeploymentPlan plan) {
        PrintWriter out = common.out();
        BatchScripts scripts = new JrmScriptRenderer().render(plan.job());
        if (json) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("name", plan.name());
            values.put("site", plan.site().jrm().site());
            values.put("nodes", plan.nodes());
            values.put(
                    "forwards",
                    plan.forwards().stream()
                            .map(forward -> forward.forward().toString())
                            .toList());
            values.put("scripts", ScriptListing.files(scripts));
            out.println(Json.MAPPER.writeValueAsString(values));
            return;
        }
        out.println("Nothing is done. Names and ports are examples; the real ones are chosen when they are needed.");
        out.println();
        out.println("Workflow " + plan.name() + " for category "
                + plan.site().jrm().site() + ", " + plan.nodes().size() + " nodes");
        out.println();
        out.println(NetworkMap.of(plan));
        ScriptListing.print(ScriptListing.files(scripts), out, false);
    }

    private void printAdded(int id, String name) {
        common.out().println(json ? Json.MAPPER.writeValueAsString(new Added(id, name)) : id + " " + name);
        common.out().flush();
    }

    /** What is printed of a deployment. */
    private record Added(int id, String name) {}
}
