package org.jlab.jiriaf.jrm.examples.commands;

import com.mongodb.client.MongoClient;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.examples.report.Json;
import org.jlab.jiriaf.jrm.examples.report.WorkflowReport;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.store.mongo.LaunchpadConfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "get_wf",
        description =
                "Lists the JRM deployments of the LaunchPad. Nodes are ready/total, with ? if Kubernetes cannot be"
                        + " asked.",
        footer = {"", "Example: jrm get_wf --launchpad my_launchpad.yaml"})
final class GetWf implements Callable<Integer> {

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final LaunchpadOption launchpad = new LaunchpadOption();

    @Mixin
    private final KubernetesOption kubernetes = new KubernetesOption();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(names = "--json", description = "Print JSON, with all ports.")
    private boolean json;

    @Override
    public Integer call() {
        WorkflowReport report = server.find(launchpad, common.err())
                .map(service -> new WorkflowReport(service.workflows()))
                .orElseGet(this::report);
        common.out()
                .println(
                        json
                                ? Json.MAPPER.writeValueAsString(report.summaries())
                                : report.toTable().stripTrailing());
        return 0;
    }

    private WorkflowReport report() {
        LaunchpadConfig config = launchpad.config();
        try (MongoClient mongo = config.open();
                KubernetesClient cluster = kubernetes.open()) {
            return report(
                    new MongoWorkflowStore(mongo.getDatabase(config.databaseName())).list(WorkflowFilter.DEPLOYMENTS),
                    cluster);
        }
    }

    private WorkflowReport report(List<Workflow> workflows, @Nullable KubernetesClient cluster) {
        if (cluster != null) {
            try {
                return WorkflowReport.of(workflows, new Fabric8NodeManager(cluster));
            } catch (NodeException e) {
                common.err().println("Nodes are not known: " + e.getMessage());
            }
        }
        return WorkflowReport.of(workflows, null);
    }
}
