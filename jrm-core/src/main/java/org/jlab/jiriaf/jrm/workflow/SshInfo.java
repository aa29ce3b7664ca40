package org.jlab.jiriaf.jrm.workflow;

import java.util.List;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jspecify.annotations.Nullable;

/**
 * What a workflow says of its tunnels, {@code spec.ssh_info}. Existing tools release ports by these fields.
 *
 * @param metrics one per node: the forward of its kubelet port
 * @param database forward of the LaunchPad, or null if there is none
 * @param apiserver forward of the API server, or null if there is none
 * @param customMetrics one per node and custom metrics port
 */
public record SshInfo(
        List<Entry> metrics,
        @Nullable Entry database,
        @Nullable Entry apiserver,
        List<Entry> customMetrics) {

    /** Copies. */
    public SshInfo {
        metrics = List.copyOf(metrics);
        customMetrics = List.copyOf(customMetrics);
    }

    /**
     * One forward.
     *
     * @param status what became of it, in words
     * @param command the forward as an {@code ssh} command line, for people; nobody runs it
     * @param remoteProxy jump host, or null
     * @param remote login node, or null
     * @param nodename the node it belongs to, or what it forwards
     * @param port the port on the control plane
     * @param customMetricsPort for custom metrics the port on the node, else null
     */
    public record Entry(
            String status,
            String command,
            @Nullable String remoteProxy,
            @Nullable String remote,
            String nodename,
            int port,
            @Nullable Integer customMetricsPort) {}

    /**
     * All forwards.
     *
     * @return metrics, database, API server, custom metrics
     */
    public Stream<Entry> all() {
        return Stream.of(
                        metrics.stream(),
                        Stream.ofNullable(database),
                        Stream.ofNullable(apiserver),
                        customMetrics.stream())
                .flatMap(entries -> entries);
    }

    /**
     * The name under which {@code ssh_info} lists a forward. The older launcher named those that lead to no node in words.
     *
     * @param purpose what the forward is for
     * @return name of the node, {@code DB Connection}, {@code API Server}, or nothing if the purpose is not known
     */
    public static String nodename(ForwardPurpose purpose) {
        return switch (purpose.kind()) {
            case DB -> "DB Connection";
            case APISERVER -> "API Server";
            case METRICS, CUSTOM_METRICS, UNKNOWN -> purpose.node() == null ? "" : purpose.node();
        };
    }
}
