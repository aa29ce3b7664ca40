package org.jlab.jiriaf.jrm.app.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "delete_wf",
        description =
                "Takes deployments down: ends the batch job, frees the ports, deletes the nodes, then the record. A"
                        + " process that holds their tunnels lets them go. If a step fails, the same command goes on where it failed.",
        footer = {"", "Example: jrm delete_wf 12 13"})
final class DeleteWf implements Callable<Integer> {

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final DeployerOptions backends = new DeployerOptions();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(paramLabel = "ID", arity = "1..*", description = "Workflows, by the ids that get_wf shows.")
    private List<Integer> ids = List.of();

    @Option(names = "--json", description = "Print a line of JSON for each workflow.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Optional<ServiceClient> service = server.find(backends.launchpad(), common.err());
        if (service.isPresent()) {
            return deleteAll(service.get()::delete);
        }
        return Interruption.guard(this::delete);
    }

    private int delete() {
        try (Deployer deployer = backends.open(DeploymentSettings.DEFAULTS, common.err())) {
            return deleteAll(deployer.jrm()::delete);
        }
    }

    private int deleteAll(IntConsumer deletion) {
        int exitCode = 0;
        for (int id : ids) {
            try {
                deletion.accept(id);
                print(new Deleted(id, true, null), id + " deleted");
            } catch (JrmException e) {
                if (json) {
                    print(new Deleted(id, false, e.getMessage()), "");
                }
                common.err().println("jrm delete_wf: " + e.getMessage());
                exitCode = 1;
            }
        }
        return exitCode;
    }

    /** What became of a workflow. */
    private record Deleted(
            int id, boolean deleted, @Nullable String error) {}

    private void print(Deleted outcome, String text) {
        common.out().println(json ? Json.MAPPER.writeValueAsString(outcome) : text);
        common.out().flush();
    }
}
