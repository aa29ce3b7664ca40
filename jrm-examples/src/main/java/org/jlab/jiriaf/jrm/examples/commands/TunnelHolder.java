package org.jlab.jiriaf.jrm.examples.commands;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.DeploymentPlan;
import org.jlab.jiriaf.jrm.DeploymentSettings;
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

    @Option(names = "--json", description = "Print the tunnel, and each change of its state, as a line of JSON.")
    private boolean json;

    /** The site with its forwards, as a deployment would have them. */
    DeploymentPlan plan() {
        return DeploymentPlan.preview(
                site.read(), listen.applyTo(DeploymentSettings.DEFAULTS.withLaunchpad(launchpad.endpoint())));
    }

    int checked(int port, String parameter) {
        if (port < 1 || port > 65535) {
            throw misuse(parameter + " must be a port from 1 to 65535, not " + port);
        }
        return port;
    }

    ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    int hold(Forward forward) throws Exception {
        return hold(forward, null);
    }

    int hold(Forward forward, @Nullable String node) throws Exception {
        return Interruption.guard(() -> {
            try (TunnelManager tunnels = ssh.open();
                    LoginSession session = tunnels.connect(site.read().ssh().route(), TIMEOUT)) {
                Tunnel tunnel = session.open(List.of(forward), TIMEOUT).get(0);
                TunnelState state = tunnel.state();
                report(tunnel, state, node);
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
                    report(tunnel, state, node);
                }
            }
        } catch (InterruptedException e) {
            common.err().println("The tunnel closes.");
        }
    }

    private void report(Tunnel tunnel, TunnelState state, @Nullable String node) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("forward", tunnel.forward().toString());
        values.put("login_node", tunnel.route().describe());
        values.put("node", node);
        values.put("state", state.status().name());
        values.put("since", state.since().toString());
        values.put("reason", state.reason());
        common.out()
                .println(
                        json
                                ? Serialization.asJson(values)
                                : tunnel.forward() + " at " + tunnel.route().describe()
                                        + (node == null ? "" : " for " + node) + " is " + state.status()
                                        + (state.reason() == null ? "" : ": " + state.reason()));
        common.out().flush();
    }
}
