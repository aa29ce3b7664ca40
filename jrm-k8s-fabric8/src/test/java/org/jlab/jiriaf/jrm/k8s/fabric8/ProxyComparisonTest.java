package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Values of {@code proxy-url} ({@code P} is the port of a proxy, {@code S} the address of the API server) and the tunnel that jrm
 * and kubectl open for it, or after {@code !} words of jrm's refusal. One difference, marked {@code ~}: kubectl speaks TLS with a
 * proxy of https. The client library would send the login in clear, so that jrm refuses it.
 */
@EnabledIf(
        value = "org.jlab.jiriaf.jrm.k8s.fabric8.KubectlComparisonTest#hasKubectl",
        disabledReason = "needs kubectl; .ci/run builds one")
class ProxyComparisonTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path folder;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static RecordingApiServer server;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static RecordingProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        server = new RecordingApiServer(folder);
        proxy = new RecordingProxy();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        proxy.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://127.0.0.1:P | CONNECT S
            http://127.0.0.1:P/ | CONNECT S
            HTTP://127.0.0.1:P | CONNECT S
            http://localhost:P | CONNECT S
            http://u:p@127.0.0.1:P | CONNECT u:p@S
            http://u%40x:p%3Aq@127.0.0.1:P | CONNECT u@x:p:q@S
            http://u:@127.0.0.1:P | CONNECT u:@S
            http://u@127.0.0.1:P | CONNECT u:@S
            socks5://127.0.0.1:P | SOCKS S
            SOCKS5://127.0.0.1:P | SOCKS S
            socks5://u:p@127.0.0.1:P | SOCKS u:p@S
            http://127.0.0.1:9 | ! nothing answers there
            socks5://127.0.0.1:9 | ! nothing answers there
            http://127.0.0.1 | ! nothing answers there
            socks5://127.0.0.1 | ! nothing answers there
            http://no-such-proxy.invalid:3128 | ! host name
            ~https://u:SECRET@127.0.0.1:P | ! https
            http:// | ! proxy-url
            //127.0.0.1:P | ! proxy-url
            127.0.0.1:P | ! proxy-url
            socks4://127.0.0.1:P | ! proxy-url
            http://u:SECRET@127.0.0.1:99999 | ! proxy-url
            http://u:SECRET@127.0.0.1:x | ! proxy-url
            http://u:SECRET @127.0.0.1:P | ! proxy-url
            """)
    void goesTheWayThatKubectlGoes(String row, String expected) throws Exception {
        boolean differs = row.startsWith("~");
        Path file = Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: cl, user: us}}]
                clusters: [{name: cl, cluster: {server: 'https://SERVER', certificate-authority: server.crt,
                  proxy-url: 'PROXY'}}]
                users: [{name: us, user: {token: t}}]
                """.replace("SERVER", server.https())
                .replace("PROXY", row.substring(differs ? 1 : 0).replace(":P", ":" + proxy.port())));

        VersionRequest request = new VersionRequest(List.of(file), proxy::last);
        String asked = request.byJrm();
        String reference = request.byKubectl(folder);

        if (expected.startsWith("!")) {
            assertThat(asked).contains(expected.substring(1).strip()).doesNotContain("null", "Exception", "SECRET");
            assertThat(differs || reference.equals("nothing")).as(reference).isTrue();
        } else {
            assertThat(asked).isEqualTo(expected.replaceFirst("S$", server.https()));
            assertThat(reference).isEqualTo(asked);
        }
    }
}
