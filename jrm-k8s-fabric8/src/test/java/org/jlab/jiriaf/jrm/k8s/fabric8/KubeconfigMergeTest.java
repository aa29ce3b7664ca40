package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Several kubeconfigs, which jrm and kubectl merge side by side. A file of a row is a list of {@code current=CONTEXT}, {@code
 * context=NAME:CLUSTER/USER}, {@code cluster=NAME:S} (the server that answers; {@code D} is one that is not there) and {@code
 * user=NAME:TOKEN}, where the token {@code file} lies in a file beside that kubeconfig and is called like its folder.
 */
@EnabledIf(
        value = "org.jlab.jiriaf.jrm.k8s.fabric8.KubectlComparisonTest#hasKubectl",
        disabledReason = "needs kubectl; .ci/run builds one")
class KubeconfigMergeTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path folder;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static RecordingApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new RecordingApiServer(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            current=a context=a:c/u cluster=c:S user=u:T1 | current=b context=b:d/v cluster=d:D user=v:T2 | T1
            current=a | current=b context=a:c/u context=b:c/v cluster=c:S user=u:A user=v:B | A
            context=a:c/u | current=a cluster=c:S user=u:T1 | T1
            context=a:c/u | current=a context=a:c/v cluster=c:S user=u:A user=v:B | A
            cluster=c:S | current=a context=a:c/u cluster=c:D user=u:T1 | T1
            cluster=c:D | current=a context=a:c/u cluster=c:S user=u:T1 | ! nothing answers there
            user=u:FIRST | current=a context=a:c/u cluster=c:S user=u:SECOND | FIRST
            current=a context=a:c/u cluster=c:S | user=u:SECOND | SECOND
            user=u:file | current=a context=a:c/u cluster=c:S | one
            current=a context=a:c/u cluster=c:S | user=u:file | two
            user=u:file | current=a context=a:c/u cluster=c:S user=u:file | one
            current=a context=a:c/u cluster=c:S user=u:T1 | empty | T1
            empty | current=a context=a:c/u cluster=c:S user=u:T1 | T1
            current= | current=a context=a:c/u cluster=c:S user=u:T1 | T1
            current=a context=a:c/u cluster=c:S user=u:T1 | broken | ! two/config: 1 fault
            broken | current=a context=a:c/u cluster=c:S user=u:T1 | ! one/config: 1 fault
            current=gone | context=a:c/u cluster=c:S user=u:T1 | ! 'gone'
            current=a context=a:gone/u | cluster=c:S user=u:T1 | ! 'gone'
            """)
    void mergesAsKubectlDoes(String first, String second, String expected) throws Exception {
        List<Path> files = List.of(write("one", first), write("two", second));

        VersionRequest request = new VersionRequest(files, server::last);
        String asked = request.byJrm();
        String reference = request.byKubectl(folder);

        if (expected.startsWith("!")) {
            assertThat(asked).contains(expected.substring(1).strip()).doesNotContain("null", "Exception");
            assertThat(reference).isEqualTo("nothing");
        } else {
            assertThat(asked).isEqualTo("/version authorization=Bearer " + expected);
            assertThat(reference).isEqualTo(asked);
        }
    }

    private static Path write(String name, String content) throws IOException {
        Path parent = Files.createDirectories(folder.resolve(name));
        Files.writeString(parent.resolve("token"), name);
        Path file = parent.resolve("config");
        return Files.writeString(
                file, content.equals("empty") ? "" : content.equals("broken") ? "%%% {" : yaml(content));
    }

    private static String yaml(String content) {
        Map<String, List<String>> lists = new TreeMap<>();
        StringJoiner yaml = new StringJoiner("\n", "apiVersion: v1\nkind: Config\n", "\n");
        for (String entry : content.split(" ", -1)) {
            String[] parts = entry.split("[=:/]", -1);
            switch (parts[0]) {
                case "current" -> yaml.add("current-context: '" + parts[1] + "'");
                case "context" ->
                    add(lists, "contexts", parts[1], "context: {cluster: " + parts[2] + ", user: " + parts[3] + "}");
                case "cluster" ->
                    add(
                            lists,
                            "clusters",
                            parts[1],
                            parts[2].equals("S")
                                    ? "cluster: {server: 'https://" + server.https()
                                            + "', certificate-authority: ../server.crt}"
                                    : "cluster: {server: 'https://127.0.0.1:9'}");
                default ->
                    add(
                            lists,
                            "users",
                            parts[1],
                            parts[2].equals("file") ? "user: {tokenFile: token}" : "user: {token: " + parts[2] + "}");
            }
        }
        lists.forEach((name, entries) -> yaml.add(name + ": [" + String.join(", ", entries) + "]"));
        return yaml.toString();
    }

    private static void add(Map<String, List<String>> lists, String list, String name, String value) {
        lists.computeIfAbsent(list, key -> new ArrayList<>()).add("{name: " + name + ", " + value + "}");
    }
}
