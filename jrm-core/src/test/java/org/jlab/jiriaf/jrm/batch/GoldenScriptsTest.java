package org.jlab.jiriaf.jrm.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
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

    private static final Path SOURCES = Path.of("src/test/resources/org/jlab/jiriaf/jrm/batch/golden");

    static Stream<String> profiles() {
        return Stream.concat(SiteProfile.known().stream().map(SiteProfile::name), Stream.of("described"));
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void rendersExactlyTheseScripts(String profile) throws IOException {
        BatchScripts scripts = new JrmScriptRenderer().render(job(profile));
        check(profile + "/batch.sh", scripts.batchScript());
        check(profile + "/node.sh", scripts.nodeScripts().get(0).content());
        check(
                profile + "/run.sh",
                scripts.tasks().get(scripts.tasks().size() - 1).script());
        check(profile + "/queue.txt", text(scripts.queue()));
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
