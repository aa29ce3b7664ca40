package org.jlab.jiriaf.jrm.examples.commands;

import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.DeploymentPlan;
import org.jlab.jiriaf.jrm.batch.JrmNode;
import org.jlab.jiriaf.jrm.batch.MappedPort;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "connect",
        description =
                "Opens one tunnel of a site by hand and holds it until Ctrl-C. Deployments open theirs themselves.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            Connect.Database.class,
            Connect.Apiserver.class,
            Connect.Metrics.class,
            Connect.CustomMetrics.class
        },
        footer = {"", "Example: jrm connect db perlmutter.yaml"})
final class Connect implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli asks it
    private final CommonOptions common = new CommonOptions();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which tunnel? db, apiserver, metrics or custom_metrics");
    }

    @Command(
            name = "db",
            description = "Makes the LaunchPad reachable on the login node, at localhost and its own port.",
            footer = {"", "Example: jrm connect db perlmutter.yaml --launchpad my_launchpad.yaml"})
    static final class Database implements Callable<Integer> {

        @Mixin
        private final TunnelHolder holder = new TunnelHolder();

        @Override
        public Integer call() throws Exception {
            return holder.hold(holder.plan().launchpadForward());
        }
    }

    @Command(
            name = "apiserver",
            description =
                    "Makes the Kubernetes API server reachable on the login node, at localhost and the same port.",
            footer = {"", "Example: jrm connect apiserver perlmutter.yaml 38687"})
    static final class Apiserver implements Callable<Integer> {

        @Mixin
        private final TunnelHolder holder = new TunnelHolder();

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "PORT",
                description = "Port of the API server. Default: the site file's.")
        private @Nullable Integer port;

        @Override
        public Integer call() throws Exception {
            DeploymentPlan plan = holder.plan();
            Forward forward = plan.apiserverForward();
            if (port != null) {
                holder.checked(port, "PORT");
                forward = Forward.remote(
                        Endpoint.localhost(port), new Endpoint(forward.target().host(), port));
            }
            return holder.hold(forward);
        }
    }

    @Command(
            name = "metrics",
            description =
                    "Makes the kubelet of a JRM reachable on this host. The JRM opens the other half, from its node to"
                            + " the login node.",
            footer = {"", "Example: jrm connect metrics perlmutter.yaml 10001 jrm-perlmutter-1a2b3c4d"})
    static final class Metrics implements Callable<Integer> {

        @Mixin
        private final TunnelHolder holder = new TunnelHolder();

        @Parameters(index = "1", paramLabel = "PORT", description = "Kubelet port.")
        private int port;

        @Parameters(index = "2", paramLabel = "NODE", description = "Name of the node.")
        @SuppressWarnings("NullAway.Init")
        private String node;

        @Override
        public Integer call() throws Exception {
            holder.checked(port, "PORT");
            DeploymentPlan plan = holder.plan();
            JrmNode jrm = new JrmNode(node, port, plan.site().jrm().vkubeletPodIp(0), java.util.List.of());
            return holder.hold(plan.kubeletForward(jrm), node);
        }
    }

    @Command(
            name = "custom_metrics",
            description = "Makes an application on a node reachable on this host, at its mapped port.",
            footer = {"", "Example: jrm connect custom_metrics perlmutter.yaml 20001 2221 jrm-perlmutter-1a2b3c4d"})
    static final class CustomMetrics implements Callable<Integer> {

        @Mixin
        private final TunnelHolder holder = new TunnelHolder();

        @Parameters(index = "1", paramLabel = "MAPPED", description = "Mapped port, on this host and the login node.")
        private int mapped;

        @Parameters(
                index = "2",
                paramLabel = "ORIGINAL",
                description = "Port on the node. Written x2221, the tunnel ends at it instead of at the mapped port.")
        @SuppressWarnings("NullAway.Init")
        private String original;

        @Parameters(index = "3", paramLabel = "NODE", description = "Name of the node.")
        @SuppressWarnings("NullAway.Init")
        private String node;

        @Override
        public Integer call() throws Exception {
            holder.checked(mapped, "MAPPED");
            boolean kept = original.startsWith("x");
            int port = holder.checked(number(kept ? original.substring(1) : original), "ORIGINAL");
            Forward forward = holder.plan().customMetricsForward(new MappedPort(mapped, port));
            return holder.hold(kept ? Forward.local(forward.bind(), Endpoint.localhost(port)) : forward, node);
        }

        private int number(String text) {
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException e) {
                throw holder.misuse("ORIGINAL must be a port such as 2221 or x2221, not '" + original + "'");
            }
        }
    }
}
