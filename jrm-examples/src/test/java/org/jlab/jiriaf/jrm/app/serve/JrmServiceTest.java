package org.jlab.jiriaf.jrm.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.jlab.jiriaf.jrm.app.serve.RawHttp.Answer;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class JrmServiceTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "test", "login01", "127.0.0.1");

    private final InMemoryService service = new InMemoryService("127.0.0.1", null);
    private final RawHttp http = service.http;

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void deploysShowsAndDeletes() {
        Answer made = service.deploy();

        assertThat(made.status()).as(made.body()).isEqualTo(201);
        int id = made.json().path("id").asInt();
        assertThat(made.header("location")).isEqualTo("/workflows/" + id);
        assertThat(made.json().path("state").asString()).isEqualTo("READY");
        assertThat(made.json().path("nodes").path("total").asInt()).isEqualTo(2);
        assertThat(made.json()
                        .path("jrms")
                        .path(1)
                        .path("custom_metrics")
                        .path(0)
                        .path("original")
                        .asInt())
                .isEqualTo(2221);
        assertThat(http.get("/workflows").json()).hasSize(1);
        assertThat(http.get("/tunnels").json())
                .hasSize(6)
                .allMatch(tunnel -> tunnel.path("state").asString().equals("UP"));
        assertThat(http.get("/ports").json())
                .hasSize(4)
                .allMatch(port -> port.path("workflow").asInt() == id)
                .allMatch(port -> port.path("state").asString().equals("UP"));

        Answer deleted = http.send("DELETE", "/workflows/" + id, "");

        assertThat(deleted.status()).as(deleted.body()).isEqualTo(204);
        assertThat(service.store.list(WorkflowFilter.ALL)).isEmpty();
        assertThat(http.get("/tunnels").json()).isEmpty();
        assertThat(http.get("/workflows/" + id).status()).isEqualTo(404);
        assertThat(http.send("DELETE", "/workflows/" + id, "").status()).isEqualTo(404);
    }

    @Test
    void takesASecondRequestOfTheSameKeyForTheFirst() {
        Answer first = service.deploy("Idempotency-Key: 7");
        Answer second = service.deploy("Idempotency-Key: 7");

        assertThat(second.status()).isEqualTo(201);
        assertThat(second.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(service.store.list(WorkflowFilter.ALL)).hasSize(1);
    }

    @Test
    void putsTheKubeconfigOfARequestOnTheSiteAndReadsNoFileForIt(@TempDir Path folder) throws IOException {
        Path there = folder.resolve("kubeconfig");
        String site = InMemoryService.SITE.replace("/home/user/kubeconfig", there.toString());
        String config = """
                current-context: c
                clusters: [{name: c, cluster: {server: "https://cp01:6443"}}]
                users: [{name: u, user: {USER}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                """;
        Path secret = Files.writeString(folder.resolve("secret"), "OF-THE-SERVICE");

        Answer refused = order(site, config.replace("USER", "tokenFile: " + secret));
        assertThat(refused.status()).as(refused.body()).isEqualTo(400);
        assertThat(refused.body()).contains("tokenFile is a file").doesNotContain("OF-THE-SERVICE");
        assertThat(there).doesNotExist();
        assertThat(service.store.list(WorkflowFilter.ALL)).isEmpty();

        Answer made = order(site, config.replace("USER", "token: OF-THE-CLIENT"));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        assertThat(made.body()).doesNotContain("OF-THE-CLIENT");
        assertThat(there).content().contains("https://localhost:17444", "token: OF-THE-CLIENT");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there)))
                .isEqualTo("rw-------");
    }

    @Test
    void addWfSendsWhatItsKubeconfigRefersTo(@TempDir Path folder) throws IOException {
        Path there = folder.resolve("site/kubeconfig");
        Path site = Files.writeString(
                folder.resolve("site.yaml"), InMemoryService.SITE.replace("/home/user/kubeconfig", there.toString()));
        Files.writeString(folder.resolve("token"), "OF-THE-CALLER");
        Path config = Files.writeString(folder.resolve("config"), """
                current-context: c
                clusters: [{name: c, cluster: {server: "https://cp01:6443"}}]
                users: [{name: u, user: {tokenFile: token}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                """);
        StringWriter err = new StringWriter();
        String[] command = {
            "add_wf", site.toString(), "--server", service.service.url(), "--put-kubeconfig", config.toString()
        };

        int code = Jrm.commandLine().setErr(new PrintWriter(err, true)).execute(command);

        assertThat(code).as("%s", err).isZero();
        assertThat(there).content().contains("https://localhost:17444", "token: OF-THE-CALLER");
        assertThat(err.toString()).doesNotContain("OF-THE-CALLER");
        Files.delete(folder.resolve("token"));
        assertThat(Jrm.commandLine().setErr(new PrintWriter(err, true)).execute(command))
                .isEqualTo(2);
        assertThat(err.toString()).contains("user 'u'", "tokenFile " + folder.resolve("token"), "does not exist");
        assertThat(service.store.list(WorkflowFilter.ALL)).hasSize(1);
    }

    private Answer order(String site, String kubeconfig) {
        return http.post(
                "/workflows",
                "application/json",
                Json.MAPPER.writeValueAsString(Map.of("site", site, "kubeconfig", kubeconfig)));
    }

    @Test
    void namesEveryFaultOfASiteFile() {
        Answer answer = http.post("/workflows", "application/yaml", "slurm:\n  nodes: many\nssh:\n  remote: login01\n");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.json().path("errors").toString()).contains("slurm.nodes", "many", "jrm.nodename");
    }

    @Test
    void describesRunningJrmsForPrometheus() {
        int id = service.deploy().json().path("id").asInt();
        assertThat(http.get("/targets").json()).as("not running yet").isEmpty();
        JsonNode jrms = http.get("/workflows/" + id).json().path("jrms");
        for (JsonNode jrm : jrms) {
            service.nodes.register(jrm.path("name").asString());
        }
        LaunchQueue queue = service.store.launchQueue();
        int launch = queue.reserve(WORKER, "/scratch").orElseThrow().launch().id();
        queue.start(launch, WORKER);

        await().atMost(TIMEOUT).until(() -> http.get("/targets").json().size() == 4);

        JsonNode kubelet = http.get("/targets").json().path(0);
        assertThat(kubelet.path("targets").path(0).asString())
                .isEqualTo("127.0.0.1:" + jrms.path(0).path("kubelet_port").asInt());
        assertThat(kubelet.path("labels").toString())
                .contains(
                        "\"__scheme__\":\"https\"",
                        "\"site\":\"test\"",
                        "\"workflow\":\"" + id + "\"",
                        "\"node\":\"" + jrms.path(0).path("name").asString() + "\"");
        assertThat(http.get("/targets")
                        .json()
                        .path(1)
                        .path("labels")
                        .path("original_port")
                        .asString())
                .isEqualTo("2221");
        JsonNode table = http.get("/targets?format=port_table").json();
        assertThat(table).hasSize(6);
        assertThat(table.toString()).contains("\"nodename\":\"DB Connection\"", "\"custom_metrics_port\":2221");
        assertThat(http.get("/targets?format=xml").status()).isEqualTo(400);
    }

    @Test
    void givesAPortOnceAndNoneThatIsInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThat(http.get("/get_port/127.0.0.1/" + port + "/" + port).body())
                    .isEqualTo("{\"error\":\"No available port found\"}");
            assertThat(http.get("/get_ports/127.0.0.1/" + port + "/" + port).body())
                    .isEqualTo("{\"error\":\"No available ports found\"}");
        }
        int first =
                http.get("/get_port/127.0.0.1/15000/15999").json().path("port").asInt();
        int second =
                http.get("/get_port/127.0.0.1/15000/15999").json().path("port").asInt();
        assertThat(first).isBetween(15000, 15999);
        assertThat(second).isGreaterThan(first);
        List<Integer> free = new ArrayList<>();
        http.get("/get_ports/127.0.0.1/15000/15999").json().path("ports").forEach(port -> free.add(port.asInt()));
        assertThat(free).isNotEmpty().doesNotContain(first, second);
    }

    @Test
    void saysWhatIsWrongWithARequestForPorts() {
        for (String path : List.of(
                "/get_port/127.0.0.1/0/10",
                "/get_port/127.0.0.1/20/10",
                "/get_port/127.0.0.1/a/10",
                "/get_ports/127.0.0.1/1/70000",
                "/get_ports/example.org/1/2",
                "/get_ports/127.0.0.999/1/2")) {
            Answer answer = http.get(path);
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.json().path("error").asString()).as(path).isNotBlank();
        }
    }

    @Test
    void opensAndClosesForwardsByHand() throws IOException {
        int port =
                http.get("/get_port/127.0.0.1/15000/15999").json().path("port").asInt();
        service.store.portLeases().release(service.store.portLeases().list());
        String request = "{\"site\": " + quoted(InMemoryService.SITE) + ", \"connections\": [{\"kind\": \"metrics\","
                + " \"port\": " + port + ", \"nodename\": \"n1\"}]}";

        Answer opened = http.post("/jrm-create-ssh-connections", "application/json", request);

        assertThat(opened.status()).as(opened.body()).isEqualTo(200);
        JsonNode connection = opened.json().path("connections").path(0);
        assertThat(connection.path("status").asString()).isEqualTo("up");
        assertThat(connection.path("port").asString()).isEqualTo(Integer.toString(port));
        assertThat(service.store.portLeases().list())
                .extracting(PortLease::port)
                .containsExactly(port);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(socket.isConnected()).isTrue();
        }
        assertThat(http.get("/tunnels").json()).hasSize(1);

        Answer closed =
                http.post("/jrm-delete-ssh-connections", "application/json", "{\"ports\": [" + port + ", 15998]}");

        assertThat(closed.json().path("ports").toString()).isEqualTo("[" + port + "]");
        assertThat(closed.json().path("left").path(0).path("port").asInt()).isEqualTo(15998);
        assertThat(http.get("/tunnels").json()).isEmpty();
        assertThat(service.store.portLeases().list()).isEmpty();
    }

    @Test
    void openingWantsOneThingAtATime() {
        String site = quoted(InMemoryService.SITE);
        for (String request : List.of(
                "{}",
                "{\"site\": " + site + "}",
                "{\"connections\": [{\"kind\": \"db\"}]}",
                "{\"fw_id\": 1, \"site\": " + site + ", \"connections\": [{\"kind\": \"db\"}]}")) {
            assertThat(http.post("/jrm-create-ssh-connections", "application/json", request)
                            .status())
                    .as(request)
                    .isEqualTo(400);
        }
    }

    private static String quoted(String text) {
        return org.jlab.jiriaf.jrm.app.Json.MAPPER.writeValueAsString(text);
    }

    @Test
    void closesAndOpensAllOfADeployment() {
        int id = service.deploy().json().path("id").asInt();
        String request = "{\"fw_id\": " + id + "}";

        Answer closed = http.post("/jrm-delete-ssh-connections", "application/json", request);

        assertThat(closed.json().path("ports")).hasSize(4);
        assertThat(closed.json().path("nodes")).hasSize(2);
        assertThat(service.store.portLeases().list()).isEmpty();
        assertThat(service.store.find(id)).isPresent();

        Answer opened = http.post(
                "/jrm-create-ssh-connections",
                "application/json",
                "{\"fw_id\": " + id + ", \"site\": " + quoted(InMemoryService.SITE) + "}");

        assertThat(opened.json().path("connections"))
                .hasSize(6)
                .allMatch(connection -> connection.path("status").asString().equals("up"));
    }

    @Test
    void countsForPrometheus() {
        assertThat(service.deploy().status()).isEqualTo(201);

        String metrics = http.get("/metrics").body();

        assertThat(metrics)
                .contains(
                        "jrm_tunnels{state=\"up\"} 6.0",
                        "jrm_tunnels{state=\"down\"} 0.0",
                        "jrm_port_leases 4.0",
                        "jrm_ssh_connected{login=\"login01\"} 1.0",
                        "jrm_tunnel_bytes_total{direction=\"to_target\"}",
                        "jrm_deployment_step_seconds_count{outcome=\"done\",step=\"open_tunnels\"} 1");
    }

    @Test
    void drawsTheNetworkOfADeployment() {
        int id = service.deploy().json().path("id").asInt();

        Answer svg = http.get("/workflows/" + id + "/map");
        Answer mermaid = http.get("/map?format=mermaid");

        assertThat(svg.header("content-type")).isEqualTo("image/svg+xml");
        assertThat(svg.body()).contains("<svg", "Login node login01", "application :2221", "class=\"up\"");
        assertThat(mermaid.body()).contains("flowchart LR", "LaunchPad :17018", "-->|up|");
        assertThat(http.get("/map?format=png").status()).isEqualTo(400);
        assertThat(http.get("/workflows/99/map").status()).isEqualTo(404);
    }

    @Test
    void runsNoCommands() {
        Answer answer = http.post("/run", "application/x-www-form-urlencoded", "command=id");

        assertThat(answer.status()).isEqualTo(410);
        assertThat(answer.body()).doesNotContain("uid=");
    }

    @Test
    void cannotBeDrivenByAPageOfAnotherSite() {
        assertThat(http.get("/workflows", "Origin: http://evil.example").status())
                .isEqualTo(403);
        assertThat(http.get("/workflows", "Origin: null").status()).isEqualTo(403);
        assertThat(http.get("/workflows", "Sec-Fetch-Site: cross-site").status())
                .isEqualTo(403);
        assertThat(http.get("/workflows", "Sec-Fetch-Site: same-site").status()).isEqualTo(403);
        assertThat(http.post("/workflows", "text/plain", InMemoryService.SITE).status())
                .as("what a form could send")
                .isEqualTo(415);
        assertThat(service.deploy("Origin: http://evil.example").status()).isEqualTo(403);
        assertThat(service.store.list(WorkflowFilter.ALL)).isEmpty();
        String own = URI.create(service.service.url()).getAuthority();
        assertThat(http.get("/workflows", "Origin: http://" + own, "Sec-Fetch-Site: same-origin")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void answersToNoNameButItsOwn() {
        assertThat(http.get("/workflows", "Host: rebound.example").status()).isEqualTo(403);
        assertThat(http.get("/workflows", "Host: localhost.evil.example:8888").status())
                .isEqualTo(403);
        assertThat(http.get("/workflows", "Host: ").status()).isGreaterThanOrEqualTo(400);
        assertThat(http.get("/workflows", "Host: localhost:8888").status()).isEqualTo(200);
        assertThat(http.get("/workflows", "Host: Control.example.org").status()).isEqualTo(200);
        assertThat(http.get("/workflows", "Host: [::1]:8888").status()).isEqualTo(200);
    }

    @Test
    void boundsWhatItReads() {
        assertThat(http.post("/workflows", "application/yaml", "#".repeat(300_000))
                        .status())
                .isEqualTo(413);
        assertThat(http.get("/" + "x".repeat(5000)).status()).isEqualTo(414);
        assertThat(http.get("/", "X-Long: " + "x".repeat(20_000)).status()).isEqualTo(431);
        assertThat(http.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void answersWhatIsNestedTooDeeplyToBeRead() {
        for (String path : List.of("/workflows", "/jrm-delete-ssh-connections")) {
            assertThat(http.post(path, "application/json", "[".repeat(100_000)).status())
                    .as(path)
                    .isEqualTo(400);
        }
    }

    @Test
    void saysInTheCallersWordsWhatIsWrongWithABody() {
        Map<String, String> faults = Map.of(
                "{\"fw_id\": \"x\"}", "fw_id must be a whole number",
                "{\"fwid\": 1}", "fwid is unknown; known there: fw_id, nodes, ports",
                "{\"ports\": [1, {}]}", "ports[1] must be a whole number",
                "{\"ports\": 1}", "ports must be a list",
                "[]", "it must be an object");
        faults.forEach((body, fault) -> assertThat(http.post("/jrm-delete-ssh-connections", "application/json", body)
                        .body())
                .contains(fault)
                .doesNotContain("org.jlab"));
        assertThat(http.post(
                                "/jrm-create-ssh-connections",
                                "application/json",
                                "{\"site\": \"\", \"connections\": [{\"kind\": \"other\"}]}")
                        .body())
                .contains("connections[0].kind must be one of ");
    }

    @Test
    void boundsTheNumberOfListenersAndFreesTheirPlaces() throws IOException {
        List<Socket> listeners = new ArrayList<>();
        try {
            for (int i = 0; i < 32; i++) {
                Socket listener = listen("/events");
                listeners.add(listener);
                assertThat(reader(listener).readLine()).isEqualTo("HTTP/1.1 200 OK");
            }
            assertThat(http.get("/events").status()).isEqualTo(503);
            listeners.get(0).close();
            await().atMost(TIMEOUT).until(() -> {
                Socket again = listen("/events");
                listeners.add(again);
                return reader(again).readLine().contains("200");
            });
        } finally {
            for (Socket listener : listeners) {
                listener.close();
            }
        }
    }

    @Test
    void tellsTheStepsOfADeploymentAlsoToWhoComesLate() throws IOException {
        int id = service.deploy().json().path("id").asInt();
        try (Socket listener = listen("/workflows/" + id + "/events")) {
            BufferedReader events = reader(listener);
            readUntil(events, "\"step\":\"store_workflow\",\"kind\":\"done\"");
            assertThat(http.send("DELETE", "/workflows/" + id, "").status()).isEqualTo(204);
            readUntil(events, "event: deleted");
            while (events.readLine() != null) {
                // The stream ends by itself when there is nothing more to tell.
            }
        }
        assertThat(http.get("/workflows/" + id + "/events").status()).isEqualTo(404);
        assertThat(http.get("/workflows/x/events").status()).isEqualTo(400);
    }

    private static void readUntil(BufferedReader events, String text) throws IOException {
        String line = events.readLine();
        while (line != null && !line.contains(text)) {
            line = events.readLine();
        }
        assertThat(line).isNotNull();
    }

    private Socket listen(String path) throws IOException {
        URI url = URI.create(service.service.url());
        Socket socket = new Socket(url.getHost(), url.getPort());
        socket.setSoTimeout((int) TIMEOUT.toMillis());
        OutputStream out = socket.getOutputStream();
        out.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
        return socket;
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void saysWhichMethodsAPathHas() {
        Answer answer = http.send("PUT", "/workflows", "");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("allow")).isEqualTo("GET, HEAD, POST");
        assertThat(http.send("HEAD", "/workflows", "").status()).isEqualTo(200);
    }

    @Test
    void showsAPageThatLoadsNothingFromElsewhere() {
        Answer page = http.get("/");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("content-security-policy")).contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(page.body()).doesNotContain("http://", "https://", " style=", "onclick");
    }
}
