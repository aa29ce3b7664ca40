package org.jlab.jiriaf.jrm.app.cli;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.ReconcileDecision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "release",
        description =
                "One pass of clean-up: frees what deployments still hold that are over (COMPLETED, FIZZLED, DEFUSED,"
                        + " ARCHIVED, deleted, lost), and finishes or undoes what a killed process left. Prints each decision with"
                        + " what was seen. Touches only what jrm has noted in its own journal; kills nothing.",
        footer = {"", "Example: jrm release --dry-run"})
final class ReleaseCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final DeployerOptions backends = new DeployerOptions();

    @Option(names = "--dry-run", description = "Show what would be done and why; touch nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        return Interruption.guard(this::release);
    }

    private int release() {
        List<ReconcileDecision> decisions;
        try (Deployer deployer = backends.open(DeploymentSettings.DEFAULTS, common.err())) {
            decisions = dryRun ? deployer.jrm().planReconcile() : deployer.jrm().reconcile();
        }
        if (json) {
            common.out()
                    .println(Serialization.asJson(
                            decisions.stream().map(ReleaseCommand::values).toList()));
        } else {
            decisions.forEach(common.out()::println);
            if (decisions.isEmpty()) {
                common.out().println("Nothing to release");
            }
        }
        return decisions.stream().anyMatch(ReconcileDecision::isFailed) ? 1 : 0;
    }

    private static Map<String, @Nullable Object> values(ReconcileDecision decision) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("deployment", decision.deployment());
        values.put("action", decision.action().toString());
        values.put("reason", decision.reason());
        values.put("problem", decision.problem());
        return values;
    }
}
