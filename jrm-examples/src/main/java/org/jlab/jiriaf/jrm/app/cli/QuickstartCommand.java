package org.jlab.jiriaf.jrm.app.cli;

import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.demo.Quickstart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "quickstart",
        description =
                "The whole main job on this machine, with nothing installed: sets up a site on loopback addresses,"
                        + " deploys to it, shows workflow, network map and metrics, takes it down and looks whether anything is"
                        + " left. Ends with 0 only if all of it happened.",
        footer = {"", "Example: jrm quickstart --nodes 5"})
final class QuickstartCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(names = "--nodes", paramLabel = "N", description = "Compute nodes. Default: ${DEFAULT-VALUE}")
    private int nodes = 2;

    @Option(names = "--keep", description = "Leave everything up until Ctrl-C, and say where to look at it.")
    private boolean keep;

    @Option(names = "--json", description = "Print the outcome as JSON; the report goes to standard error.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (nodes < 1 || nodes > Quickstart.MAX_NODES) {
            throw new ParameterException(
                    spec.commandLine(), "--nodes must be 1 to " + Quickstart.MAX_NODES + ", not " + nodes);
        }
        return Interruption.guard(() -> {
            boolean complete = new Quickstart(nodes, keep, json ? common.err() : common.out(), common.err()).run();
            if (json) {
                common.out().println(Json.MAPPER.writeValueAsString(new Outcome(nodes, complete)));
            }
            return complete ? 0 : 1;
        });
    }

    /** How it ended: complete if all of it happened and nothing is left. */
    private record Outcome(int nodes, boolean complete) {}
}
