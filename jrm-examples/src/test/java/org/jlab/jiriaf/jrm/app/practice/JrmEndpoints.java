package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/** Where the metrics of one JRM are found on the control plane, as read from its workflow. */
record JrmEndpoints(String node, int kubeletPort, List<CustomMetrics> customMetrics) {

    private static final Pattern LABELS =
            Pattern.compile("\\{node=\"([^\"]*)\",host=\"([^\"]*)\"(?:,port=\"(\\d+)\")?}");

    /** A mapped port and the port of the application. */
    record CustomMetrics(int mapped, int original) {
        URI uri() {
            return URI.create("http://" + CONTROL + ":" + mapped + "/metrics");
        }
    }

    /** As metrics-server and Prometheus would: by the node's InternalIP, not by loopback. */
    private static final String CONTROL = "172.17.0.1";

    static List<JrmEndpoints> of(Workflow workflow) {
        JrmsInfo jrms = Objects.requireNonNull(workflow.jrms());
        SshInfo ssh = Objects.requireNonNull(workflow.ssh());
        return IntStream.range(0, jrms.nodenames().size())
                .mapToObj(i -> new JrmEndpoints(
                        jrms.nodenames().get(i),
                        jrms.jrmPorts().get(i),
                        ssh.customMetrics().stream()
                                .filter(entry ->
                                        entry.nodename().equals(jrms.nodenames().get(i)))
                                .map(entry -> new CustomMetrics(
                                        entry.port(), Objects.requireNonNull(entry.customMetricsPort())))
                                .toList()))
                .toList();
    }

    URI kubelet() {
        return URI.create("https://" + CONTROL + ":" + kubeletPort + "/metrics/resource");
    }

    List<URI> all() {
        List<URI> all = new ArrayList<>(List.of(kubelet()));
        customMetrics.forEach(custom -> all.add(custom.uri()));
        return all;
    }

    Set<Integer> ports() {
        Set<Integer> ports = new HashSet<>(Set.of(kubeletPort));
        customMetrics.forEach(custom -> ports.add(custom.mapped()));
        return ports;
    }

    /**
     * Fetches everything and checks where it came from: the kubelet of this very JRM, and the applications of the host on which
     * it runs, which JRMs on one host share.
     *
     * @return the host
     */
    String checkMetrics(MetricsClient client) {
        Matcher kubelet = labels(client.get(kubelet()));
        assertThat(kubelet.group(1)).as("node that answers at %s", kubelet()).isEqualTo(node);
        String host = kubelet.group(2);
        for (CustomMetrics custom : customMetrics) {
            Matcher application = labels(client.get(custom.uri()));
            assertThat(application.group(2))
                    .as("host that answers at %s, mapped port of %s", custom.uri(), node)
                    .isEqualTo(host);
            assertThat(application.group(3))
                    .as("port of the application that answers at %s", custom.uri())
                    .isEqualTo(Integer.toString(custom.original()));
        }
        return host;
    }

    private static Matcher labels(String metrics) {
        Matcher matcher = LABELS.matcher(metrics);
        assertThat(matcher.find()).as("labels in %s", metrics).isTrue();
        return matcher;
    }
}
