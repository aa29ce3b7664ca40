package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.script.BatchJob;
import org.jlab.jiriaf.jrm.script.BatchScriptException;
import org.jlab.jiriaf.jrm.script.BatchScriptRenderer;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.script.NodeScript;
import org.jlab.jiriaf.jrm.site.JrmSettings;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.site.SlurmSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every renderer has to do. The scripts are run by real shells, beside stand-ins for what only a site has. */
public abstract class BatchScriptRendererContract {

    /** Values that a careless script would execute, split or lose. */
    protected static final List<String> HOSTILE = List.of(
            "a b",
            "$(touch pwned)",
            "`touch pwned`",
            "a'b",
            "a\"b",
            "gpu&hbm80g",
            ";touch pwned;",
            "\\",
            "naïve-名",
            "$$",
            "*");

    /** Makes a contract. */
    protected BatchScriptRendererContract() {}

    /**
     * The renderer under test.
     *
     * @return a renderer
     */
    protected abstract BatchScriptRenderer renderer();

    static Stream<String> profiles() {
        return SiteProfile.known().stream().map(SiteProfile::name);
    }

    static Stream<String> hostileValues() {
        return HOSTILE.stream();
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void givesEqualBytesForEqualJobs(String profile) {
        assertThat(renderer().render(job(profile, 3))).isEqualTo(renderer().render(job(profile, 3)));
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void endsEveryLineWithALineFeedAlone(String profile) {
        assertThat(allScripts(renderer().render(job(profile, 2))))
                .allSatisfy(script -> assertThat(script).endsWith("\n").doesNotContain("\r"));
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void writesScriptsThatShellsCanParse(String profile) throws Exception {
        BatchScripts scripts = renderer().render(job(profile, 2));
        for (String shell : List.of("bash", "dash")) {
            for (String script : allScripts(scripts)) {
                assertThat(syntaxErrors(shell, script)).as(script).isEmpty();
            }
        }
        if (scripts.queue().preRocket() != null) {
            assertThat(syntaxErrors("bash", scripts.queue().preRocket())).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void givesATaskForWhatNodesShareTwoPerNodeAndOneThatRunsThem(String profile) {
        assertThat(renderer().render(job(profile, 3)).tasks()).hasSize(8);
    }

    @Test
    void putsAllDirectivesBeforeTheFirstCommand() {
        List<String> lines =
                renderer().render(job("perlmutter", 2)).batchScript().lines().toList();
        int firstCommand = IntStream.range(0, lines.size())
                .filter(i -> !lines.get(i).isBlank() && !lines.get(i).startsWith("#"))
                .findFirst()
                .orElseThrow();
        assertThat(lines.subList(firstCommand, lines.size())).noneMatch(line -> line.startsWith("#SBATCH"));
        assertThat(lines.subList(0, firstCommand))
                .contains(
                        "#SBATCH --nodes=2",
                        "#SBATCH --time=00:05:00",
                        "#SBATCH --qos=debug",
                        "#SBATCH --account=m0000",
                        "#SBATCH --constraint=gpu&hbm80g");
    }

    @Test
    void asksNothingOfABatchSystemWhereThereIsNone() {
        assertThat(renderer().render(job("fabric", 1)).batchScript()).doesNotContain("#SBATCH");
    }

    @Test
    void keepsTheQueueScriptFreeOfDoubleDollars() {
        assertThat(renderer().render(job("perlmutter", 2)).queue().toString()).doesNotContain("$$");
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void hasNoSecretInAnyScript(String profile) {
        BatchScripts scripts = renderer().render(job(profile, 2));
        assertThat(scripts.toString()).doesNotContain("MARKER-OF-A-SECRET").doesNotContain("TUFSS0VSLU9GLUEtU0VDUkVU");
    }

    @Test
    void refusesATaskThatLinuxCannotRun() {
        List<MappedPort> ports = IntStream.range(0, 6000)
                .mapToObj(i -> new MappedPort(20000 + i, 1000 + i))
                .toList();
        JrmNode node = new JrmNode("jrm-test-0000000a", 10001, "172.17.0.1", ports);
        BatchJob job = new BatchJob(site("perlmutter", 1, "/kubeconfig", 6443), List.of(node), 27017);
        assertThatThrownBy(() -> renderer().render(job))
                .isInstanceOf(BatchScriptException.class)
                .hasMessageContaining("jrm-test-0000000a")
                .hasMessageContaining(Integer.toString(ScriptTask.MAX_BYTES));
    }

    @Test
    void tellsHowManyNodesOneCommandCanName() {
        assertThatThrownBy(() -> renderer().render(job("perlmutter", 9000)))
                .isInstanceOf(BatchScriptException.class)
                .hasMessageContaining("9000 nodes")
                .message()
                .satisfies(message -> {
                    Matcher fit = Pattern.compile("fits with (\\d+) nodes").matcher(message);
                    assertThat(fit.find()).as(message).isTrue();
                    int most = Integer.parseInt(fit.group(1));
                    renderer().render(job("perlmutter", most));
                    assertThatThrownBy(() -> renderer().render(job("perlmutter", most + 1)))
                            .isInstanceOf(BatchScriptException.class);
                });
    }

    @ParameterizedTest
    @MethodSource("hostileValues")
    void refusesADirectiveThatSbatchWouldMisread(String value) {
        SiteConfig site = site("perlmutter", 1, "/kubeconfig", 6443);
        SlurmSettings slurm = site.slurm();
        for (int field = 0; field < 4; field++) {
            SlurmSettings hostile = new SlurmSettings(
                    1,
                    field == 0 ? value : slurm.constraint(),
                    slurm.walltime(),
                    field == 1 ? value : slurm.qos(),
                    field == 2 ? value : slurm.account(),
                    field == 3 ? value : slurm.reservation());
            BatchJob job = new BatchJob(new SiteConfig(hostile, site.jrm(), site.ssh()), nodes(1), 27017);
            if (List.of("gpu&hbm80g", "*").contains(value)) {
                assertThat(renderer().render(job).batchScript()).contains("=" + value + "\n");
            } else {
                String name =
                        List.of("constraint", "qos", "account", "reservation").get(field);
                assertThatThrownBy(() -> renderer().render(job))
                        .isInstanceOf(BatchScriptException.class)
                        .hasMessageContaining("slurm." + name)
                        .hasMessageContaining(value);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void becomesOneJrmPerNodeAndTakesEverythingWithItWhenTold(String profile, @TempDir Path folder) {
        try (FakeSite site = new FakeSite(folder)) {
            BatchScripts scripts = renderer()
                    .render(new BatchJob(
                            site(profile, 2, site.file("kubeconfig").toString(), site.apiPort()), nodes(2), 27017));
            if (profile.equals("fabric")) {
                site.forwardApi();
            }
            Process script = site.start("sh", scripts.batchScript());
            awaitKubelets(site, script, 2);
            assertThat(site.calls("start.sh")).allSatisfy(call -> {
                assertThat(call.arguments())
                        .hasSize(7)
                        .containsExactly(
                                call.environment().get("KUBECONFIG"),
                                call.environment().get("NODENAME"),
                                call.environment().get("VKUBELET_POD_IP"),
                                call.environment().get("KUBELET_PORT"),
                                call.environment().get("JIRIAF_WALLTIME"),
                                call.environment().get("JIRIAF_NODETYPE"),
                                call.environment().get("JIRIAF_SITE"));
                assertThat(call.arguments().subList(2, 7))
                        .containsExactly(
                                "172.17.0.1",
                                call.arguments().get(1).endsWith("0") ? "10000" : "10001",
                                "240",
                                "gpu_hbm80g",
                                "site-1");
                assertThat(call.folder().resolve("virtual-kubelet")).exists();
            });
            assertThat(site.calls("start.sh"))
                    .extracting(call -> call.arguments().get(1))
                    .containsExactlyInAnyOrder("jrm-test-00000000", "jrm-test-00000001");
            script.destroy();
            assertThat(site.await(script).code()).as(site.logs()).isEqualTo(143);
            assertThat(site.processes()).isEmpty();
            assertThat(site.files()).noneMatch(file -> file.contains("image.") || file.startsWith("tmp/"));
        }
    }

    @Test
    void opensAllForwardsOfANodeByOneSsh(@TempDir Path folder) {
        try (FakeSite site = new FakeSite(folder)) {
            BatchScripts scripts = renderer()
                    .render(new BatchJob(
                            site("perlmutter", 1, site.file("kubeconfig").toString(), site.apiPort()),
                            nodes(1),
                            27017));
            Process script = site.start("sh", scripts.batchScript());
            awaitKubelets(site, script, 1);
            assertThat(site.calls("ssh"))
                    .singleElement()
                    .satisfies(call -> assertThat(call.arguments())
                            .containsSubsequence("-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes")
                            .containsSubsequence(
                                    "-L", site.apiPort() + ":localhost:" + site.apiPort(),
                                    "-R", "10000:localhost:10000",
                                    "-R", "20000:localhost:2221",
                                    "-R", "20001:localhost:1776")
                            .endsWith("login33"));
            script.destroy();
            site.await(script);
        }
    }

    @Test
    void sharesTheApiServersPortWithAnotherJrmOnTheNode(@TempDir Path folder) {
        try (FakeSite site = new FakeSite(folder)) {
            site.forwardApi();
            BatchScripts scripts = renderer()
                    .render(new BatchJob(
                            site("perlmutter", 1, site.file("kubeconfig").toString(), site.apiPort()),
                            nodes(1),
                            27017));
            Awaitility.await().until(() -> listens(site.apiPort()));
            Process script = site.start("sh", scripts.batchScript());
            awaitKubelets(site, script, 1);
            Awaitility.await().until(() -> !site.calls("ssh").isEmpty());
            assertThat(site.calls("ssh"))
                    .singleElement()
                    .satisfies(call -> assertThat(call.arguments())
                            .doesNotContain("-L")
                            .containsSubsequence("-R", "10000:localhost:10000"));
            script.destroy();
            site.await(script);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket("localhost", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void carriesValuesThatAShellWouldExecute(@TempDir Path folder) {
        String value = String.join(" ", HOSTILE);
        try (FakeSite site = new FakeSite(folder)) {
            String kubeconfig = site.file("kubeconfig " + value).toString();
            SiteConfig config = site("perlmutter", 1, kubeconfig, site.apiPort());
            JrmSettings jrm = config.jrm();
            JrmSettings hostile = new JrmSettings(
                    jrm.nodename(),
                    jrm.site(),
                    jrm.profile(),
                    value,
                    jrm.apiserverPort(),
                    kubeconfig,
                    "image " + value,
                    jrm.vkubeletPodIps(),
                    jrm.customMetricsPorts());
            BatchJob job = new BatchJob(new SiteConfig(config.slurm(), hostile, config.ssh()), nodes(1), 27017);
            Process script = site.start("sh", renderer().render(job).batchScript());
            awaitKubelets(site, script, 1);
            assertThat(site.calls("start.sh").get(0).arguments()).startsWith(kubeconfig);
            assertThat(site.calls("shifter").get(0).arguments()).contains("--image=image " + value);
            script.destroy();
            site.await(script);
            assertThat(site.files()).noneMatch(file -> file.endsWith("pwned") && !file.startsWith("kubeconfig "));
            assertThat(site.processes()).isEmpty();
        }
    }

    @Test
    void endsWithTheCodeOfAKubeletThatDies(@TempDir Path folder) {
        try (FakeSite site = new FakeSite(folder)) {
            site.letKubeletFail();
            BatchJob job = new BatchJob(
                    site("perlmutter", 2, site.file("kubeconfig").toString(), site.apiPort()), nodes(2), 27017);
            FakeSite.Ended ended =
                    site.await(site.start("sh", renderer().render(job).batchScript()));
            assertThat(ended.code()).isEqualTo(3);
            assertThat(ended.output()).contains("jrm-test-00000000").contains("jrm-test-00000001");
            assertThat(site.processes()).isEmpty();
        }
    }

    private static void awaitKubelets(FakeSite site, Process script, int count) {
        Awaitility.await()
                .atMost(30, TimeUnit.SECONDS)
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .failFast("the script ended", () -> !script.isAlive())
                .untilAsserted(() -> assertThat(site.calls("virtual-kubelet"))
                        .as(site.logs())
                        .hasSize(count));
    }

    /**
     * A job of some nodes with two custom metrics ports each.
     *
     * @param profile name of a site profile
     * @param nodes how many nodes
     * @return the job
     */
    protected static BatchJob job(String profile, int nodes) {
        return new BatchJob(site(profile, nodes, "/home/jrm/kubeconfig", 35679), nodes(nodes), 27017);
    }

    private static SiteConfig site(String profile, int nodes, String kubeconfig, int apiPort) {
        return SiteConfig.parse(
                String.format(Locale.ROOT, """
                slurm:
                  nodes: %d
                  constraint: gpu&hbm80g
                  walltime: 00:05:00
                  qos: debug
                  account: m0000
                jrm:
                  nodename: jrm-test
                  site: site-1
                  config_class: %s
                  apiserver_port: %d
                  kubeconfig: '%s'
                  vkubelet_pod_ips: [172.17.0.1]
                  custom_metrics_ports: [2221, 1776]
                ssh:
                  remote: login33
                  password: TUFSS0VSLU9GLUEtU0VDUkVU
                """, nodes, profile, apiPort, kubeconfig.replace("'", "''")), "test");
    }

    private static List<JrmNode> nodes(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new JrmNode(
                        String.format(Locale.ROOT, "jrm-test-%08x", i),
                        10000 + i,
                        "172.17.0.1",
                        List.of(new MappedPort(20000 + 2 * i, 2221), new MappedPort(20001 + 2 * i, 1776))))
                .toList();
    }

    private static List<String> allScripts(BatchScripts scripts) {
        List<String> all = new ArrayList<>();
        all.add(scripts.batchScript());
        all.add(scripts.sharedScript());
        scripts.nodeScripts().stream().map(NodeScript::content).forEach(all::add);
        scripts.tasks().stream()
                .map(task -> task.script().endsWith("\n") ? task.script() : task.script() + "\n")
                .forEach(all::add);
        return all;
    }

    private static String syntaxErrors(String shell, String script) throws Exception {
        Process process =
                new ProcessBuilder(shell, "-n").redirectErrorStream(true).start();
        process.getOutputStream().write(script.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? output : "exit " + process.exitValue() + ": " + output;
    }
}
