package org.jlab.jiriaf.jrm.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class JrmTest {

    private static final String SITE = """
            slurm:
              nodes: 2
              constraint: cpu
              walltime: 00:30:00
              qos: debug
              account: m3792
              reservation:
            jrm:
              nodename: jrm-test
              site: testsite
              config_class: perlmutter
              control_plane_ip: jiriaf2302
              apiserver_port: 38687
              kubeconfig: /home/user/kubeconfig
              image: docker:jlabtsai/vk-cmd:main
              vkubelet_pod_ips: [172.17.0.1]
              custom_metrics_ports: [2221, 1776]
            ssh:
              remote_proxy: jump.example.org
              remote: login33
              ssh_key: /home/user/.ssh/nersc
              password:
              build_script:
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Jrm.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String site(String text) throws IOException {
        return Files.writeString(folder.resolve("site.yaml"), text).toString();
    }

    static Stream<String> commandNames() {
        return names("", Jrm.commandLine());
    }

    private static Stream<String> names(String parent, CommandLine commands) {
        return commands.getSubcommands().entrySet().stream()
                .flatMap(each -> Stream.concat(
                        Stream.of(parent + each.getKey()), names(parent + each.getKey() + " ", each.getValue())));
    }

    @ParameterizedTest
    @MethodSource("commandNames")
    void everyCommandHasHelpWithAnExample(String command) {
        assertThat(run((command + " --help").split(" ", -1))).isZero();
        assertThat(out.toString()).contains("Usage: jrm " + command, "Example");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void listsItsCommandsAndExitCodes() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("quickstart", "add_wf", "get_wf", "delete_wf", "print_config", "render", "Exit code");
    }

    @Test
    void badUsageIsExitCodeTwoWithAHintOnStandardError() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("add_wff")).isEqualTo(2);
        assertThat(run("quickstart", "--nodes", "0")).isEqualTo(2);
        assertThat(run("delete_wf")).isEqualTo(2);
        assertThat(run("delete_ports", "300", "200")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("add_wf", "--nodes must be 1 to 200, not 0", "Which command?");
    }

    @Test
    void printsTheConfigurationAsUnderstood() throws IOException {
        assertThat(run("print_config", site(SITE))).isZero();
        assertThat(out.toString()).contains("nodename: jrm-test", "apiserver_port: 38687", "00:30:00");
    }

    @Test
    void aFaultySiteFileIsBadInputAndEveryFaultIsNamed() throws IOException {
        String faulty = SITE.replace("nodes: 2", "nodes: zero").replace("00:30:00", "soon");

        for (String command : List.of("print_config", "render", "add_wf")) {
            assertThat(run(command, site(faulty))).isEqualTo(2);
        }
        assertThat(err.toString()).contains("slurm.nodes", "zero", "slurm.walltime", "soon");
        assertThat(err.toString()).doesNotContain("\tat ");
        assertThat(run("print_config", folder.resolve("absent.yaml").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("absent.yaml");
    }

    @Test
    void previewsTheQueueScriptThatAnAgentOfTheSiteWouldSubmit() throws IOException {
        Path template = Files.writeString(folder.resolve("queue_template.yaml"), """
                #!/bin/bash -l
                #SBATCH --nodes=$${nodes}
                #SBATCH --mem=$${mem}
                #SBATCH --time=$${walltime}
                #SBATCH --partition=$${queue}
                #SBATCH --output=$${job_name}-%j.out
                $${pre_rocket}
                cd $${launch_dir}
                $${rocket_launch}
                $${post_rocket}
                """);
        Path adapter = Files.writeString(folder.resolve("my_qadapter.yaml"), """
                _fw_name: CommonAdapter
                _fw_q_type: SLURM
                _fw_template_file: %s
                rocket_launch: rlaunch -c /home/u/fw singleshot
                nodes:
                walltime: 24:00:00
                queue: batch
                post_rocket:
                """.formatted(template));
        String[] command = {
            "render", site(SITE), "--qadapter", adapter.toString(), "--launch-dir", "/home/u/launcher_1", "--fw-id", "7"
        };

        assertThat(run(command)).as("%s", err).isZero();

        String script = out.toString().split("==> FW_submit.script <==\n", -1)[1];
        assertThat(script)
                .startsWith("""
                        #!/bin/bash -l
                        #SBATCH --nodes=2
                        #SBATCH --time=00:30:00
                        #SBATCH --partition=batch
                        #SBATCH --output=""")
                .contains("\ncd /home/u/launcher_1\nrlaunch -c /home/u/fw singleshot --fw_id 7\n")
                .doesNotContain("$$", "--mem");
        Files.delete(template);
        assertThat(run(command)).isEqualTo(2);
        assertThat(err.toString()).contains("--queue-template");
    }

    @Test
    void rendersOntoStandardOutputOrIntoFiles() throws IOException {
        assertThat(run("render", site(SITE))).isZero();
        assertThat(out.toString()).contains("==> batch.sh <==", "#SBATCH --nodes=2", "==> jrm-test-00000001.sh <==");

        Path scripts = folder.resolve("scripts");
        assertThat(run("render", site(SITE), "--out", scripts.toString())).isZero();
        try (Stream<Path> files = Files.list(scripts)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "batch.sh", "jrm_node.sh", "jrm-test-00000000.sh", "jrm-test-00000001.sh");
        }
    }

    @Test
    void aDryRunShowsForwardsAndScriptsAndNeedsNobody() throws IOException {
        assertThat(run("add_wf", site(SITE), "--dry-run")).isZero();
        assertThat(out.toString())
                .contains("Nothing is done", "login33 through jump.example.org", "38687 API server", "#SBATCH");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void addingNeedsSomebodyWhoHoldsTheTunnels() throws IOException {
        assertThat(run("add_wf", site(SITE))).isEqualTo(2);
        assertThat(err.toString()).contains("--foreground");
    }

    @Test
    void jsonIsPrintedOnRequest() throws IOException {
        assertThat(run("print_config", site(SITE), "--json")).isZero();
        assertThat(out.toString()).startsWith("{\"slurm\":{").contains("\"walltime\":\"00:30:00\"");
        out.getBuffer().setLength(0);
        assertThat(run("render", site(SITE), "--json")).isZero();
        assertThat(out.toString()).startsWith("{\"batch.sh\":\"#!").contains("\"jrm-test-00000001.sh\":\"#!");
        out.getBuffer().setLength(0);
        assertThat(run("add_wf", site(SITE), "--dry-run", "--json")).isZero();
        assertThat(out.toString())
                .startsWith("{\"name\":\"testsite_jrm-test-00000000\"")
                .contains("\"kubelet_port\":10000", "\"-R localhost:38687:localhost:38687\"", "\"batch.sh\":\"#!");
        out.getBuffer().setLength(0);
        String folder = this.folder.resolve("scripts").toString();
        assertThat(run("render", site(SITE), "--json", "--out", folder)).isZero();
        assertThat(out.toString()).startsWith("[\"" + folder + "/batch.sh\",");
    }

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        assertThat(run("completion")).isZero();
        String script =
                Files.writeString(folder.resolve("completion"), out.toString()).toString();

        assertThat(complete(script, "jrm", "dele")).contains("delete_wf");
        assertThat(complete(script, "jrm", "connect", "m")).contains("metrics");
        assertThat(complete(script, "jrm", "targets", "--fo")).contains("--format");
    }

    /** What bash offers after these words. */
    private String complete(String script, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _complete_jrm;"
                        + " echo \"${COMPREPLY[*]}\"",
                "bash",
                script));
        command.addAll(List.of(words));
        Process bash = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void tunnelsByHandNeedPorts() throws IOException {
        assertThat(run("connect")).isEqualTo(2);
        assertThat(run("connect", "apiserver", site(SITE), "70000")).isEqualTo(2);
        assertThat(run("connect", "custom_metrics", site(SITE), "20001", "y2221", "jrm-a"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "db, apiserver, metrics, custom_metrics or workflow",
                        "port must be 1 to 65535, not 70000",
                        "ORIGINAL must be a port such as 2221 or x2221, not 'y2221'");
    }

    @Test
    void aLaunchpadFileThatIsNotThereIsBadInput() {
        assertThat(run("get_wf", "--launchpad", folder.resolve("absent.yaml").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("absent.yaml");
    }

    @Test
    void stackTracesAreShownOnRequestOnly() throws IOException {
        String faulty = site(SITE.replace("nodes: 2", "nodes: zero"));
        assertThat(run("print_config", faulty, "--debug")).isEqualTo(2);
        assertThat(err.toString()).contains("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"perlmutter", "ornl", "fabric", "test"})
    void aPasswordIsNeverPrinted(String profile) throws IOException {
        String secret = "marker-7f3a";
        String encoded = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
        String site = site(SITE.replace("config_class: perlmutter", "config_class: " + profile)
                .replace("password:", "password: " + encoded)
                .replace("ssh_key: /home/user/.ssh/nersc", "ssh_key:")
                .replace("nodes: 2", "nodes: 1"));

        for (List<String> command : List.of(
                List.of("print_config", site),
                List.of("render", site),
                List.of("add_wf", site, "--dry-run"),
                List.of("add_wf", site, "--dry-run", "--debug"))) {
            assertThat(run(command.toArray(String[]::new))).as(err.toString()).isZero();
        }
        assertThat(out.toString() + err).doesNotContain(secret, encoded);
    }

    static Stream<String> hostileValues() {
        return Stream.of(
                "a b", "$(touch x)", "`touch x`", "a'b", "a\\\"b", "gpu&hbm80g", "a\\nb", "ümlaut", "a;touch x");
    }

    @ParameterizedTest
    @MethodSource("hostileValues")
    void hostileValuesAreRefusedByNameOrRenderedIntoScriptsThatBashCanRead(String value) throws Exception {
        String[][] fields = {
            {"constraint: cpu", "slurm.constraint"},
            {"qos: debug", "slurm.qos"},
            {"account: m3792", "slurm.account"},
            {"nodename: jrm-test", "jrm.nodename"},
            {"site: testsite", "jrm.site"},
            {"kubeconfig: /home/user/kubeconfig", "jrm.kubeconfig"},
            {"image: docker:jlabtsai/vk-cmd:main", "jrm.image"},
            {"remote: login33", "ssh.remote"},
        };
        for (String[] field : fields) {
            String key = field[0].substring(0, field[0].indexOf(':'));
            String site = site(SITE.replace(field[0], key + ": \"" + value + "\""));
            Path scripts = folder.resolve("scripts-" + key);
            int code = run("render", site, "--out", scripts.toString());
            if (code == 0) {
                checkSyntax(scripts);
            } else {
                assertThat(err.toString()).as(field[1]).contains(field[1]);
            }
        }
        assertThat(folder.resolve("x")).doesNotExist();
    }

    private void checkSyntax(Path scripts) throws Exception {
        try (Stream<Path> files = Files.list(scripts)) {
            for (Path file : files.toList()) {
                Process bash = new ProcessBuilder("bash", "-n", file.toString())
                        .directory(folder.toFile())
                        .inheritIO()
                        .start();
                assertThat(bash.waitFor()).as(file.toString()).isZero();
            }
        }
    }
}
