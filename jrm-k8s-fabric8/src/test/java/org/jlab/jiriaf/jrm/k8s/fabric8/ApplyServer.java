package org.jlab.jiriaf.jrm.k8s.fabric8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * As much of an API server as server-side apply takes, which fabric8's mock server does not have: objects by their path, made
 * and replaced by PATCH, listed by the labels that they have to have.
 */
final class ApplyServer implements AutoCloseable {

    private final HttpServer server;
    private final KubernetesClient client;
    private final SortedMap<String, GenericKubernetesResource> objects = new TreeMap<>(); // guarded by this

    ApplyServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .build())
                .build();
    }

    KubernetesClient client() {
        return client;
    }

    /** Objects by their last path elements, such as {@code services/jrm-metrics}. */
    synchronized Map<String, GenericKubernetesResource> objects() {
        SortedMap<String, GenericKubernetesResource> named = new TreeMap<>();
        objects.forEach((path, object) -> named.put(path.replaceFirst(".*/([^/]+/[^/]+)$", "$1"), object));
        return named;
    }

    /** Puts an object there that somebody else made. */
    synchronized void put(String path, Map<String, String> labels) {
        GenericKubernetesResource object = new GenericKubernetesResource();
        object.setApiVersion("v1");
        object.setKind("Any");
        object.setMetadata(new ObjectMetaBuilder()
                .withName(path.substring(path.lastIndexOf('/') + 1))
                .withLabels(labels)
                .build());
        objects.put(path, object);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        GenericKubernetesResource present = objects.get(path);
        switch (exchange.getRequestMethod()) {
            case "PATCH" -> {
                boolean apply = "application/apply-patch+yaml"
                                .equals(exchange.getRequestHeaders().getFirst("Content-Type"))
                        && query.contains("fieldManager=jrm");
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                if (apply) {
                    objects.put(path, Serialization.unmarshal(body, GenericKubernetesResource.class));
                }
                answer(exchange, apply ? 201 : 415, body);
            }
            case "DELETE" -> {
                objects.remove(path);
                answer(exchange, present == null ? 404 : 200, "{}");
            }
            default -> {
                if (query.contains("labelSelector=")) {
                    answer(exchange, 200, list(path, query.replaceFirst(".*labelSelector=", "")));
                } else {
                    answer(exchange, present == null ? 404 : 200, Serialization.asJson(present));
                }
            }
        }
    }

    private String list(String path, String selector) {
        List<GenericKubernetesResource> matching = objects.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(path + "/"))
                .map(Map.Entry::getValue)
                .filter(object -> List.of(selector.split(",", -1)).stream()
                        .allMatch(label -> object.getMetadata()
                                .getLabels()
                                .getOrDefault(label.substring(0, label.indexOf('=')), "")
                                .equals(label.substring(label.indexOf('=') + 1))))
                .toList();
        return Serialization.asJson(
                Map.of("apiVersion", "discovery.k8s.io/v1", "kind", "EndpointSliceList", "items", matching));
    }

    private static void answer(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        client.close();
        server.stop(0);
    }
}
