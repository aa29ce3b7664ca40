package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kubeconfigs that jrm and kubectl read side by side. Both ask a recording server for its version; a row gives the headers that
 * have to come, or after {@code !} words of jrm's refusal, where kubectl has to fail as well. A row that begins with {@code ~}
 * is a difference:
 * <ul>
 *   <li>kubectl takes the last of two values for a key, asks {@code localhost:8080} where it knows no cluster, goes on without a
 *       certificate that it cannot read, and knows the auth-provider oidc: jrm names the fault.
 *   <li>kubectl sends no credentials over http: jrm does to this host, where tunnels end.
 *   <li>kubectl (YAML 1.1) takes {@code yes} for true: jrm asks for {@code true}.
 * </ul>
 */
@EnabledIf(value = "hasKubectl", disabledReason = "needs kubectl; .ci/run builds one")
class KubectlComparisonTest {

    private static final String EXEC = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path folder;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static RecordingApiServer server;

    /** Whether the program is there. In CI it has to be. */
    static boolean hasKubectl() {
        return "true".equals(System.getenv("CI"))
                || Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
    }

    @BeforeAll
    static void start() throws Exception {
        server = new RecordingApiServer(folder);
        Files.writeString(folder.resolve("token"), "OF-FILE\n");
        Files.writeString(folder.resolve("lines"), "one\ntwo\n");
        Files.writeString(folder.resolve("empty"), "");
        script("plugin", "echo '" + credential("\"token\":\"'$FOO\"$1\"'\"") + "'");
        script("fails", "printf '\\033[31mno \\001login\\n' >&2; exit 7");
        script("none", "echo '" + credential("") + "'");
        script("half", "echo '" + credential("\"clientCertificateData\":\"x\"") + "'");
        script(
                "info",
                "case $KUBERNETES_EXEC_INFO in *'\"server\":\"https://127.0.0.1:'*) echo '"
                        + credential("\"token\":\"TOLD\"") + "';; esac");
    }

    private static String credential(String status) {
        return "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{" + status
                + "}}";
    }

