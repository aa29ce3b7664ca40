package org.jlab.jiriaf.jrm.app.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.serve.HandForward;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a command that holds one tunnel, and the holding. */
final class TunnelHolder {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Mixin
    private final LaunchpadOption launchpad = new LaunchpadOption();

    @Mixin
    private final SshOptions ssh = new SshOptions();

    @Mixin
    private final ListenOptions listen = new ListenOptions();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(names = "--foreground", description = "Hold it here until Ctrl-C, even if a service answers.")
    private boolean foreground;

    @Option(names = "--json", description = "Print the tunnel, and each change of its state, as a line of JSON.")
    private boolean json;

    /**
     * Has a service that answers open a forward and hold it; without one holds it here until the user has enough.
     *
     * @param request makes the request; what it refuses is misuse
     */
    int connect(Supplier<HandForward> request) throws Exception {
        SiteConfig config = site.read();
        HandForward wanted;
        try {
            wanted = request.get();
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
        Optional<ServiceClient> service = foreground ? Optional.empty() : server.find(launchpad, common.err());
        if (service.isPresent()) {
            return connect(service.get(), wanted);
        }
        DeploymentSettings settings = listen.applyTo(DeploymentSettings.DEFAULTS.withLaunchpad(launchpad.endpoint()));
        return hold(config, wanted.forward(config, settings), wanted.nodename());
    }

    private int connect(ServiceClient service, HandForward wanted) {
        ForwardView opened = service.connect(site.text(), wanted);
        report(new Held(
                opened.forward(),
                opened.login(),
                opened.node(),
                opened.state().name(),
                String.valueOf(opened.since()),
                opened.reason()));
        common.err()
                .println("jrm at " + service.server() + " holds it; 'jrm delete_ports " + opened.port() + " "
                        + opened.port() + "' closes it.");
        return 0;
    }

    ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    private int hold(SiteConfig config, Forward forward, @Nullable String node) throws Exception {
        return Interruption.guard(() -> {
            try (TunnelManager tunnels = ssh.open();
                    LoginSession session = tunnels.connect(config.ssh().route(), TIMEOUT)) {
                Tunnel tunnel = session.open(List.of(forward), TIMEOUT).get(0);
                TunnelState state = tunnel.state();
                report(held(tunnel, state, node));
                common.err().println("Holding it until Ctrl-C.");
                common.err().flush();
                follow(tunnel, state, node);
            }
            return 0;
        });
    }

    private void follow(Tunnel tunnel, TunnelState first, @Nullable String node) {
        CountDownLatch never = new CountDownLatch(1);
        TunnelState.Status last = first.status();
        try {
            while (!never.await(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                TunnelState state = tunnel.state();
                if (state.status() != last) {
                    last = state.status();
                    report(held(tunnel, state, node));
                }
            }
        } catch (InterruptedException e) {
            common.err().println("The tunnel closes.");
        }
    }

    /** What is printed of a tunnel. */
    private record Held(
            String forward,
            String loginNode,
            @Nullable String node,
            String state,
            String since,
            @Nullable String reason) {}

    private static Held held(Tunnel tunnel, TunnelState state, @Nullable String node) {
        return new Held(
                tunnel.forward().toString(),
                tunnel.route().describe(),
                node,
                state.status().name(),
                state.since().toString(),
                state.reason());
    }

    private void report(Held held) {
        common.out()
                .println(
                        json
                                ? Json.MAPPER.writeValueAsString(held)
                                : held.forward() + " at " + held.loginNode()
                                        + (held.node() == null ? "" : " for " + held.node()) + " is " + held.state()
                                        + (held.reason() == null ? "" : ": " + held.reason()));
        common.out().flush();
    }
}
