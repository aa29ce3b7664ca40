package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A password in the site file: looked for in everything that a deployment writes, with every log switched on. */
class SecretIT {

    private static final Path JAR = Path.of(System.getProperty("jrm.jar", "target/jrm.jar"));
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String SECRET = "marker-5e7b1c";
    private static final String ENCODED = Base64.getEncoder().encodeToString(SECRET.getBytes(StandardCharsets.UTF_8));

    @Test
    void isInNoOutputLogDocumentScriptOrProcessList(@TempDir Path folder) throws Exception {
        try (Stage stage = Stage.open(1, List.of(2221));
                LaunchpadConnection launchpad = new LaunchpadConnection(
                        stage.network().controlPlane(), stage.launchpad().port())) {
            Path site = folder.resolve("site.yaml");
            String withPassword = Files.readString(stage.siteFile())
                    .replaceFirst("(?m)^  password:.*$", "")
                    .replaceFirst("(?m)^ssh:$", "ssh:\n  password: " + ENCODED);
            Files.writeString(site, withPassword);
            Path output = folder.resolve("output");
            Process jrm = start(stage, site, output);
            try {
                await().atMost(TIMEOUT)
                        .failFast(() -> !jrm.isAlive())
                        .until(() -> !stage.kubernetes()
                                .client()
                                .nodes()
                                .list()
                                .getItems()
                                .isEmpty());

                assertNoSecret("documents", documents(launchpad));
                assertNoSecret("scripts and job logs", contents(stage.launches()));
                assertNoSecret("process list", processes());
            } finally {
                jrm.destroy();
                assertThat(jrm.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
            assertThat(Files.readString(output)).contains("DEBUG").contains("logged in to");
            assertNoSecret("output and logs", List.of(Files.readString(output)));
        }
    }

    private static Process start(Stage stage, Path site, Path output) throws IOException {
        String controlPlane = stage.network().controlPlane().getHostAddress();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=debug",
                        "-Dorg.slf4j.simpleLogger.log.org.jlab.jiriaf=trace",
                        "-jar",
                        JAR.toString(),
                        "add_wf",
                        site.toString(),
                        "--foreground",
                        "--launchpad",
                        stage.launchpadFile().toString(),
                        "--kubeconfig",
                        stage.kubeconfig().toString(),
                        "--ssh-config",
                        "none",
                        "--known-hosts",
                        stage.knownHosts().toString(),
                        "--bind-address",
                        controlPlane,
                        "--apiserver-host",
                        controlPlane)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static List<String> documents(LaunchpadConnection launchpad) {
        List<String> documents = new ArrayList<>();
        for (String collection : launchpad.database().listCollectionNames()) {
            launchpad.database().getCollection(collection).find().forEach(document -> documents.add(document.toJson()));
        }
        return documents;
    }

    private static List<String> contents(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(SecretIT::content).toList();
        }
    }

    private static List<String> processes() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .flatMap(path -> Stream.of(path.resolve("cmdline"), path.resolve("environ")))
                    .map(SecretIT::content)
                    .toList();
        }
    }

    /** A file as text; empty if it is gone or not ours to read. */
    private static String content(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static void assertNoSecret(String where, List<String> texts) {
        assertThat(texts).as(where).isNotEmpty();
        assertThat(texts).as(where).noneMatch(text -> text.contains(SECRET) || text.contains(ENCODED));
    }
}
