package org.jlab.jiriaf.jrm.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class KubeconfigTest {

    private static final String CONFIG = """
            apiVersion: v1
            kind: Config
            current-context: here
            clusters:
            - {name: other, cluster: {server: "https://other:6443"}}
            - {name: mine, cluster: {server: "https://cp.example.org:6443", certificate-authority: ca.crt}}
            users:
            - {name: somebody, user: {token: OTHERS}}
            - {name: me, user: {client-certificate: me.crt, client-key: me.key}}
            contexts:
            - {name: here, context: {cluster: mine, user: me, namespace: jrm}}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        Files.writeString(folder.resolve("ca.crt"), "authority");
        Files.writeString(folder.resolve("me.crt"), "certificate");
        Files.writeString(folder.resolve("me.key"), "PRIVATE");
        Files.writeString(folder.resolve("token"), "TOKEN\n");
    }

    private Kubeconfig read(UnaryOperator<String> change) throws IOException {
        return Kubeconfig.read(Files.writeString(folder.resolve("config"), change.apply(CONFIG)));
    }

    private static Map<?, ?> only(Kubeconfig config, String list, String kind) {
        Map<?, ?> root = map(new Load(LoadSettings.builder().build())
                .loadFromString(config.atSite(35679).reveal()));
        assertThat(root.get("current-context")).isEqualTo("jrm");
        List<?> entries = (List<?>) Objects.requireNonNull(root.get(list));
        assertThat(entries).hasSize(1);
        return map(map(entries.get(0)).get(kind));
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return (Map<?, ?>) Objects.requireNonNull(value);
    }

    @Test
    void leadsToTheForwardAndChecksTheNameOfTheServer() throws IOException {
        Map<?, ?> cluster = only(read(config -> config), "clusters", "cluster");
        assertThat(cluster.get("server")).isEqualTo("https://localhost:35679");
        assertThat(cluster.get("tls-server-name")).isEqualTo("cp.example.org");
        assertThat(cluster.get("certificate-authority-data")).isEqualTo("YXV0aG9yaXR5");
        assertThat(cluster.containsKey("certificate-authority")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "https://localhost:1, https://localhost:35679",
        "https://127.0.0.1:1, https://localhost:35679",
        "https://[::1]:1/k8s/a, https://localhost:35679/k8s/a"
    })
    void needsNoOtherNameForLoopback(String server, String there) throws IOException {
        Map<?, ?> cluster =
                only(read(config -> config.replace("https://cp.example.org:6443", server)), "clusters", "cluster");
        assertThat(cluster.get("server")).isEqualTo(there);
        assertThat(cluster.containsKey("tls-server-name")).isFalse();
    }

    @Test
    void takesCredentialsAlongAndNobodyElses() throws IOException {
        Kubeconfig config = read(text -> text);
        Map<?, ?> user = only(config, "users", "user");
        assertThat(user).hasSize(2);
        assertThat(user.get("client-certificate-data")).isEqualTo("Y2VydGlmaWNhdGU=");
        assertThat(user.get("client-key-data")).isEqualTo("UFJJVkFURQ==");
        assertThat(config.atSite(1).reveal()).doesNotContain("OTHERS").doesNotContain("other");
    }

    @Test
    void readsTheFileOfAToken() throws IOException {
        Kubeconfig config =
                read(text -> text.replace("client-certificate: me.crt, client-key: me.key", "tokenFile: token"));
        Map<?, ?> user = only(config, "users", "user");
        assertThat(user).hasSize(1);
        assertThat(user.get("token")).isEqualTo("TOKEN");
    }

    @Test
    void neverShowsWhatItHolds() throws IOException {
        Kubeconfig config = read(text -> text);
        assertThat(config + " " + config.atSite(1))
                .doesNotContain("UFJJVkFURQ")
                .doesNotContain("PRIVATE")
                .contains("cp.example.org");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "me.key}| me.key, exec: {command: aws}}| from a program (exec)",
                "me.key}| me.key, auth-provider: {name: oidc}}| from a program (auth-provider)",
                "client-key: me.key| client-key: gone.key| user 'me': client-key",
                "current-context: here| current-context: there| current-context is 'there', and there is no such context; it has 'here'",
                "user: me,| user: nobody,| context 'here': user is 'nobody', and there is no such user",
                "https://cp.example.org:6443| ftp://cp.example.org| server 'ftp://cp.example.org' is no address",
                "apiVersion: v1| {| is not YAML"
            })
    void refusesWhatCannotWorkAtASite(String part, String instead, String words) {
        assertThatThrownBy(() -> read(config -> config.replace(part, instead)))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("kubeconfig " + folder.resolve("config"))
                .hasMessageContaining(words);
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatThrownBy(() -> Kubeconfig.read(folder.resolve("none")))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void flattensWhatSomebodyElseCanUseWithoutTheFiles() throws IOException {
        Kubeconfig here = read(config -> config);

        Kubeconfig sent = Kubeconfig.parse(here.flattened().reveal());

        assertThat(here.flattened().reveal())
                .contains("https://cp.example.org:6443")
                .doesNotContain("me.key", "OTHERS", "PRIVATE");
        assertThat(sent.atSite(35679).reveal()).isEqualTo(here.atSite(35679).reveal());
    }

    @Test
    void readsNoFileThatSomebodyElseNames() {
        Path key = folder.resolve("me.key");

        assertThatThrownBy(() -> Kubeconfig.parse(CONFIG.replace("me.key", key.toString())))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("is a file")
                .hasMessageContaining("--flatten")
                .hasMessageNotContaining("PRIVATE");
        String user = "{client-certificate: me.crt, client-key: me.key}";
        assertThatThrownBy(() -> Kubeconfig.parse(CONFIG.replace(", certificate-authority: ca.crt", "")
                        .replace(user, "{tokenFile: " + folder.resolve("token") + "}")))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("tokenFile")
                .hasMessageNotContaining("TOKEN");
    }

    @Test
    void refusesFilesThatNeverEnd() {
        assertThatThrownBy(() -> read(config -> config.replace("ca.crt", "/dev/zero")))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("certificate-authority /dev/zero is larger than");
        assertThatThrownBy(() -> Kubeconfig.read(Path.of("/dev/zero")))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("it is larger than");
    }

    @Test
    void refusesWhatIsNestedUntilItsReaderHasNoStackLeft() {
        assertThatThrownBy(() -> Kubeconfig.parse("[".repeat(100_000)))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("more than 20 deep in each other");
    }
}
