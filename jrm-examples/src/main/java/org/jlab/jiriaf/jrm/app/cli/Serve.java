package org.jlab.jiriaf.jrm.app.cli;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.serve.EventHub;
import org.jlab.jiriaf.jrm.app.serve.JrmService;
import org.jlab.jiriaf.jrm.app.serve.ServiceAddress;
import org.jlab.jiriaf.jrm.app.serve.ServiceDependencies;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        description =
                "Deploys and deletes over HTTP, holds the tunnels, takes up those that an earlier process held, and shows it all"
                        + " on a page. Runs until Ctrl-C; deployments go on, and the next one takes up their tunnels.",
        footer = {
            "",
            "Examples: jrm serve --launchpad my_launchpad.yaml",
            "          jrm serve --listen 172.17.0.1:8888 --token-file ~/.jrm/token"
        })
final class Serve implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description = "HOST, HOST:PORT or :PORT. Any address but loopback needs a token. Default: ${DEFAULT-VALUE}")
    private String listen = "127.0.0.1:" + ServiceAddress.DEFAULT_PORT;

    @Option(
            names = "--allow-host",
            paramLabel = "NAME",
            description =
                    "Name of this host by which clients call the service, beside localhost and its addresses. Can be"
                            + " given several times.")
    private Set<String> hostNames = Set.of();

    @Option(names = "--json", description = "Print the URL as JSON. What happens is told at URL/events.")
    private boolean json;

    @Mixin
    private final TokenOption token = new TokenOption();

    @Mixin
    private final DeployerOptions backends = new DeployerOptions();

    @Mixin
    private final ListenOptions bind = new ListenOptions();

    @Mixin
    private final SiteKubeconfigOption siteKubeconfig = new SiteKubeconfigOption();

    @Override
    public Integer call() throws Exception {
        JrmService.Access access = access();
        return Interruption.guard(() -> serve(access));
    }

    private JrmService.Access access() {
        try {
            return new JrmService.Access(ServiceAddress.parse(listen), hostNames, token.token());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), e.getMessage() + ". See --token-file and the variable JRM_TOKEN", e);
        }
    }

    private int serve(JrmService.Access access) {
        EventHub events = new EventHub();
        DeploymentSettings settings = bind.applyTo(DeploymentSettings.DEFAULTS
                .withLaunchpad(backends.launchpad().endpoint())
                .withReconcileInterval(JrmService.RECONCILE_INTERVAL));
        try (Deployer deployer = new Deployer(
                        backends,
                        settings,
                        siteKubeconfig.read(),
                        common.err(),
                        events::onDeployment,
                        events::onTunnel);
                JrmService service = JrmService.start(parts(deployer, settings, events), access)) {
            common.out()
                    .println(
                            json
                                    ? Json.MAPPER.writeValueAsString(Map.of("url", service.url()))
                                    : "Listening on " + service.url());
            common.out().flush();
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            common.err()
                    .println("The tunnels close; deployments stay, and the next 'jrm serve' takes up their tunnels.");
        }
        return 0;
    }

    private static ServiceDependencies parts(Deployer deployer, DeploymentSettings settings, EventHub events) {
        return new ServiceDependencies(
                deployer.jrm(),
                deployer.store(),
                deployer.tunnels(),
                deployer.nodes(),
                settings,
                events,
                deployer.launchpad().toString());
    }
}
