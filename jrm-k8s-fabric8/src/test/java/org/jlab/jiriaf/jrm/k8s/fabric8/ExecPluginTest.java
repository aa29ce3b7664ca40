package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that give credentials, as they behave on bad days, with a server that may refuse what they gave. */
class ExecPluginTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path folder;
    private final RecordingApiServer server;

    ExecPluginTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        this.server = new RecordingApiServer(folder);
    }

    @BeforeEach
    void countRuns() throws IOException {
        Files.createFile(folder.resolve("runs"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void runsAgainOnceWhenItsTokenIsRefused() throws Exception {
        plugin("echo \"{$HEAD,\\\"status\\\":{\\\"token\\\":\\\"T$(wc -l <runs | tr -d ' ')\\\"}}\"");
        server.refuse("Bearer T1");

        try (KubernetesClient client = open()) {
            ask(client);
            assertThat(server.last()).isEqualTo("/version authorization=Bearer T2");
            ask(client);
            assertThat(server.last()).isEqualTo("/version authorization=Bearer T2");
        }
        assertThat(runs()).isEqualTo(2);
    }

    @Test
    void aTokenThatIsRefusedForGoodEndsTheRequest() throws Exception {
        plugin("echo \"{$HEAD,\\\"status\\\":{\\\"token\\\":\\\"T\\\"}}\"");
        server.refuse("Bearer T");

        try (KubernetesClient client = open()) {
            NodeException failure = catchThrowableOfType(NodeException.class, () -> ask(client));
            assertThat(failure).hasMessageContaining("401");
            assertThat(failure.isTransient()).isFalse();
        }
    }

    @Test
    void aTokenIsKeptUntilItExpires() throws Exception {
        Path until = folder.resolve("until");
        plugin("echo \"{$HEAD,\\\"status\\\":{\\\"token\\\":\\\"T$(wc -l <runs | tr -d ' ')\\\","
                + "\\\"expirationTimestamp\\\":\\\"$(cat until)\\\"}}\"");
        try (KubernetesClient client = open()) {
            Files.writeString(until, Instant.now().plusSeconds(3600).toString());
            ask(client);
            ask(client);
            assertThat(runs()).isEqualTo(1);
        }
        try (KubernetesClient client = open()) {
            Files.writeString(until, Instant.now().minusSeconds(1).toString());
            ask(client);
            ask(client);
            assertThat(runs()).isEqualTo(3);
        }
    }

    @Test
    void showsTheCertificateThatAProgramGives() throws Exception {
        plugin("printf '{%s,\"status\":{\"clientCertificateData\":\"%s\",\"clientKeyData\":\"%s\"}}' \"$HEAD\""
                + " \"$(awk '{printf \"%s\\\\n\", $0}' server.crt)\" \"$(awk '{printf \"%s\\\\n\", $0}' server.key)\"");
        server.askForCertificates();

        try (KubernetesClient client = open()) {
            ask(client);
        }
        assertThat(server.last()).isEqualTo("/version certificate=CN=jrm");
    }

    @Test
    void aProgramThatNeverEndsIsEndedWithItsChildren() throws Exception {
        plugin("sleep 600 & echo $! >child; wait");
        KubeconfigContext context = context();
        ExecPlugin program = new ExecPlugin(
                java.util.Objects.requireNonNull(context.user().exec()),
                "user us",
                context.cluster(),
                Duration.ofSeconds(5));

        NodeException failure = catchThrowableOfType(NodeException.class, program::run);

        assertThat(failure).hasMessageContaining("5 s").hasMessageContaining("plugin");
        long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());
        await().atMost(TIMEOUT)
                .until(() ->
                        ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void readsBothPipesOfAProgram() throws Exception {
        plugin("head -c 3000000 /dev/zero >&2; echo \"{$HEAD,\\\"status\\\":{\\\"token\\\":\\\"T\\\"}}\"");
        try (KubernetesClient client = open()) {
            ask(client);
        }
        assertThat(server.last()).isEqualTo("/version authorization=Bearer T");
    }

    @Test
    void aTimeoutCanBeGivenForAProgramThatNeverStopsTalking() throws Exception {
        plugin("exec cat /dev/zero");
        try (KubernetesClient client = KubeconfigClient.open(context(), Duration.ofSeconds(2))) {
            assertThat(catchThrowableOfType(NodeException.class, () -> ask(client)))
                    .hasMessageContaining("2 s");
        }
        await().atMost(TIMEOUT)
                .until(() -> ProcessHandle.current()
                        .descendants()
                        .filter(ProcessHandle::isAlive)
                        .findAny()
                        .isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            echo "{$HEAD,\\"status\\":{\\"token\\":\\"T\\",\\"expirationTimestamp\\":\\"soon\\"}}" | expirationTimestamp
            printf '%s' "{$HEAD,\\"status\\":{\\"token\\":\\"a b\\nc\\"}}" | line break
            echo "{$HEAD,\\"status\\":{\\"token\\":7}}" | without a token
            echo "{$HEAD,\\"status\\":[]}" | without a token
            echo "{$HEAD}" | without a token
            echo '{"kind":"ExecCredential"}' | ExecCredential of client.authentication.k8s.io/v1
            echo "{$HEAD,\\"status\\":{\\"token\\":" | did not answer with JSON
            printf '\\377\\376\\000' | did not answer with JSON
            true | ExecCredential of client.authentication.k8s.io/v1
            head -c 3000000 /dev/zero | did not answer with JSON
            echo 'log in first' >&2; exit 3 | exit code 3: log in first
            printf 'a\\nb\\033[31m\\302\\205c' >&2; exit 3 | a b
            kill -9 $$ | exit code 137
            """)
    void namesWhatIsWrongWithAnAnswer(String script, String words) throws Exception {
        plugin(script);
        try (KubernetesClient client = open()) {
            NodeException failure = catchThrowableOfType(NodeException.class, () -> ask(client));
            assertThat(failure).hasMessageContaining(words).hasMessageContaining("plugin");
            assertThat(failure.getMessage()).doesNotContain("null", "Exception", "\n", "\u001b", "\u0085");
        }
        assertThat(server.last()).isEqualTo("nothing");
    }

    private void plugin(String script) throws IOException {
        Path file = Files.writeString(
                folder.resolve("plugin"),
                "#!/bin/sh\ncd " + folder + "\necho >>runs\n"
                        + "HEAD='\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\"'\n"
                        + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private long runs() throws IOException {
        try (var lines = Files.lines(folder.resolve("runs"))) {
            return lines.count();
        }
    }

    private KubeconfigContext context() throws IOException {
        Path file = Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: cl, user: us}}]
                clusters: [{name: cl, cluster: {server: 'https://SERVER', certificate-authority: server.crt}}]
                users: [{name: us, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin,
                  interactiveMode: Never}}}]
                """.replace("SERVER", server.https()));
        return KubeconfigContext.read(List.of(file));
    }

    private KubernetesClient open() throws IOException {
        return KubeconfigClient.open(context());
    }

    private static void ask(KubernetesClient client) {
        new ApiServer(client).send(ApiServer.Call.get("Asking for the version", "/version"), Deadline.in(TIMEOUT));
    }
}
