package org.jlab.jiriaf.jrm.app.cli;

import com.mongodb.client.MongoClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.k8s.fabric8.MetricsEndpoints;
import org.jlab.jiriaf.jrm.report.PortTable;
import org.jlab.jiriaf.jrm.report.ScrapeTargets;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "targets",
        description =
                "Prints what Prometheus needs to scrape every kubelet and custom metrics port of every running JRM,"
                        + " with the labels site, node, workflow and original_port.",
        footer = {
            "",
            "Examples: jrm targets --format prometheus > /etc/prometheus/jrm.yml",
            "          jrm targets --format http_sd > jrm.json     # for file_sd_configs",
            "          jrm targets --format servicemonitor --namespace monitoring --follow",
            "          jrm targets --format port_table > port_table.yaml"
        })
final class Targets implements Callable<Integer> {

    /** What is printed. */
    enum Format {
        PROMETHEUS,
        HTTP_SD,
        SERVICEMONITOR,
        PORT_TABLE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final LaunchpadOption launchpad = new LaunchpadOption();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "prometheus: scrape configuration in YAML. http_sd: JSON for http_sd_configs and file_sd_configs."
                            + " servicemonitor: Service, EndpointSlices and ServiceMonitor for the Prometheus Operator."
                            + " port_table: port_table.yaml, every forward of every workflow that is not over."
                            + " Default: ${DEFAULT-VALUE}")
    private Format format = Format.PROMETHEUS;

    @Option(names = "--json", description = "Print it as JSON, which those who read YAML read, too.")
    private boolean json;

    @Option(
            names = "--address",
            paramLabel = "HOST",
            description = "Where Prometheus reaches the ports. Default: the address of each node, its VKUBELET_POD_IP.")
    private @Nullable String address;

    @Mixin
    private final MonitorOptions monitor = new MonitorOptions();

    @Override
    public Integer call() throws Exception {
        if (format != Format.SERVICEMONITOR) {
            monitor.requireNotApplied();
        }
        Optional<ServiceClient> service = server.find(launchpad, common.err());
        if (service.isPresent()) {
            return tell(() -> service.get().targets().at(address), service.get()::portTable);
        }
        LaunchpadConfig config = launchpad.config();
        try (MongoClient mongo = config.open()) {
            WorkflowStore store = new MongoWorkflowStore(mongo.getDatabase(config.databaseName()));
            return tell(() -> ScrapeTargets.running(store, address), () -> PortTable.ofAllThatLive(store));
        }
    }

    private int tell(Supplier<ScrapeTargets> targets, Supplier<List<Map<String, Object>>> portTable) throws Exception {
        if (monitor.isApplied()) {
            return Interruption.guard(() -> {
                monitor.apply(() -> endpoints(targets.get()), common);
                return 0;
            });
        }
        Object value = switch (format) {
            case PROMETHEUS -> targets.get().toPrometheus();
            case HTTP_SD -> targets.get().toHttpSd();
            case SERVICEMONITOR -> monitor.objects(endpoints(targets.get()));
            case PORT_TABLE -> portTable.get();
        };
        String text = json || format == Format.HTTP_SD ? Serialization.asJson(value) : Serialization.asYaml(value);
        common.out().println(text.stripTrailing());
        return 0;
    }

    private static List<MetricsEndpoints> endpoints(ScrapeTargets targets) {
        try {
            return MetricsEndpoints.allOf(targets);
        } catch (IllegalArgumentException e) {
            throw new JrmException(e.getMessage() + ". Name one with --address", e, false);
        }
    }
}
