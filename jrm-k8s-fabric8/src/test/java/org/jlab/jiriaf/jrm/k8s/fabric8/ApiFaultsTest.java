package org.jlab.jiriaf.jrm.k8s.fabric8;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** API servers that refuse, stumble, hang or are not there; what no healthy server shows. */
class ApiFaultsTest {

    private static final String NODES = "/api/v1/nodes";
    private static final Duration SHORT = Duration.ofSeconds(1);

    @RegisterExtension
    static final WireMockExtension API = WireMockExtension.newInstance()
            .options(wireMockConfig().dynamicPort().dynamicHttpsPort().bindAddress("127.0.0.1"))
            .build();

    @SuppressWarnings("NullAway.Init")
    private static KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    private static NodeManager manager;

    @BeforeAll
    static void connect() {
        client = client(url());
        manager = new Fabric8NodeManager(client);
    }

    @AfterAll
    static void disconnect() {
        client.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | token or client certificate is wrong or has expired | false",
                "403 | needs a ClusterRole                                 | false",
                "404 | no Kubernetes API at that address                   | false",
                "410 | too old                                             | true",
                "418 | is a proxy in between                               | false",
                "429 | too busy                                            | true",
                "500 | look at its log                                     | true",
                "503 | look at its log                                     | true"
            })
    void saysWhatTheServerAnsweredAndWhatToDo(int code, String remedy, boolean isTransient) {
        API.stubFor(get(urlPathEqualTo(NODES)).willReturn(status(code, "the server's own words")));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.check(SHORT))
                .withMessageStartingWith("Asking for nodes at " + url() + " failed: HTTP " + code)
                .withMessageContaining("the server's own words")
                .withMessageContaining(remedy)
                .matches(e -> e.isTransient() == isTransient);
    }

    @Test
    void showsAnAnswerThatIsNoStatus() {
        API.stubFor(get(urlPathEqualTo(NODES))
                .willReturn(aResponse().withStatus(403).withBody("<html>proxy says no</html>")));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.check(SHORT))
                .withMessageContaining("proxy says no");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>Please log in</html>", "", "[]"})
    void refusesASuccessThatIsNoAnswer(String body) {
        API.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(200).withBody(body)));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.check(SHORT))
                .withMessageContaining("the answer is no NodeList but: " + (body.isEmpty() ? "nothing" : body));
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.delete(List.of("a")))
                .withMessageContaining("the answer is no Node but: ");
    }

    @Test
    void waitsAsLongAsABusyServerAsks() {
        long start = System.nanoTime();
        API.stubFor(get(urlPathEqualTo(NODES))
                .inScenario("busy")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse()
                        .withStatus(429)
                        .withHeader("Retry-After", "1")
                        .withBody("Too many requests, please try again later."))
                .willSetStateTo("calm"));
        API.stubFor(get(urlPathEqualTo(NODES))
                .inScenario("busy")
                .whenScenarioStateIs("calm")
                .willReturn(okJson(list(""))));

        manager.check(Duration.ofSeconds(20));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        API.verify(2, getRequestedFor(urlPathEqualTo(NODES)));
    }

    @Test
    void doesNotWaitForABusyServerBeyondTheDeadline() {
        API.stubFor(
                get(urlPathEqualTo(NODES)).willReturn(status(429, "slow down").withHeader("Retry-After", "3600")));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.check(Duration.ofSeconds(20)))
                .withMessageContaining("It asks to wait 3600 s");
        API.verify(1, getRequestedFor(urlPathEqualTo(NODES)));
    }

    @Test
    void readsRetryAfterAsSecondsAndAsDate() {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(100));

        assertThat(ApiServer.retryAfter("7")).isEqualTo(Duration.ofSeconds(7));
        assertThat(ApiServer.retryAfter(date)).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100));
        assertThat(ApiServer.retryAfter("soon")).isNull();
        assertThat(ApiServer.retryAfter(null)).isNull();
    }

    @Test
    void repeatsWhatFailsByThe500() {
        API.stubFor(get(urlPathEqualTo(NODES))
                .inScenario("stumble")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(status(500, "etcd leader changed"))
                .willSetStateTo("reset"));
        API.stubFor(get(urlPathEqualTo(NODES))
                .inScenario("stumble")
                .whenScenarioStateIs("reset")
                .willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER))
                .willSetStateTo("calm"));
        API.stubFor(get(urlPathEqualTo(NODES))
                .inScenario("stumble")
                .whenScenarioStateIs("calm")
                .willReturn(okJson(list(""))));

        manager.check(Duration.ofSeconds(20));

        API.verify(3, getRequestedFor(urlPathEqualTo(NODES)));
    }

    @Test
    void listsThousandsInPages() {
        page("", "two", names(0, 500));
        page("two", "a+/=", names(500, 1000));
        page("a+/=", "", names(1000, 1200));

        List<NodeStatus> nodes = manager.list(names(0, 1200));

        assertThat(nodes).extracting(NodeStatus::name).containsExactlyElementsOf(names(0, 1200));
        API.verify(
                3,
                getRequestedFor(urlPathEqualTo(NODES))
                        .withQueryParam("limit", equalTo("500"))
                        .withQueryParam("labelSelector", equalTo("type=virtual-kubelet")));
    }

    @Test
    void beginsAListAnewWhenAPageHasExpired() {
        page("", "old", names(0, 5));
        API.stubFor(get(urlPathEqualTo(NODES))
                .withQueryParam("continue", equalTo("old"))
                .inScenario("expired")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(status(410, "The provided continue parameter is too old"))
                .willSetStateTo("anew"));
        API.stubFor(get(urlPathEqualTo(NODES))
                .withQueryParam("continue", equalTo("old"))
                .inScenario("expired")
                .whenScenarioStateIs("anew")
                .willReturn(okJson(list("", names(5, 20)))));

        assertThat(manager.list(names(0, 20))).extracting(NodeStatus::name).containsExactlyElementsOf(names(0, 20));
    }

    @Test
    void beginsNoFurtherDeletionWhenOneHasFailed() {
        page("", "", names(0, 400));
        API.stubFor(delete(anyUrl()).willReturn(status(403, "forbidden")));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.delete(names(0, 400)))
                .withMessageContaining("HTTP 403");
        assertThat(API.findAll(deleteRequestedFor(anyUrl()))).hasSizeLessThan(100);
    }

    @Test
    void leavesANodeAloneThatHasBeenMadeAnewSince() {
        API.stubFor(get(urlPathEqualTo(NODES + "/a")).willReturn(okJson(node("a"))));
        API.stubFor(
                delete(urlPathEqualTo(NODES + "/a")).willReturn(status(409, "the UID in the precondition differs")));

        assertThat(manager.delete(List.of("a"))).isEmpty();

        API.verify(
                deleteRequestedFor(urlPathEqualTo(NODES + "/a"))
                        .withRequestBody(
                                equalToJson(
                                        "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{\"uid\":\"uid-of-a\"}}")));
    }

    @Test
    void countsANodeAsDeletedWhoseDeletionWasAnsweredToNobody() {
        API.stubFor(get(urlPathEqualTo(NODES + "/a")).willReturn(okJson(node("a"))));
        API.stubFor(delete(urlPathEqualTo(NODES + "/a"))
                .inScenario("lost")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER))
                .willSetStateTo("done"));
        API.stubFor(delete(urlPathEqualTo(NODES + "/a"))
                .inScenario("lost")
                .whenScenarioStateIs("done")
                .willReturn(status(404, "nodes \"a\" not found")));

        assertThat(manager.delete(List.of("a"))).containsExactly("a");
    }

    @Test
    void saysWhichDeletionFailed() {
        API.stubFor(get(urlPathEqualTo(NODES + "/a")).willReturn(okJson(node("a"))));
        API.stubFor(get(urlPathEqualTo(NODES + "/b")).willReturn(okJson(node("b"))));
        API.stubFor(delete(urlPathEqualTo(NODES + "/a")).willReturn(okJson(node("a"))));
        API.stubFor(delete(urlPathEqualTo(NODES + "/b")).willReturn(status(403, "forbidden")));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.delete(List.of("a", "b")))
                .withMessageStartingWith("Deleting node b at " + url() + " failed: HTTP 403 (forbidden)");
        API.verify(1, deleteRequestedFor(urlPathEqualTo(NODES + "/a")));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    @Timeout(20)
    void stopsWaitingAtOnceWhenWeMayNotLook(int code) {
        API.stubFor(any(anyUrl()).willReturn(status(code, "not you")));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.awaitReady(List.of("a"), Duration.ofMinutes(5), node -> {}))
                .withMessageStartingWith("Watching nodes at " + url() + " failed: HTTP " + code)
                .matches(e -> !e.isTransient());
    }

    @Test
    void waitsUntilTheDeadlineForAServerInTrouble() {
        API.stubFor(any(anyUrl()).willReturn(status(500, "etcd is down")));

        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> manager.awaitReady(List.of("a"), Duration.ofSeconds(1), node -> {}))
                .withMessageContaining("1 of 1 nodes are not Ready after 1 s: a (not registered)")
                .withMessageContaining("The API server could not be asked")
                .withMessageContaining("etcd is down")
                .matches(NodeException::isTransient);
    }

    @Test
    @Timeout(30)
    void namesAServerThatIsNotThere() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (KubernetesClient nobody = client("http://127.0.0.1:" + port)) {
            NodeManager nodes = new Fabric8NodeManager(nobody);

            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> nodes.list(List.of("a")))
                    .withMessageContaining(
                            "Looking up node a at http://127.0.0.1:" + port + " failed: nothing answers there")
                    .withMessageContaining("tunnel")
                    .matches(NodeException::isTransient);
            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> nodes.awaitReady(List.of("a"), Duration.ofSeconds(1), node -> {}))
                    .withMessageContaining("could not be asked: Watching nodes at http://127.0.0.1:" + port);
        }
    }

    @Test
    @Timeout(30)
    void givesUpOnAConnectionThatIsHalfOpen() throws IOException {
        // Accepts by its backlog and never answers.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                KubernetesClient hanging = client("http://127.0.0.1:" + silent.getLocalPort())) {
            NodeManager nodes = new Fabric8NodeManager(hanging, SHORT);

            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> nodes.delete(List.of("a")))
                    .withMessageContaining("no answer within 1 s")
                    .matches(NodeException::isTransient);
            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> nodes.awaitReady(List.of("a"), SHORT, node -> {}))
                    .withMessageContaining("a (not registered). The API server has not answered at all");
        }
    }

    @Test
    void trustsNoCertificateThatTheKubeconfigDoesNot() {
        try (KubernetesClient distrusting = client("https://127.0.0.1:" + API.getHttpsPort())) {
            NodeManager nodes = new Fabric8NodeManager(distrusting);

            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> nodes.check(Duration.ofSeconds(10)))
                    .withMessageContaining("certificate is not to be trusted")
                    .withMessageContaining("certificate-authority")
                    .matches(e -> !e.isTransient());
        }
    }

    @Test
    void refusesATimeoutOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Fabric8NodeManager(client, Duration.ZERO))
                .withMessageContaining("requestTimeout");
    }

    private static void page(String token, String next, Collection<String> names) {
        var request = get(urlPathEqualTo(NODES));
        if (!token.isEmpty()) {
            request.withQueryParam("continue", equalTo(token));
        }
        API.stubFor(request.willReturn(okJson(list(next, names))));
    }

    private static List<String> names(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "node-%04d".formatted(i)).toList();
    }

    private static String list(String next) {
        return list(next, List.of());
    }

    private static String list(String next, Collection<String> names) {
        return """
                {"apiVersion": "v1", "kind": "NodeList", "metadata": {"resourceVersion": "7", "continue": "%s"}, "items": [%s]}""".formatted(next, names.stream().map(ApiFaultsTest::node).collect(Collectors.joining(",")));
    }

    private static String node(String name) {
        return """
                {"apiVersion": "v1", "kind": "Node",
                 "metadata": {"name": "%s", "uid": "uid-of-%s", "labels": {"type": "virtual-kubelet"}}}""".formatted(name, name);
    }

    private static ResponseDefinitionBuilder status(int code, String message) {
        return aResponse()
                .withStatus(code)
                .withHeader("Content-Type", "application/json")
                .withBody("""
                {"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": "%s", "code": %d}""".formatted(message.replace("\"", "\\\""), code));
    }

    private static String url() {
        return "http://127.0.0.1:" + API.getPort();
    }

    private static KubernetesClient client(String url) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty()).withMasterUrl(url).build())
                .build();
    }
}
