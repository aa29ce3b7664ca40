package org.jlab.jiriaf.jrm.app.cli;

import com.mongodb.client.MongoClient;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.report.ThisHost;
import org.jlab.jiriaf.jrm.report.WorkflowReport;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "get_wf",
        description =
                "Lists the JRM deployments of the LaunchPad. Nodes are ready/total, with ? if Kubernetes cannot be"
                        + " asked.",
        footer = {
            "",
            "Examples: jrm get_wf --launchpad my_launchpad.yaml",
            "          jrm get_wf --watch",
            "          jrm get_wf --json | jq '.[] | select(.state == \"RUNNING\") | .ports'"
        })
final class GetWf implements Callable<Integer> {

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(2);

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

    @Option(
            names = "--watch",
            description =
                    "Print it again whenever it changes, until Ctrl-C. The times that are left change all the while.")
    private boolean watch;

    @Override
    public Integer call() throws Exception {
        Optional<ServiceClient> service = server.find(launchpad, common.err());
        if (service.isPresent()) {
            return show(() -> report(service.get()));
        }
        LaunchpadConfig config = launchpad.config();
        try (MongoClient mongo = config.open();
                KubernetesClient cluster = kubernetes.open()) {
            WorkflowStore store = new MongoWorkflowStore(mongo.getDatabase(config.databaseName()));
            return show(() -> report(store, cluster));
        }
    }

    private int show(Supplier<WorkflowReport> source) throws Exception {
        if (!watch) {
            print(source.get());
            return 0;
        }
        return Interruption.guard(() -> {
            watch(source);
            return 0;
        });
    }

    private void watch(Supplier<WorkflowReport> source) {
        CountDownLatch never = new CountDownLatch(1);
        Optional<WorkflowReport> last = Optional.empty();
        String trouble = "";
        try {
            do {
                try {
                    WorkflowReport now = source.get();
                    if (last.isEmpty() || !now.isLike(last.get())) {
                        print(now);
                        last = Optional.of(now);
                    }
                    trouble = "";
                } catch (JrmException e) {
                    // What does not answer now may answer in a while.
                    String message = String.valueOf(e.getMessage());
                    if (last.isEmpty()) {
                        throw e;
                    }
                    if (!message.equals(trouble)) {
                        common.err().println(message);
                        common.err().flush();
                        trouble = message;
                    }
                }
            } while (!never.await(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            // The user has seen enough. The thread is not interrupted again: what is closed after this could not do its
            // work.
        }
    }

    private void print(WorkflowReport report) {
        common.out()
                .println(
                        json
                                ? Json.MAPPER.writeValueAsString(report.summaries())
                                : (watch ? report.toTable() : report.toTable().stripTrailing()));
        common.out().flush();
    }

    private static WorkflowReport report(ServiceClient service) {
        List<ForwardView> forwards = service.tunnels();
        return new WorkflowReport(service.workflows().stream()
                .map(summary -> summary.remarkingOn(forwards))
                .toList());
    }

    private WorkflowReport report(WorkflowStore store, @Nullable KubernetesClient cluster) {
        List<Workflow> workflows = store.list(WorkflowFilter.DEPLOYMENTS);
        Map<String, String> remarks = remarks(store);
        if (cluster != null) {
            try {
                return WorkflowReport.of(workflows, new Fabric8NodeManager(cluster), remarks);
            } catch (NodeException e) {
                common.err().println("Nodes are not known: " + e.getMessage());
            }
        }
        return WorkflowReport.of(workflows, null, remarks);
    }

    /** Which deployments have lost the process that held their tunnels. */
    private static Map<String, String> remarks(WorkflowStore store) {
        String host = ThisHost.name();
        return store.deploymentJournal().list().stream()
                .filter(record -> record.phase() == DeploymentRecord.Phase.DEPLOYED
                        && record.owner().isKnownDead(host))
                .collect(Collectors.toMap(
                        DeploymentRecord::name,
                        record -> "nobody holds its tunnels, process "
                                + record.owner().pid() + " has ended; 'jrm serve' takes them up"));
    }
}
