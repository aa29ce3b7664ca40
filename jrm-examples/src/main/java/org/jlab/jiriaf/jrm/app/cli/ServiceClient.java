package org.jlab.jiriaf.jrm.app.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.serve.HandForward;
import org.jlab.jiriaf.jrm.report.DeploymentProgress;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.report.ScrapeTargets;
import org.jlab.jiriaf.jrm.report.WorkflowSummary;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@code jrm serve} that answers. Thread-safe. */
final class ServiceClient {

    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** Deployments and deletions wait for a site. */
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private static final String CREATE = "/jrm-create-ssh-connections";

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final URI server;
    private final @Nullable Secret token;

    ServiceClient(URI server, @Nullable Secret token) {
        this.server = server;
        this.token = token;
    }

    /** Where it is. */
    URI server() {
        return server;
    }

    List<WorkflowSummary> workflows() {
        return List.of(Json.MAPPER.readValue(get("/workflows"), WorkflowSummary[].class));
    }

    /**
     * Deploys; returns the workflow as the service shows it.
     *
     * @param kubeconfig what is put on the site, or null to leave it to the service
     */
    JsonNode deploy(String siteFile, @Nullable Kubeconfig kubeconfig) {
        if (kubeconfig != null) {
            return post(
                    "/workflows",
                    Map.of(
                            "site",
                            siteFile,
                            "kubeconfig",
                            kubeconfig.flattened().reveal()));
        }
        return Json.MAPPER.readTree(send("POST", "/workflows", "application/yaml", BodyPublishers.ofString(siteFile)));
    }

    /** How far a deployment has come. */
    DeploymentProgress progress(int id) {
        ObjectNode detail = (ObjectNode) Json.MAPPER.readTree(get("/workflows/" + id));
        String queue = detail.path("queue").asString(null);
        detail.remove(List.of("queue", "jrms", "forwards"));
        return new DeploymentProgress(Json.MAPPER.treeToValue(detail, WorkflowSummary.class), queue);
    }

    /** Has it open a forward by hand, and hold it. */
    ForwardView connect(String siteFile, HandForward wanted) {
        JsonNode opened = post(CREATE, Map.of("site", siteFile, "connections", List.of(wanted)))
                .path("connections")
                .path(0);
        String forward = opened.path("forward").asString();
        String login = opened.path("remote").asString();
        return tunnels().stream()
                .filter(view -> view.forward().equals(forward) && view.login().equals(login))
                .findFirst()
                .orElseThrow(
                        () -> new JrmException("jrm at " + server + " has closed " + forward + " again", null, true));
    }

    /** Has it take up the tunnels of a deployment, logging in as the site file says; how they are. */
    List<String> resume(int id, String siteFile) {
        return post(CREATE, Map.of("fw_id", id, "site", siteFile))
                .path("connections")
                .valueStream()
                .map(connection -> connection.path("forward").asString())
                .toList();
    }

    List<ForwardView> tunnels() {
        return List.of(Json.MAPPER.readValue(get("/tunnels"), ForwardView[].class));
    }

    /** What there is to scrape now. */
    ScrapeTargets targets() {
        return ScrapeTargets.ofHttpSd(List.of(Json.MAPPER.readValue(get("/targets"), ScrapeTargets.Group[].class)));
    }

    /** The records of {@code port_table.yaml}. */
    List<Map<String, Object>> portTable() {
        return Json.MAPPER.readValue(get("/targets?format=port_table"), new TypeReference<>() {});
    }

    void closePorts(List<Integer> ports) {
        var unused = post("/jrm-delete-ssh-connections", Map.of("ports", ports));
    }

    void delete(int id) {
        send("DELETE", "/workflows/" + id, null, BodyPublishers.noBody());
    }

    /** What stands at a path. */
    String get(String path) {
        return send("GET", path, null, BodyPublishers.noBody());
    }

    /** Sends JSON and returns the JSON of the answer. */
    JsonNode post(String path, Object value) {
        return Json.MAPPER.readTree(send(
                "POST", path, "application/json", BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(value))));
    }

    private String send(String method, String path, @Nullable String mediaType, BodyPublisher body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(path)).timeout(TIMEOUT).method(method, body);
        if (mediaType != null) {
            request.header("Content-Type", mediaType);
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token.reveal());
        }
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw failure(method + " " + path, answer);
            }
            return answer.body();
        } catch (IOException e) {
            throw new JrmException(
                    "No jrm answers at " + server + " (" + method + " " + path + "): " + reason(e)
                            + ". 'jrm serve' starts one",
                    e,
                    true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JrmException("Interrupted; jrm at " + server + " goes on with " + method + " " + path, e, false);
        }
    }

    private static String reason(IOException e) {
        return e instanceof ConnectException ? "nobody listens there" : e.toString();
    }

    private JrmException failure(String what, HttpResponse<String> answer) {
        String detail = answer.body();
        try {
            detail = Json.MAPPER.readTree(detail).path("detail").asString(detail);
        } catch (JacksonException e) {
            return new JrmException(
                    "what answers at " + server + " is no jrm: HTTP " + answer.statusCode() + " for " + what
                            + ", without problem details",
                    e,
                    false);
        }
        String hint = answer.statusCode() == 401 ? " (see --token-file)" : "";
        return new JrmException(
                "jrm at " + server + " refuses " + what + ": " + detail + hint, null, answer.statusCode() == 503);
    }
}
