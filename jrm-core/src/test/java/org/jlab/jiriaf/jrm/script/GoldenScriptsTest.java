package org.jlab.jiriaf.jrm.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The scripts of each profile, byte for byte. After an intended change: {@code mvn test -Dtest=GoldenScriptsTest
 * -Djrm.golden=write} in jrm-core, then read the difference.
 */
class GoldenScriptsTest {

    private static final String DESCRIPTION = """
            profile:
              container: podman-hpc
              start: srun-each
              srun_options: [--cpu-bind=none, "--comment=a b"]
              prologue: [module load podman-hpc, 'export SCRATCH="$HOME/scratch"']
            """;

    private static final String OPTIONS = """
              partition: gpu
              gpus_per_node: 4
              licenses: scratch,cfs
              mail_user: jrm@example.org
              mail_type: BEGIN,END
              signal: USR2@120
              directives: [exclusive, core-spec=4]
            """;

    private static final Path SOURCES = Path.of("src/test/resources/org/jlab/jiriaf/jrm/script/golden");

    static Stream<String> profiles() {
        return Stream.concat(SiteProfile.known().stream().map(SiteProfile::name), Stream.of("described"));
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void rendersExactlyTheseScripts(String profile) throws IOException {
        BatchScripts scripts = new JrmScriptRenderer().render(job(profile));
        check(profile + "/batch.sh", scripts.batchScript());
        check(profile + "/jrm_node.sh", scripts.sharedScript());
        check(profile + "/node.sh", scripts.nodeScripts().get(0).content());
        check(
                profile + "/run.sh",
                scripts.tasks().get(scripts.tasks().size() - 1).script());
        check(profile + "/queue.txt", text(scripts.queue()));
        LaunchScripts rocket = rocket(job(profile), scripts);
        check(profile + "/rocket.sh", rocket.batchScript());
        check(profile + "/tasks.sh", rocket.tasks());
    }

    private static LaunchScripts rocket(BatchJob job, BatchScripts scripts) {
        Launch launch = new Launch(17, 5, WorkflowState.RESERVED, "/l", "cp01", null, null, null, null, null);
        return new LaunchScriptRenderer()
                .render(
                        job.site(),
                        new LaunchQueue.Reservation(launch, job.name(), scripts.queue(), scripts.tasks()),
                        "/home/jrm/launches/jrm-1-2-3");
    }

    /** What the shell of each script says of it; {@code .ci/run} installs shellcheck. */
    @ParameterizedTest
    @MethodSource("profiles")
    void shellcheckFindsNothing(String profile) throws Exception {
        BatchScripts scripts = new JrmScriptRenderer().render(job(profile));
        LaunchScripts rocket = rocket(job(profile), scripts);
        assertThat(shellcheck("bash", scripts.batchScript())).isEmpty();
        assertThat(shellcheck("sh", scripts.sharedScript())).isEmpty();
        assertThat(shellcheck("sh", scripts.nodeScripts().get(0).content())).isEmpty();
        for (ScriptTask task : scripts.tasks()) {
            assertThat(shellcheck("sh", task.script())).isEmpty();
        }
        String preRocket = scripts.queue().preRocket();
        assertThat(preRocket == null ? "" : shellcheck("bash", preRocket)).isEmpty();
        assertThat(shellcheck("bash", rocket.batchScript())).isEmpty();
        assertThat(shellcheck("sh", rocket.tasks())).isEmpty();
    }

    static String shellcheck(String shell, String script) throws IOException, InterruptedException {
        Path file = Files.createTempFile("jrm-script", ".sh");
        try {
            Files.writeString(file, script);
            ProcessBuilder builder = new ProcessBuilder("shellcheck", "--norc", "--shell=" + shell, file.toString());
            Process process = start(builder.redirectErrorStream(true));
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            return code == 0 ? "" : code + "\n" + said;
        } finally {
            Files.delete(file);
        }
    }

    private static Process start(ProcessBuilder builder) throws IOException {
        try {
            return builder.start();
        } catch (IOException e) {
            assumeTrue(System.getenv("CI") != null, "shellcheck is not installed here");
            throw e;
        }
    }

    private static void check(String name, String content) throws IOException {
        Path file = SOURCES.resolve(name);
        if ("write".equals(System.getProperty("jrm.golden"))) {
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Files.writeString(file, content);
        }
        assertThat(content).as(name).isEqualTo(Files.readString(file));
    }

    private static String text(QueueSettings queue) {
        return "job_name: " + queue.jobName() + "\nwalltime: " + queue.walltime() + "\nnodes: " + queue.nodes()
                + "\nqos: "
                + queue.qos() + "\naccount: " + queue.account() + "\nconstraint: " + queue.constraint()
                + "\nreservation: " + queue.reservation() + "\npre_rocket:\n" + queue.preRocket() + "\n";
    }

    static BatchJob job(String profile) {
        String yaml = String.format(
                Locale.ROOT,
                """
                slurm:
                  nodes: 2
                  constraint: %s
                  walltime: %s
                  qos: debug
                  account: m0000
                  reservation: beamtime
                %sjrm:
                  nodename: jrm-%s
                  site: %s
                  apiserver_port: 38687
                  kubeconfig: /home/jrm/kube config
                  custom_metrics_ports: [2221, 1776]
                ssh:
                  remote: jrm@login33:2222
                %s""",
                profile.equals("fabric") ? "" : "gpu&hbm80g",
                profile.equals("fabric") ? "" : "00:30:00",
                profile.equals("described") ? OPTIONS : "",
                profile,
                profile,
                profile.equals("described") ? DESCRIPTION : "");
        List<JrmNode> nodes = IntStream.range(0, 2)
                .mapToObj(i -> new JrmNode(
                        String.format(Locale.ROOT, "jrm-%s-%08x", profile, 0xa1b2c3d4 + i),
                        10000 + i,
                        "172.17.0.1",
                        List.of(new MappedPort(20000 + 2 * i, 2221), new MappedPort(20001 + 2 * i, 1776))))
                .toList();
        return new BatchJob(SiteConfig.parse(yaml, profile), nodes, 27017);
    }
}
