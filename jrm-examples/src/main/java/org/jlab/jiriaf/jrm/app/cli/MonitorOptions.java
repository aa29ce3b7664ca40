package org.jlab.jiriaf.jrm.app.cli;

import io.fabric8.kubernetes.api.model.KubernetesList;
import io.fabric8.kubernetes.api.model.KubernetesListBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8MetricsMonitor;
import org.jlab.jiriaf.jrm.k8s.fabric8.MetricsEndpoints;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The objects of a Prometheus Operator: printed, applied once, or kept up to date. */
final class MonitorOptions {

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(10);

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Mixin
    private final KubernetesOption kubernetes = new KubernetesOption();

    @Option(names = "--apply", description = "Apply the objects of --format servicemonitor to the cluster.")
    private boolean apply;

    @Option(names = "--follow", description = "Apply them whenever JRMs come or go, until Ctrl-C. They stay then.")
    private boolean follow;

    @Option(
            names = "--namespace",
            paramLabel = "NAMESPACE",
            description = "Where the objects of --format servicemonitor are. Default: ${DEFAULT-VALUE}")
    private String namespace = "default";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of service and monitor; one for each LaunchPad. Default: ${DEFAULT-VALUE}")
    private String name = "jrm-metrics";

    /** Refuses what only makes sense for the Operator. */
    void requireNotApplied() {
        if (apply || follow) {
            throw new ParameterException(
                    command.commandLine(), "--apply and --follow go with --format servicemonitor only");
        }
    }

    boolean isApplied() {
        return apply || follow;
    }

    KubernetesList objects(List<MetricsEndpoints> nodes) {
        return new KubernetesListBuilder()
                .withItems(Fabric8MetricsMonitor.resources(namespace, name, nodes))
                .build();
    }

    /** Applies what is there to scrape; with {@code --follow} again whenever it changes. */
    void apply(Supplier<List<MetricsEndpoints>> nodes, CommonOptions common) {
        try (KubernetesClient client = kubernetes.open()) {
            if (client == null) {
                throw new ParameterException(
                        command.commandLine(), "Which cluster? Name a kubeconfig with --kubeconfig");
            }
            Fabric8MetricsMonitor monitor = new Fabric8MetricsMonitor(client, namespace, name);
            List<MetricsEndpoints> applied = nodes.get();
            apply(monitor, applied, common);
            if (follow) {
                keepUpToDate(monitor, applied, nodes, common);
            }
        }
    }

    private void apply(Fabric8MetricsMonitor monitor, List<MetricsEndpoints> nodes, CommonOptions common) {
        List<String> deleted = monitor.apply(nodes);
        common.out().println(namespace + "/" + name + ": " + nodes.size() + " nodes applied");
        deleted.forEach(each -> common.out().println(each + " deleted"));
        common.out().flush();
    }

    private void keepUpToDate(
            Fabric8MetricsMonitor monitor,
            List<MetricsEndpoints> first,
            Supplier<List<MetricsEndpoints>> nodes,
            CommonOptions common) {
        CountDownLatch never = new CountDownLatch(1);
        @Nullable List<MetricsEndpoints> applied = first;
        try {
            while (!never.await(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    List<MetricsEndpoints> now = nodes.get();
                    if (!now.equals(applied)) {
                        apply(monitor, now, common);
                        applied = now;
                    }
                } catch (JrmException e) {
                    // What is wrong now may be right in ten seconds; half of it may have been applied.
                    applied = null;
                    common.err().println(e.getMessage());
                    common.err().flush();
                }
            }
        } catch (InterruptedException e) {
            common.err().println("What has been applied stays.");
        }
    }
}
