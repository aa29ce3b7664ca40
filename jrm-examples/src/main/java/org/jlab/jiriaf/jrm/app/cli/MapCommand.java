package org.jlab.jiriaf.jrm.app.cli;

import com.mongodb.client.MongoClient;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.report.MermaidMap;
import org.jlab.jiriaf.jrm.report.NetworkGraph;
import org.jlab.jiriaf.jrm.report.SvgMap;
import org.jlab.jiriaf.jrm.report.ThisHost;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "map",
        description =
                "Draws the network of a deployment, or of all that are not over: control plane, login node, compute nodes,"
                        + " and every forward between them. A 'jrm serve' that answers knows the state of each; without one it is"
                        + " known only who holds them.",
        footer = {"", "Examples: jrm map 12 > map.mmd", "          jrm map --format svg > map.svg"})
final class MapCommand implements Callable<Integer> {

    /** What is printed. */
    enum Format {
        MERMAID,
        SVG;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "ID", arity = "0..1", description = "The workflow. Default: all that are not over")
    private @Nullable Integer id;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "mermaid: text for Mermaid. svg: a picture. Default: ${DEFAULT-VALUE}")
    private Format format = Format.MERMAID;

    @Option(names = "--json", description = "Print JSON instead: every link with the state of its two parts.")
    private boolean json;

    @Mixin
    private final LaunchpadOption launchpad = new LaunchpadOption();

    @Mixin
    private final KubernetesOption kubernetes = new KubernetesOption();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Override
    public Integer call() {
        Optional<ServiceClient> service = server.find(launchpad, common.err());
        String path = (id == null ? "/map" : "/workflows/" + id + "/map") + "?format=" + (json ? "json" : format);
        common.out().print(service.isPresent() ? service.get().get(path) : draw());
        common.out().flush();
        return 0;
    }

    private String draw() {
        LaunchpadConfig config = launchpad.config();
        try (MongoClient mongo = config.open();
                KubernetesClient cluster = kubernetes.open()) {
            WorkflowStore store = new MongoWorkflowStore(mongo.getDatabase(config.databaseName()));
            List<Workflow> workflows = workflows(store);
            Map<String, NodeStatus> nodes = nodes(workflows, cluster);
            List<NetworkGraph> graphs = workflows.stream()
                    .map(workflow -> NetworkGraph.of(workflow, forwards(workflow, store), nodes))
                    .toList();
            if (json) {
                return Json.MAPPER.writeValueAsString(graphs) + "\n";
            }
            return format == Format.SVG ? SvgMap.of(graphs) : MermaidMap.of(graphs);
        }
    }

    private List<Workflow> workflows(WorkflowStore store) {
        if (id == null) {
            return store.list(WorkflowFilter.DEPLOYMENTS).stream()
                    .filter(workflow -> !workflow.state().isOver())
                    .toList();
        }
        return List.of(store.find(id)
                .filter(Workflow::isDeployment)
                .orElseThrow(() -> new JrmException(
                        "There is no workflow " + id + " of JRMs in the LaunchPad; 'jrm get_wf' lists those that are",
                        null,
                        false)));
    }

    private static List<ForwardView> forwards(Workflow workflow, WorkflowStore store) {
        return store.deploymentJournal()
                .find(workflow.name())
                .map(record -> ForwardView.elsewhere(record, record.owner().isKnownDead(ThisHost.name()), null))
                .orElse(List.of());
    }

    private @Nullable Map<String, NodeStatus> nodes(List<Workflow> workflows, @Nullable KubernetesClient cluster) {
        List<String> names = workflows.stream()
                .flatMap(workflow -> workflow.jrms() == null
                        ? java.util.stream.Stream.empty()
                        : workflow.jrms().nodenames().stream())
                .toList();
        if (cluster == null) {
            return null;
        }
        try {
            return new Fabric8NodeManager(cluster)
                    .list(names).stream().collect(Collectors.toMap(NodeStatus::name, Function.identity()));
        } catch (NodeException e) {
            common.err().println("Nodes are not known: " + e.getMessage());
            return null;
        }
    }
}
