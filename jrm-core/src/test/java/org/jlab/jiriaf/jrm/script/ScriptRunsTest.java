package org.jlab.jiriaf.jrm.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.contract.FakeSite;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What jrm's own scripts do beyond the contract of renderers, in real shells. */
class ScriptRunsTest {

    private static final String PASSWORD = "UEFTUy1PRi1USEUtVVNFUg==";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static BatchJob job(FakeSite site, String profile, String jrm, String ssh) {
        SiteConfig config =
                SiteConfig.parse("""
                slurm: {nodes: 1, walltime: 00:05:00}
                jrm: {nodename: jrm-test, site: s, config_class: %s, apiserver_port: %d, kubeconfig: %s%s}
                ssh: {remote: login33%s}
                """.formatted(profile, site.apiPort(), site.file("kubeconfig"), jrm, ssh), "test");
        return new BatchJob(config, List.of(new JrmNode("jrm-test-0", 10001, "172.17.0.1", List.of())), 27017);
    }

    private static void awaitCall(FakeSite site, String command) {
        await().atMost(30, TimeUnit.SECONDS)
                .untilAsserted(
                        () -> assertThat(site.calls(command)).as(site.logs()).isNotEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shifter     | docker:user/vk:main | --image=docker:user/vk:main",
                "podman-hpc  | docker:user/vk:main | create user/vk:main true",
                "podman      | docker:user/vk:main | create user/vk:main true",
                "docker      | docker:user/vk:main | create user/vk:main true",
                "apptainer   | docker:user/vk:main | exec docker://user/vk:main cp",
                "singularity | /images/a b.sif     | exec /images/a b.sif cp",
                "none        | FOLDER/vk-cmd       | "
            })
    void fetchesTheImageOnceForAllNodesByEveryContainerRuntime(String runtime, String image, @Nullable String called) {
        try (FakeSite site = new FakeSite(folder)) {
            site.letKubeletFail();
            site.forwardApi();
            SiteConfig config = SiteConfig.parse(
                    """
                    slurm: {nodes: 2, walltime: 00:05:00}
                    jrm: {nodename: jrm-test, site: s, config_class: mine, apiserver_port: %d, kubeconfig: %s, image: '%s'}
                    ssh: {remote: login33}
                    profile: {container: %s, start: sh, node_tunnels: false}
                    """.formatted(
                                    site.apiPort(),
                                    site.file("kubeconfig"),
                                    image.replace("FOLDER", folder.toString()),
                                    runtime),
                    "test");
            List<JrmNode> nodes = List.of(
                    new JrmNode("jrm-test-0", 10001, "172.17.0.1", List.of()),
                    new JrmNode("jrm-test-1", 10002, "172.17.0.1", List.of()));

            FakeSite.Ended ended = site.await(site.start(
                    "sh",
                    new JrmScriptRenderer()
                            .render(new BatchJob(config, nodes, 27017))
                            .batchScript()));

            // That of the kubelet, which was in the image.
            assertThat(ended.code()).as(ended.output() + site.logs()).isEqualTo(3);
            assertThat(site.calls("start.sh")).hasSize(2);
            if (called != null) {
                assertThat(site.calls(runtime))
                        .extracting(call -> String.join(" ", call.arguments()))
                        .filteredOn(call -> call.startsWith(called))
                        .hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, is not executable", "false, there is no start.sh"})
    void tellsWhetherTheImageHasNoStartScriptOrOneThatCannotBeRun(boolean there, String reason) throws IOException {
        try (FakeSite site = new FakeSite(folder)) {
            Path start = site.file("vk-cmd/start.sh");
            if (there) {
                Files.setPosixFilePermissions(start, PosixFilePermissions.fromString("rw-------"));
            } else {
                Files.delete(start);
            }
            BatchJob job = job(site, "perlmutter", "", "");

            FakeSite.Ended ended = site.await(
                    site.start("sh", new JrmScriptRenderer().render(job).batchScript()));

            assertThat(ended.code()).isEqualTo(65);
            assertThat(site.launchFolder().resolve("jrm-test-0.exit"))
                    .content()
                    .startsWith("65 ")
                    .contains(reason);
        }
    }

    @Test
    void tellsTheJrmToEndWhenDrainingBegins() throws IOException {
        try (FakeSite site = new FakeSite(folder)) {
            // 240 s are left for the JRM, of which it may use two before it drains.
            BatchJob job = job(site, "perlmutter", ", drain: 238", "");
            Process script =
                    site.start("sh", new JrmScriptRenderer().render(job).batchScript());
            assertThat(site.await(script).code()).as(site.logs()).isZero();
            assertThat(site.launchFolder().resolve("jrm-test-0.exit")).hasContent("0 the walltime is over\n");
            assertThat(site.processes()).isEmpty();
        }
    }

    @Test
    void endsInOrderAtAnEarlyWarning() throws Exception {
        try (FakeSite site = new FakeSite(folder)) {
            // Without srun: the stand-in for it passes on one signal alone.
            BatchJob job = job(site, "test", "", "");
            Process script =
                    site.start("sh", new JrmScriptRenderer().render(job).batchScript());
            awaitCall(site, "virtual-kubelet");
            signal("USR2", script);
            assertThat(site.await(script).code()).as(site.logs()).isZero();
            assertThat(site.launchFolder().resolve("jrm-test-0.exit")).content().contains("warned");
            assertThat(site.processes()).isEmpty();
        }
    }

    @Test
    void givesSshThePathOfThePasswordAndNothingElse() throws Exception {
        try (FakeSite site = new FakeSite(folder)) {
            BatchJob job = job(site, "perlmutter", "", ", password: " + PASSWORD + ", node_password: true");
            BatchScripts scripts = new JrmScriptRenderer().render(job);
            Process script = site.start("sh", scripts.batchScript());
            awaitCall(site, "virtual-kubelet");
            assertThat(site.calls("ssh")).first().satisfies(call -> {
                assertThat(call.environment())
                        .containsEntry("SSH_ASKPASS", System.getenv("HOME") + "/.jrm/askpass-s_jrm-test-0")
                        .containsEntry("SSH_ASKPASS_REQUIRE", "force")
                        .containsKey("DISPLAY");
                assertThat(call.arguments())
                        .contains("NumberOfPasswordPrompts=1", "StrictHostKeyChecking=yes")
                        .doesNotContain("BatchMode=yes");
                assertThat(call.toString()).doesNotContain("PASS-OF-THE-USER").doesNotContain(PASSWORD);
            });
            assertThat(scripts.toString()).doesNotContain("PASS-OF-THE-USER").doesNotContain(PASSWORD);
            script.destroy();
            site.await(script);
        }
    }

    @Test
    void triesAPasswordThatIsRefusedThreeTimes() throws Exception {
        try (FakeSite site = new FakeSite(folder)) {
            Files.writeString(folder.resolve("bin/ssh"), """
                    #!/bin/sh
                    echo asked >>"$FAKE_SITE/asked"
                    echo 'u@login33: Permission denied (password).' >&2
                    exit 255
                    """);
            BatchJob job = job(site, "perlmutter", "", ", password: " + PASSWORD + ", node_password: true");
            Process script =
                    site.start("sh", new JrmScriptRenderer().render(job).batchScript());
            await().atMost(30, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(site.logs()).contains("trying no more"));
            assertThat(folder.resolve("asked")).content().hasLineCount(3);
            assertThat(site.logs()).contains("Permission denied");
            assertThat(script.isAlive()).as("waits for its walltime").isTrue();
        }
    }

    @Test
    void shellcheckFindsNothingInScriptsWithAPassword() throws Exception {
        try (FakeSite site = new FakeSite(folder)) {
            BatchJob job = job(site, "ornl", ", drain: 60", ", password: " + PASSWORD + ", node_password: true");
            BatchScripts scripts = new JrmScriptRenderer().render(job);
            assertThat(GoldenScriptsTest.shellcheck("bash", scripts.batchScript()))
                    .isEmpty();
            assertThat(GoldenScriptsTest.shellcheck("sh", scripts.sharedScript()))
                    .isEmpty();
            assertThat(GoldenScriptsTest.shellcheck(
                            "bash", Objects.requireNonNull(scripts.queue().preRocket())))
                    .isEmpty();
            assertThat(scripts.queue().toString()).doesNotContain("$$");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "dash"})
    void aRocketCarriesValuesThatAShellWouldExecute(String shell) throws Exception {
        String hostile = "a b $(touch pwned) `touch pwned` 'c' \"d\" ;touch pwned; \\ naïve-名 $$ * #";
        Path launch = Files.createDirectory(folder.resolve(hostile));
        Path inner = Files.createDirectory(launch.resolve("inner"));
        List<ScriptTask> tasks = List.of(
                new ScriptTask("printf '%s\\n' '" + hostile.replace("'", "'\\''") + "' >first"),
                new ScriptTask("cat <<'EOF' >second\n" + hostile + "\nEOF"),
                new ScriptTask("cat first second; echo \"$PWD\" >third; echo to see >&2; exit 7"),
                new ScriptTask("touch never"));
        // One script fails: what comes after it is not run.
        for (String site : List.of("fabric", "perlmutter")) {
            Path there = Files.createDirectory(inner.resolve(site));
            LaunchScripts scripts =
                    new LaunchScriptRenderer().render(config(site), reservation(tasks), there.toString());
            Files.writeString(there.resolve("tasks.sh"), scripts.tasks());
            Process process = new ProcessBuilder(shell, "-s")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().write(scripts.batchScript().getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isEqualTo(7);
            assertThat(said).contains(hostile + "\n" + hostile + "\n", "to see");
            assertThat(there.resolve("rocket/exit")).hasContent("7\n");
            assertThat(there.resolve("rocket/errors")).hasContent("to see\n");
            assertThat(there.resolve("third")).hasContent(there + "\n");
        }
        try (var files = Files.walk(folder)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName()))).doesNotContain("pwned", "never");
        }
    }

    private static SiteConfig config(String profile) {
        return SiteConfig.parse("""
                jrm: {nodename: jrm-test, site: %s, kubeconfig: /k}
                ssh: {remote: login33}
                """.formatted(profile), "test");
    }

    private static LaunchQueue.Reservation reservation(List<ScriptTask> tasks) {
        Launch launch = new Launch(17, 5, WorkflowState.RESERVED, "/l", "cp01", null, null, null, null, null);
        QueueSettings queue = new QueueSettings("j", null, 1, null, null, null, null, null);
        return new LaunchQueue.Reservation(launch, "j", queue, tasks);
    }

    private static void signal(String name, Process process) throws Exception {
        Process kill = new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor(Duration.ofSeconds(10).toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }
}
