package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The service on the real login node: deployed over HTTP, killed, started again. */
@Tag("practice")
class ServeTest {

    private static final Duration START = Duration.ofMinutes(1);

    /** The aim is 10 s; what it took is printed. */
    private static final Duration RECOVERY = Duration.ofMinutes(1);

    /** How many deployments are to be taken up; ten by hand. */
    private static final int WORKFLOWS = Integer.getInteger("jrm.workflows", 2);

    /** No agent takes what is of this category. */
    private static final String SITE = "perlmutter-idle";

    private static final String LISTENING = "Listening on ";

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private PracticeSite site;
    private EmbeddedLaunchpad launchpad;
    private Process service;
    private URI url;

    @BeforeEach
    void start() throws Exception {
        site = PracticeSite.find();
        launchpad = EmbeddedLaunchpad.start(folder.resolve("launchpad"), "127.0.0.1", PracticeSite.LAUNCHPAD_PORT);
        Files.writeString(
                folder.resolve("my_launchpad.yaml"),
                "host: localhost\nport: " + PracticeSite.LAUNCHPAD_PORT + "\nname: " + ControlPlane.DATABASE
                        + "\nusername: null\npassword: null\n");
        serve();
    }

    @AfterEach
    void stop() throws InterruptedException {
        try {
            service.destroy();
            assertThat(service.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            launchpad.close();
        }
    }

    private void serve() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        service = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath,
                        Jrm.class.getName(),
                        "serve",
                        "--listen",
                        "127.0.0.1:0",
                        "--launchpad",
                        folder.resolve("my_launchpad.yaml").toString(),
                        "--kubeconfig",
                        site.kubeconfig().toString(),
                        "--ssh-config",
                        site.sshConfig().toString(),
                        "--known-hosts",
                        site.knownHosts().toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = service.inputReader(StandardCharsets.UTF_8);
        String line = CompletableFuture.supplyAsync(
                        () -> output.lines().findFirst().orElse("ended"))
                .get(START.toSeconds(), TimeUnit.SECONDS);
        assertThat(line).startsWith(LISTENING);
        url = URI.create(line.substring(LISTENING.length()));
    }

    private HttpResponse<String> request(String method, String path, String body) {
        try {
            return http.send(
                    HttpRequest.newBuilder(Objects.requireNonNull(url).resolve(path))
                            .timeout(Duration.ofMinutes(3))
                            .header("Content-Type", "application/yaml")
                            .method(method, BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private int deploy(SiteFile file) {
        HttpResponse<String> made = request("POST", "/workflows", file.yaml());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return Json.MAPPER.readTree(made.body()).path("id").asInt();
    }

    private JsonNode workflow(int id) {
        return Json.MAPPER.readTree(request("GET", "/workflows/" + id, "").body());
    }

    private JsonNode forwards(int id) {
        return workflow(id).path("forwards");
    }

    private boolean allUp(int id) {
        JsonNode forwards = forwards(id);
        return !forwards.isEmpty()
                && forwards.valueStream()
                        .allMatch(forward -> forward.path("state").asString("").equals("UP"));
    }

    private void killAndServeAgain() throws Exception {
        service.destroyForcibly();
        assertThat(service.waitFor()).as("exit code after kill -9").isEqualTo(128 + 9);
        serve();
    }

    private void delete(List<Integer> ids) {
        for (int id : ids) {
            HttpResponse<String> deleted = request("DELETE", "/workflows/" + id, "");
            assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(204);
        }
        assertThat(request("GET", "/tunnels", "").body()).isEqualTo("[]");
    }

    @Test
    void killedAndStartedAgainItHoldsTheSameTunnels() throws Exception {
        List<Integer> ids = new ArrayList<>();
        try {
            for (int i = 0; i < WORKFLOWS; i++) {
                ids.add(deploy(SiteFile.perlmutter(SITE)));
            }
            List<List<String>> before =
                    ids.stream().map(id -> names(forwards(id))).toList();
            assertThat(ids).allMatch(this::allUp);

            Stopwatch restart =
                    new Stopwatch("serve with " + WORKFLOWS + " workflows killed with -9 and started again");
            killAndServeAgain();
            restart.lap("listening");
            await().atMost(RECOVERY).until(() -> ids.stream().allMatch(this::allUp));
            restart.lap("all tunnels up");

            assertThat(ids.stream().map(id -> names(forwards(id))).toList()).isEqualTo(before);
        } finally {
            delete(ids);
        }
    }

    /** A password is never stored: the operator sees that it is missing and what to do, and gives the site file again. */
    @Test
    void aPasswordIsAskedForAfterARestart() throws Exception {
        SiteFile file = SiteFile.ornl("ornl-idle", site.encodedPassword("pwuser"));
        Path siteFile = Files.writeString(folder.resolve("ornl.yaml"), file.yaml());
        int id = deploy(file);
        try {
            killAndServeAgain();

            await().atMost(RECOVERY)
                    .untilAsserted(() -> assertThat(workflow(id).path("remark").asString(""))
                            .contains("password is never stored", "jrm connect workflow SITE.yaml " + id));
            assertThat(forwards(id).valueStream())
                    .isNotEmpty()
                    .allSatisfy(forward ->
                            assertThat(forward.path("state").asString()).isEqualTo("NOT_HELD"));

            int code = Jrm.commandLine()
                    .execute(
                            "connect",
                            "workflow",
                            siteFile.toString(),
                            Integer.toString(id),
                            "--server",
                            Objects.requireNonNull(url).toString());

            assertThat(code).isZero();
            assertThat(allUp(id)).isTrue();
            assertThat(workflow(id).path("remark").isNull()).isTrue();
        } finally {
            delete(List.of(id));
        }
    }

    private static List<String> names(JsonNode forwards) {
        return forwards.valueStream()
                .map(forward -> forward.path("forward").asString())
                .sorted()
                .toList();
    }
}
