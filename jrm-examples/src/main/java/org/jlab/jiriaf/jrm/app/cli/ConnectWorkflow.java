package org.jlab.jiriaf.jrm.app.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "workflow",
        description =
                "Opens the tunnels of a deployment again that nobody holds any more, logging in as the site file says. 'jrm serve' does"
                        + " it by itself, but for sites that take a password: it is never stored, so this gives it again.",
        footer = {"", "Example: jrm connect workflow ornl.yaml 12"})
final class ConnectWorkflow implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Parameters(index = "1", paramLabel = "ID", description = "The workflow, by the id that get_wf shows.")
    private int id;

    @Mixin
    private final DeployerOptions backends = new DeployerOptions();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(names = "--foreground", description = "Hold the tunnels here until Ctrl-C, even if a service answers.")
    private boolean foreground;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        SiteConfig config = site.read();
        Optional<ServiceClient> service =
                foreground ? Optional.empty() : server.find(backends.launchpad(), common.err());
        if (service.isPresent()) {
            print(service.get().resume(id, site.text()).size());
            return 0;
        }
        return Interruption.guard(() -> hold(config));
    }

    private int hold(SiteConfig config) {
        try (Deployer deployer = backends.open(
                DeploymentSettings.DEFAULTS.withLaunchpad(backends.launchpad().endpoint()), common.err())) {
            Deployment deployment = deployer.jrm().resume(id, config, TIMEOUT);
            print(deployment.tunnels().size());
            new ForegroundDeployment(deployer, config, deployment, common.err()).hold();
            return 0;
        }
    }

    /** What is printed of a deployment. */
    private record Connected(int id, int tunnels) {}

    private void print(int tunnels) {
        common.out()
                .println(
                        json
                                ? Json.MAPPER.writeValueAsString(new Connected(id, tunnels))
                                : "workflow " + id + ": " + tunnels + " tunnels up");
        common.out().flush();
    }
}
