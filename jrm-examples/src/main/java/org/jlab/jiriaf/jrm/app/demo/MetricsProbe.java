package org.jlab.jiriaf.jrm.app.demo;

import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;

/**
 * Fetches metrics as Prometheus would, from the control plane's address, so that each request goes through both tunnel hops; and
 * checks by the labels that the right node answered on the right port.
 */
final class MetricsProbe {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http;
    private final InetAddress controlPlane;

    MetricsProbe(HttpClient http, InetAddress controlPlane) {
        this.http = http;
        this.controlPlane = controlPlane;
    }

    /**
     * What came back.
     *
     * @param url what was asked
     * @param answer the sample, or what went wrong
     * @param right whether the sample is that of the node and port that were meant
     */
    record Sample(URI url, String answer, boolean right) {}

    /** Fetches the kubelet port and every custom metrics port of all nodes, all at once. */
    List<Sample> fetch(List<JrmNode> nodes) {
        List<CompletableFuture<Sample>> samples = new ArrayList<>();
        for (JrmNode node : nodes) {
            samples.add(fetch(node, node.kubeletPort(), node.kubeletPort(), "/metrics/resource"));
            for (MappedPort port : node.customMetrics()) {
                samples.add(fetch(node, port.mapped(), port.original(), "/metrics"));
            }
        }
        return samples.stream().map(CompletableFuture::join).toList();
    }

    private CompletableFuture<Sample> fetch(JrmNode node, int port, int original, String path) {
        URI url = URI.create("http://" + controlPlane.getHostAddress() + ":" + port + path);
        HttpRequest request = HttpRequest.newBuilder(url).timeout(TIMEOUT).GET().build();
        String expected = VirtualKubelet.labels(node.name(), original);
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).handle((response, failure) -> {
            if (failure != null) {
                return new Sample(url, "no answer: " + failure, false);
            }
            String sample = response.body()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .findFirst()
                    .orElse("");
            return new Sample(url, sample, response.statusCode() == 200 && sample.contains(expected));
        });
    }
}
