package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.examples.Documents;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Types what stands in the documents, on a real site: each command does its work. Those that hold something until Ctrl-C get
 * it as soon as they hold it. What CI itself begins with, quickstart among it, it runs by itself.
 */
@Tag("practice")
class DocsCommandsTest {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Pattern ADDED = Pattern.compile("(?m)^(\\d+) ");
    private static final Pattern CREATED = Pattern.compile("\"id\":(\\d+),");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<Running> running = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Map<String, String> options;

    @SuppressWarnings("NullAway.Init")
    private EmbeddedLaunchpad launchpad;

    @BeforeEach
    void writeFiles() throws IOException {
        PracticeSite site = PracticeSite.find();
        launchpad = EmbeddedLaunchpad.start(folder.resolve("launchpad"), "127.0.0.1", PracticeSite.LAUNCHPAD_PORT);
        // No agent takes what is of this category.
        Files.writeString(
                folder.resolve("perlmutter.yaml"),
                SiteFile.perlmutter("perlmutter-idle").yaml());
        Path launchpadFile = Files.writeString(
                folder.resolve("my_launchpad.yaml"),
                "host: localhost\nport: " + PracticeSite.LAUNCHPAD_PORT + "\nname: " + ControlPlane.DATABASE + "\n");
        options = Map.of(
                "--launchpad",
                launchpadFile.toString(),
                "--ssh-config",
                site.sshConfig().toString(),
                "--known-hosts",
                site.knownHosts().toString(),
                "--kubeconfig",
                site.kubeconfig().toString());
        try (KubernetesClient cluster = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(site.kubeconfig().toFile()))
                .build()) {
            cluster.resource(PrometheusTest.serviceMonitors()).createOr(each -> each.patch());
            cluster.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName("monitoring")
                            .endMetadata()
                            .build())
                    .createOr(each -> each.patch());
        }
    }

    @AfterEach
    void interruptAll() throws InterruptedException {
        running.forEach(Running::interrupt);
        for (Running each : running) {
            each.thread.join(TIMEOUT.toMillis());
        }
        launchpad.close();
    }

    /** A command in a thread of its own, as a process of its own would be. */
    private final class Running {
        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final AtomicInteger exitCode = new AtomicInteger(-1);
        private final String command;
        private final Thread thread;

        Running(String command) {
            this.command = command;
            CommandLine jrm =
                    Jrm.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            String[] arguments = arguments(command, jrm);
            thread = new Thread(() -> exitCode.set(jrm.execute(arguments)), command);
            running.add(this);
            thread.start();
        }

        /** The files of the documents are in our folder, and the site is not that of the user's own configuration. */
        private String[] arguments(String text, CommandLine jrm) {
            List<String> words = Stream.of(text.split(" +", -1))
                    .map(word -> word.endsWith(".yaml") ? folder.resolve(word).toString() : word)
                    .collect(Collectors.toCollection(ArrayList::new));
            CommandSpec spec = jrm.getSubcommands().get(words.get(0)).getCommandSpec();
            options.forEach((option, value) -> {
                if (spec.findOption(option) != null && !words.contains(option)) {
                    words.addAll(List.of(option, value));
                }
            });
            return words.toArray(String[]::new);
        }

        /** Waits until it has said something. */
        void awaitSaid(Pattern what) {
            await(command)
                    .atMost(TIMEOUT)
                    .until(() -> what.matcher(out + "\n" + err).find() || !thread.isAlive());
            assertThat(out + "\n" + err).as(command).containsPattern(what);
        }

        String awaitSuccess() throws InterruptedException {
            thread.join(TIMEOUT.toMillis());
            assertThat(exitCode).as(command + "\n" + out + err).hasValue(0);
            return out.toString();
        }

        void interrupt() {
            thread.interrupt();
        }

        void interruptAndAwaitSuccess() throws InterruptedException {
            interrupt();
            awaitSuccess();
        }
    }

    private static int id(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void everyCommandThatIsWrittenThereDoesItsWork() throws Exception {
        List<String> commands = Documents.commands()
                .distinct()
                .filter(command -> !command.equals("quickstart"))
                .toList();
        assertThat(commands).anyMatch(each -> each.startsWith("doctor")).anyMatch(each -> each.startsWith("serve"));
        for (String command : commands) {
            Running now = new Running(command);
            if (command.startsWith("serve")) {
                now.awaitSaid(Pattern.compile("Listening on http://127.0.0.1:8888"));
                askService();
                now.interruptAndAwaitSuccess();
            } else if (command.contains("--foreground")) {
                now.awaitSaid(Pattern.compile("(?m)^\\d+ [\\s\\S]*(READY|Ctrl-C)"));
                now.interruptAndAwaitSuccess();
                new Running("delete_wf " + id(ADDED, now.out.toString())).awaitSuccess();
            } else if (command.contains("--follow")) {
                now.awaitSaid(Pattern.compile("applied"));
                now.interruptAndAwaitSuccess();
            } else if (command.startsWith("launch")) {
                now.awaitSaid(Pattern.compile("until Ctrl-C"));
                now.interruptAndAwaitSuccess();
            } else {
                assertThat(now.awaitSuccess()).isNotBlank();
            }
        }
    }

    /** As the documents do, with curl. */
    private void askService() throws Exception {
        List<String> lines =
                Documents.shellLines().filter(line -> line.startsWith("curl ")).toList();
        assertThat(lines).isNotEmpty();
        for (String line : lines) {
            Process curl = new ProcessBuilder("bash", "-c", line)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(curl.waitFor()).as(answer).isZero();
            new Running("delete_wf " + id(CREATED, answer)).awaitSuccess();
        }
    }

    @Test
    void prometheusTakesTheConfigurationThatIsWrittenThere() throws Exception {
        List<String> configurations = Documents.blocks().stream()
                .filter(block -> block.text().startsWith("scrape_configs:"))
                .map(Documents.Block::text)
                .toList();
        assertThat(configurations).isNotEmpty();
        for (String configuration : configurations) {
            Prometheus.check(Files.writeString(folder.resolve("prometheus.yml"), configuration + "\n"));
        }
    }
}
