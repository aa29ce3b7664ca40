package org.jlab.jiriaf.jrm.app.cli;

import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.app.serve.HandForward;
import org.jlab.jiriaf.jrm.app.serve.HandForward.Kind;
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
                "Opens one tunnel of a site by hand, or those of a deployment again. A 'jrm serve' that answers holds them; without"
                        + " one they are held here until Ctrl-C. Deployments open theirs themselves.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            Connect.Database.class,
            Connect.Apiserver.class,
            Connect.Metrics.class,
            Connect.CustomMetrics.class,
            ConnectWorkflow.class
        },
        footer = {
            "",
            "Examples: jrm connect db perlmutter.yaml",
            "          jrm connect metrics perlmutter.yaml 10001 jrm-perlmutter-1a2b3c4d",
            "          jrm connect workflow ornl.yaml 12"
        })
final class Connect implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli asks it
    private final CommonOptions common = new CommonOptions();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Which tunnel? db, apiserver, metrics, custom_metrics or workflow");
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
            return holder.connect(() -> new HandForward(Kind.DB, null, null, null, null, null));
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
            return holder.connect(() -> new HandForward(Kind.APISERVER, port, null, null, null, null));
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
            return holder.connect(() -> new HandForward(Kind.METRICS, port, null, null, node, null));
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
            boolean direct = original.startsWith("x");
            int port = number(direct ? original.substring(1) : original);
            return holder.connect(
                    () -> new HandForward(Kind.CUSTOM_METRICS, null, mapped, port, node, direct ? true : null));
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