    private static void script(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', emptyValue = "", textBlock = """
            S | token: t | authorization=Bearer t
            S | tokenFile: token | authorization=Bearer OF-FILE
            S | token: t, tokenFile: token | authorization=Bearer OF-FILE
            S | token: t, tokenFile: gone | authorization=Bearer t
            S | tokenFile: gone | ! user 'us': tokenFile
            S | tokenFile: empty | ! empty
            S | tokenFile: lines | ! more than one line
            S | token: 12345 | ! token is a number
            S | token: true | ! token is true or false
            S | token: [a] | ! token is a list
            S | token: "a\\nb" | ! token holds a line break
            S | token: '' | ! no credentials
            S | token: null | ! no credentials
            S |  | ! no credentials
            S | token: t, nosuch: 1 | authorization=Bearer t
            S, nosuch: 1 | token: t | authorization=Bearer t
            ~S | token: a, token: b | ! a key stands there twice
            S | username: u, password: 'p:q' | authorization=Basic dTpwOnE=
            S | username: ü, password: é | authorization=Basic w7w6w6k=
            S | username: u | authorization=Basic dTo=
            S | password: p | ! password is given without
            S | username: u, password: p, token: t | ! expected one of them
            S | token: t, as: bob | authorization=Bearer t impersonate-user=bob
            S | token: t, as: bob, as-groups: [g1, g2] | authorization=Bearer t impersonate-group=g1+g2 impersonate-user=bob
            S | token: t, as: bob, as-uid: u1 | authorization=Bearer t impersonate-uid=u1 impersonate-user=bob
            S | token: t, as: bob, as-user-extra: {k: [v, w]} | authorization=Bearer t impersonate-extra-k=v+w impersonate-user=bob
            S | token: t, as: bob, as-user-extra: {A/b c%: [v]} | authorization=Bearer t impersonate-extra-a%2fb%20c%25=v impersonate-user=bob
            S | token: t, as-groups: [g] | ! without as
            S | token: t, as-uid: u | ! without as
            S | token: t, as: bob, as-groups: g | ! as-groups is text; expected a list
            S | token: t, as: bob, as-user-extra: {k: v} | ! k is text; expected a list
            H | as: bob | impersonate-user=bob
            H |  |
            ~H | token: t | authorization=Bearer t
            ~H | exec: {E ./fails} | ! fails' failed with exit code 7: no login
            ~H | exec: {E no-such-plugin} | ! no-such-plugin' was not found
            S | exec: {E ./plugin, args: ['-x'], env: [{name: FOO, value: bar}]} | authorization=Bearer bar-x
            S | exec: {E ./fails} | ! fails' failed with exit code 7: no login
            S | exec: {E no-such-plugin, installHint: install it} | ! no-such-plugin' was not found. install it
            S | exec: {E ./none} | ! without a token
            S | exec: {E ./half} | ! only one of
            S | exec: {E /bin/echo, args: [x]} | ! did not answer with JSON
            S | exec: {E ./token} | ! may not be run
            S | exec: {E ./info, provideClusterInfo: true} | authorization=Bearer TOLD
            S | exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./plugin} | ! ExecCredential of client.authentication.k8s.io/v1beta1
            S | exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: ./plugin} | ! is not known
            S | exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin} | ! interactiveMode is missing
            S | exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Some} | ! interactiveMode 'Some'
            S | exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Always} | ! needs a terminal
            S | exec: {command: ./plugin, interactiveMode: Never} | ! apiVersion is missing
            S | exec: {E ''} | ! command is missing
            S | exec: {E x, env: {a: b}} | ! env is a block; expected a list
            S | token: t, exec: {E ./fails} | authorization=Bearer t
            S | auth-provider: {name: gcp} | ! auth-provider
            S | exec: {E x}, auth-provider: {name: gcp} | ! auth-provider
            S | client-certificate: server.crt, client-key: server.key, token: t | authorization=Bearer t
            S | client-certificate: server.crt | ! client-key is missing
            S | client-certificate: server.crt, client-certificate-data: YQ==, client-key: server.key | ! both given
            S | client-certificate-data: '%%', client-key-data: YQ== | ! client-certificate-data is not base64
            ~S | client-certificate: token, client-key: token, token: t | ! client-certificate holds no certificate
            T | token: t | ! certificate
            T, insecure-skip-tls-verify: true | token: t | authorization=Bearer t
            S, insecure-skip-tls-verify: true | token: t | ! insecure-skip-tls-verify
            S, insecure-skip-tls-verify: 'true' | token: t | ! expected true or false
            ~T, insecure-skip-tls-verify: yes | token: t | ! expected true or false
            S, tls-server-name: cp.example.org | token: t | authorization=Bearer t
            S, tls-server-name: CP.example.ORG. | token: t | authorization=Bearer t
            S, tls-server-name: 127.0.0.1 | token: t | authorization=Bearer t
            S, tls-server-name: a.wild.example.org | token: t | authorization=Bearer t
            S, tls-server-name: a.b.wild.example.org | token: t | ! tls-server-name
            S, tls-server-name: wild.example.org | token: t | ! tls-server-name
            S, tls-server-name: other.example.org | token: t | ! tls-server-name of the kubeconfig, other.example.org
            S, tls-server-name: example.org | token: t | ! tls-server-name
            S, tls-server-name: 127.0.0.2 | token: t | ! tls-server-name
            T, certificate-authority-data: '!!' | token: t | ! certificate-authority-data is not base64
            T, certificate-authority-data: YWJj | token: t | ! holds no certificate
            T, certificate-authority: gone | token: t | ! does not exist
            S, certificate-authority-data: YWJj | token: t | ! both given
            S, proxy-url: 'ftp://x:1' | token: t | ! proxy-url
            S, proxy-url: 'x:1' | token: t | ! proxy-url
            ~ | token: t | ! server is missing
            server: 'https://a b/' | token: t | ! server 'https://a b/' is no address
            server: 'https://' | token: t | ! is no address
            server: 'ftp://127.0.0.1' | token: t | ! is no address
            server: 'https://127.0.0.1:x' | token: t | ! is no address
            server: 'https://127.0.0.1:99999' | token: t | ! is no address
            server: 8080 | token: t | ! server is a number
            server: 'http://a_b.invalid' | token: t | ! host name is not known
            """)
    void readsWhatKubectlReads(String row, @Nullable String user, @Nullable String expected) throws Exception {
        boolean differs = row.startsWith("~");
        String cluster = row.substring(differs ? 1 : 0)
                .replaceFirst("^S", "server: 'https://" + server.https() + "', certificate-authority: server.crt")
                .replaceFirst("^T", "server: 'https://" + server.https() + "'")
                .replaceFirst("^H", "server: 'http://" + server.http() + "'");
        Path file = write(cluster, user == null ? "" : user);
        String wanted = expected == null ? "" : expected;

        VersionRequest request = new VersionRequest(List.of(file), server::last);
        String asked = request.byJrm();
        String reference = request.byKubectl(folder);

        if (wanted.startsWith("!")) {
            assertThat(asked).contains(wanted.substring(1).strip()).doesNotContain("null", "Exception");
            assertThat(differs || reference.equals("nothing")).as(reference).isTrue();
        } else {
            assertThat(asked).isEqualTo(("/version " + wanted).strip());
            assertThat(reference.equals(asked)).isEqualTo(!differs);
        }
    }

    private static Path write(String cluster, String user) throws IOException {
        return Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: c/a b@x_y
                contexts: [{name: c/a b@x_y, context: {cluster: "c_l:1", user: us}}]
                clusters: [{name: "c_l:1", cluster: {CLUSTER}}]
                users: [{name: us, user: {USER}}]
                """.replace("CLUSTER", cluster)
                .replace("USER", user.replace("{E ", "{" + EXEC)));
    }
}
