package org.jlab.jiriaf.jrm.ssh.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.script.BatchJob;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The LaunchPad's forward in the queue script of FireWorks' agents, with OpenSSH's own client and server: jobs of one user that
 * share a host share it.
 */
@NeedsOpenSsh
class LaunchpadForwardTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** In the environment of everything that a job starts. */
    private static final String MARK = "LAUNCHPAD_FORWARD_TEST";

    /** Instead of a rocket: its connection to the LaunchPad stays open from its beginning to its last write. */
    private static final String ROCKET = """
            ask() {
                echo "$1" >&3 && IFS= read -r -t 10 -u 3 answer && [ "$answer" = "$1" ]
            }
            exec 3<>"/dev/tcp/localhost/PORT" && ask first || exit 2
            touch "$1.connected"
            until [ -e "$1.go" ]; do sleep 0.05; done
            ask last || exit 3
            exec 3>&-
            if [ -n "$2" ]; then
                tries=0
                until { exec 3<>"/dev/tcp/localhost/PORT" && ask another; } 2>/dev/null; do
                    tries=$((tries + 1))
                    [ "$tries" -lt 100 ] || exit 4
                    sleep 0.1
                done
            fi
            exit 0
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final EchoServer launchpad = new EchoServer();
    private final int port = freePort();
    private final List<Process> jobs = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private OpenSshServer login;

    @BeforeEach
    void prepare() throws IOException {
        login = new OpenSshServer(folder.resolve("sshd"));
        Files.writeString(
                folder.resolve("ssh_config"), """
                Host login33
                  HostName 127.0.0.1
                  Port %d
                  IdentityFile %s
                  IdentitiesOnly yes
                  UserKnownHostsFile %s
                """.formatted(login.port(), login.userKey(), login.knownHosts()));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        // Notes what the master has been told once it has done it.
        Files.writeString(bin.resolve("ssh"), """
                #!/bin/sh
                case " $* " in
                *' -O '*) ;;
                *) exec /usr/bin/ssh -F %1$s/ssh_config "$@" ;;
                esac
                /usr/bin/ssh -F %1$s/ssh_config "$@"
                code=$?
                echo "$*" >>%1$s/told
                exit "$code"
                """.formatted(folder));
        Files.setPosixFilePermissions(bin.resolve("ssh"), PosixFilePermissions.fromString("rwx------"));
        // Login node and compute node are one host here, so the LaunchPad cannot have the same port on both.
        String preRocket = Objects.requireNonNull(
                        new JrmScriptRenderer().render(job()).queue().preRocket())
                .replace(
                        ":localhost:" + port,
                        ":localhost:" + launchpad.endpoint().port());
        Files.writeString(folder.resolve("job"), preRocket + "\nbash rocket \"$@\"\n");
        Files.writeString(folder.resolve("rocket"), ROCKET.replace("PORT", Integer.toString(port)));
    }

    @AfterEach
    void close() throws IOException {
        jobs.forEach(Process::destroy);
        processes().forEach(ProcessHandle::destroyForcibly);
        login.close();
        launchpad.close();
    }

    private BatchJob job() {
        SiteConfig site = SiteConfig.parse("""
                slurm: {nodes: 1, walltime: 00:05:00}
                jrm: {nodename: jrm-test, site: s, config_class: test, kubeconfig: /k}
                ssh: {remote: login33}
                """, "test");
        return new BatchJob(site, List.of(new JrmNode("jrm-test-0", 10001, "172.17.0.1", List.of())), port);
    }

    private Process start(String name, String more) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "job", name, more)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".out").toFile());
        builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put(MARK, folder.toString());
        Process job = builder.start();
        jobs.add(job);
        await(name + " at the LaunchPad").atMost(PATIENCE).until(() -> {
            assertThat(job.isAlive()).as(said(name)).isTrue();
            return Files.exists(folder.resolve(name + ".connected"));
        });
        return job;
    }

    private void go(String name) throws IOException {
        Files.createFile(folder.resolve(name + ".go"));
    }

    private String said(String name) {
        try {
            return Files.readString(folder.resolve(name + ".out"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int end(Process job) throws InterruptedException {
        assertThat(job.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return job.exitValue();
    }

    @Test
    void aJobThatEndsLeavesAnotherItsConnectionToTheEndAndThenThePort() throws Exception {
        // The second one finds the port taken, and its rocket goes through the ssh of the first.
        Process first = start("first", "");
        Process second = start("second", "and connects again");

        go("first");
        await("the end of the first job's forward")
                .atMost(PATIENCE)
                .until(() -> !first.isAlive() || told().contains("-O stop"));
        go("second");

        assertThat(end(second)).as(said("second")).isZero();
        assertThat(end(first)).as(said("first")).isZero();
        await("nothing is left").atMost(PATIENCE).until(() -> processes().isEmpty());
    }

    @Test
    void aJobThatIsToldToEndTakesItsForwardAlong() throws Exception {
        Process job = start("first", "");

        // As a batch system does: everything that is there.
        processes().forEach(ProcessHandle::destroy);

        assertThat(end(job)).isEqualTo(143);
        await("nothing is left").atMost(PATIENCE).until(() -> processes().isEmpty());
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }

    private String told() throws IOException {
        Path file = folder.resolve("told");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    /** Whatever jobs have started and that still runs. */
    private List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> environment(process.pid()).anyMatch((MARK + "=" + folder)::equals))
                .toList();
    }

    private static Stream<String> environment(long pid) {
        try {
            byte[] content = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
            return Stream.of(new String(content, StandardCharsets.ISO_8859_1).split("\0", -1));
        } catch (IOException e) {
            // Somebody else's, or gone meanwhile.
            return Stream.of();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
