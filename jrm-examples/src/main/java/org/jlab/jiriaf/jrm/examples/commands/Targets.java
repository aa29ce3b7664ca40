package org.jlab.jiriaf.jrm.examples.commands;

import com.mongodb.client.MongoClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.ZoneId;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.examples.targets.PortTable;
import org.jlab.jiriaf.jrm.examples.targets.ScrapeTargets;
import org.jlab.jiriaf.jrm.store.mongo.LaunchpadConfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
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
            "          jrm targets --format port_table > port_table.yaml"
        })
final class Targets implements Callable<Integer> {

    /** What is printed. */
    enum Format {
        PROMETHEUS,
        HTTP_SD,
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

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "prometheus: scrape configuration in YAML. http_sd: JSON for http_sd_configs and file_sd_configs."
                            + " port_table: port_table.yaml, every forward of every workflow that is not over."
                            + " Default: ${DEFAULT-VALUE}")
    private Format format = Format.PROMETHEUS;

    @Option(
            names = "--address",
            paramLabel = "HOST",
            description = "Where Prometheus reaches the ports. Default: the address of each node, its VKUBELET_POD_IP.")
    private @Nullable String address;

    @Override
    public Integer call() {
        LaunchpadConfig config = launchpad.config();
        config.warnings().forEach(common.err()::println);
        try (MongoClient mongo = config.open()) {
            common.out()
                    .println(text(new MongoWorkflowStore(mongo.getDatabase(config.databaseName())))
                            .stripTrailing());
        }
        return 0;
    }

    private String text(WorkflowStore store) {
        return switch (format) {
            case PROMETHEUS ->
                Serialization.asYaml(ScrapeTargets.running(store, address).toPrometheus());
            case HTTP_SD ->
                Serialization.asJson(ScrapeTargets.running(store, address).toHttpSd());
            case PORT_TABLE ->
                Serialization.asYaml(PortTable.of(
                        store.list(WorkflowFilter.DEPLOYMENTS).stream()
                                .filter(workflow -> !workflow.state().isOver())
                                .toList(),
                        ZoneId.systemDefault()));
        };
    }
}
