package org.jlab.jiriaf.jrm.app.demo;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JRM: serves its kubelet port and, playing the applications, the custom metrics ports of its node; registers the node with
 * the API server that its kubeconfig names, through the node's own tunnel; ends when its walltime is over or it is killed, and
 * leaves the Node object behind as virtual-kubelet does.
 */
final class VirtualKubelet {

    private static final Logger LOG = LoggerFactory.getLogger(VirtualKubelet.class);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern SERVER = Pattern.compile("(?m)^\\s*server:\\s*(\\S+)\\s*$");

    /**
     * What all JRMs of a run share.
     *
     * @param http for requests to the API server
     * @param executor serves the metrics
     * @param heartbeat ticks the heartbeats
     * @param heartbeatInterval time between two heartbeats
     */
    record Shared(HttpClient http, Executor executor, ScheduledExecutorService heartbeat, Duration heartbeatInterval) {}

    /**
     * What start.sh is told, and where it runs.
     *
     * @param kubeconfig path of the kubeconfig
     * @param nodeName name of the node
     * @param podIp VKUBELET_POD_IP
     * @param kubeletPort KUBELET_PORT
     * @param walltimeSeconds JIRIAF_WALLTIME, 0 for no limit
     * @param nodeType JIRIAF_NODETYPE
     * @param site JIRIAF_SITE
     * @param address address of the compute node
     * @param customMetricsPorts ports of the applications on the node
     */
    record Settings(
            Path kubeconfig,
            String nodeName,
            String podIp,
            int kubeletPort,
            long walltimeSeconds,
            String nodeType,
            String site,
            InetAddress address,
            List<Integer> customMetricsPorts) {

        static Settings of(StandInCall call, InetAddress address, List<Integer> customMetricsPorts) {
            List<String> words = call.arguments();
            return new Settings(
                    Path.of(words.get(0)),
                    words.get(1),
                    words.get(2),
                    Integer.parseInt(words.get(3)),
                    Long.parseLong(words.get(4)),
                    words.get(5),
                    words.get(6),
                    address,
                    customMetricsPorts);
        }
    }

    private final Settings settings;
    private final Shared shared;
    private final Instant started = Instant.now();
    private final List<HttpServer> servers = new ArrayList<>();

    VirtualKubelet(Settings settings, Shared shared) {
        this.settings = settings;
        this.shared = shared;
    }

    /** Runs until the caller has gone or the walltime is over. */
    void run(StandInCall call) throws IOException {
        List<ScheduledFuture<?>> timers = new ArrayList<>();
        try {
            serve(settings.kubeletPort(), "/metrics/resource");
            for (int port : settings.customMetricsPorts()) {
                serve(port, "/metrics");
            }
            URI apiServer = apiServer();
            register(apiServer);
            call.print(settings.nodeName() + ": registered at " + apiServer);
            long interval = shared.heartbeatInterval().toMillis();
            timers.add(shared.heartbeat()
                    .scheduleWithFixedDelay(() -> heartbeat(apiServer), interval, interval, TimeUnit.MILLISECONDS));
            if (settings.walltimeSeconds() > 0) {
                timers.add(shared.heartbeat()
                        .schedule(() -> end(call, apiServer), settings.walltimeSeconds(), TimeUnit.SECONDS));
            }
            call.awaitHangUp();
        } finally {
            timers.forEach(timer -> timer.cancel(false));
            servers.forEach(server -> server.stop(0));
        }
    }

    private void end(StandInCall call, URI apiServer) {
        report(apiServer, false);
        try {
            call.exit(0);
            call.close();
        } catch (IOException e) {
            LOG.debug("The JRM had gone when its walltime was over", e);
        }
    }

    private void serve(int port, String path) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(settings.address(), port), 0);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + settings.address().getHostAddress() + ":" + port + ": " + e.getMessage(), e);
        }
        server.setExecutor(shared.executor());
        server.createContext(path, exchange -> {
            try (exchange) {
                byte[] body = metrics(port).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        servers.add(server);
    }

    private String metrics(int port) {
        double seconds = Duration.between(started, Instant.now()).toMillis() / 1000.0;
        return String.format(
                Locale.ROOT,
                """
                # HELP jrm_quickstart_up_seconds How long this port has been served, and by whom.
                # TYPE jrm_quickstart_up_seconds gauge
                jrm_quickstart_up_seconds{%s,address="%s"} %.3f
                """,
                labels(settings.nodeName(), port),
                settings.address().getHostAddress(),
                seconds);
    }

    /** The labels that tell which node served a sample, and on which of its own ports. */
    static String labels(String nodeName, int port) {
        return "node=\"" + nodeName + "\",port=\"" + port + "\"";
    }

    /** The API server of the kubeconfig; on this node localhost is the node's own address. */
    private URI apiServer() throws IOException {
        Matcher server = SERVER.matcher(Files.readString(settings.kubeconfig()));
        if (!server.find()) {
            throw new IOException("no server in " + settings.kubeconfig());
        }
        URI url = URI.create(server.group(1));
        return URI.create(url.getScheme() + "://" + settings.address().getHostAddress() + ":" + url.getPort());
    }

    private void register(URI apiServer) throws IOException {
        HttpResponse<String> answer =
                send(apiServer.resolve("/api/v1/nodes"), "POST", "application/json", Serialization.asJson(node()));
        if (answer.statusCode() != 201 && answer.statusCode() != 200) {
            throw new IOException("the API server at " + apiServer + " refused the node: " + answer.statusCode() + " "
                    + answer.body());
        }
    }

    private void heartbeat(URI apiServer) {
        report(apiServer, true);
    }

    /** Status and labels are two requests, as for a real API server. */
    private void report(URI apiServer, boolean ready) {
        URI node = apiServer.resolve("/api/v1/nodes/" + settings.nodeName());
        try {
            patch(URI.create(node + "/status"), Map.of("status", Map.of("conditions", List.of(condition(ready)))));
            patch(node, Map.of("metadata", Map.of("labels", labels())));
        } catch (IOException e) {
            LOG.debug("{}: no heartbeat", settings.nodeName(), e);
        }
    }

    private void patch(URI url, Map<String, ?> change) throws IOException {
        HttpResponse<String> answer = send(url, "PATCH", "application/merge-patch+json", Serialization.asJson(change));
        LOG.trace("{}: {}", url, answer.statusCode());
    }

    private HttpResponse<String> send(URI url, String method, String type, String body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", type)
                .timeout(REQUEST_TIMEOUT)
                .build();
        try {
            return shared.http().send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while talking to " + url, e);
        } catch (IOException e) {
            throw new IOException("cannot reach the API server at " + url + ": " + e, e);
        }
    }

    private Node node() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(settings.nodeName())
                .withLabels(labels())
                .endMetadata()
                .withNewSpec()
                .addNewTaint()
                .withKey("virtual-kubelet.io/provider")
                .withValue("mock")
                .withEffect("NoSchedule")
                .endTaint()
                .endSpec()
                .withNewStatus()
                .addNewAddress(settings.podIp(), "InternalIP")
                .addNewAddress(settings.nodeName(), "Hostname")
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(settings.kubeletPort())
                .endDaemonEndpoints()
                .withConditions(condition(true))
                .endStatus()
                .build();
    }

    private Map<String, String> labels() {
        Map<String, String> labels = new TreeMap<>(Map.of(
                "type", "virtual-kubelet",
                "kubernetes.io/role", "agent",
                "kubernetes.io/hostname", settings.nodeName(),
                "jiriaf.site", settings.site(),
                "jiriaf.nodetype", settings.nodeType()));
        if (settings.walltimeSeconds() > 0) {
            long alive = settings.walltimeSeconds()
                    - Duration.between(started, Instant.now()).toSeconds();
            labels.put("jiriaf.walltime", Long.toString(settings.walltimeSeconds()));
            labels.put("jiriaf.alivetime", Long.toString(Math.max(0, alive)));
        }
        return labels;
    }

    private NodeCondition condition(boolean ready) {
        return new NodeConditionBuilder()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .withReason(ready ? "KubeletReady" : "WalltimeOver")
                .withMessage(ready ? "kubelet is ready." : "the walltime is over")
                .withLastHeartbeatTime(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .withLastTransitionTime(started.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }
}
