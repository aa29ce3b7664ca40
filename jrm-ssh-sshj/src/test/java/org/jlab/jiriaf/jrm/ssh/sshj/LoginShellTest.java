package org.jlab.jiriaf.jrm.ssh.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.JrmProcesses;
import org.jlab.jiriaf.jrm.batch.host.HostScheduler;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmScheduler;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.deploy.internal.SitePreparation;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.launch.SiteLauncher;
import org.jlab.jiriaf.jrm.script.NodePassword;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.PortHeldException;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that jrm runs on a login node, for users of many shells with many start files. sshd starts the shell by a forced
 * command, so that no user of this machine has to be changed.
 */
@EnabledIf(
        value = "hasShells",
        disabledReason = "needs sshd and ssh, tcsh, csh, fish and zsh (Debian: openssh-server tcsh csh fish zsh)")
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
class LoginShellTest {

    private static final Duration TIME = Duration.ofSeconds(40);

    /** A program that a start file starts and that outlives the command, with its output. */
    private static final String LINGERS = "sleep 50 &\n";

    /** Takes every job, and writes what squeue says about it to a file of the home directory. */
    private static final String SBATCH = """
            for argument; do
                case $argument in --comment=*) comment=${argument#*=} ;; --job-name=*) name=${argument#*=} ;; esac
            done
            printf '\\0364711\\037alice\\037RUNNING\\037None\\037nid001\\0372026-11-30T20:00:00\\037' >~/jobs
            printf '2026-11-30T20:01:00\\037N/A\\037%s\\037%s\\n' "$name" "$comment" >>~/jobs
            echo 4711
            """;

    private final List<AutoCloseable> resources = new ArrayList<>();

    @TempDir
    private Path folder = Path.of("unset");

    /** Whether the programs are there. In CI they have to be. */
    static boolean hasShells() {
        return "true".equals(System.getenv("CI"))
                || (OpenSshServer.isInstalled()
                        && Stream.of("tcsh", "bsd-csh", "fish", "zsh")
                                .allMatch(shell -> Files.isExecutable(Path.of("/usr/bin", shell))
                                        || Files.isExecutable(Path.of("/bin", shell))));
    }

    /** A login shell and its start file. {@code BIN} is a folder that has to come first in PATH. */
    enum Login {
        DASH("dash", ".none", ""),
        BASH("bash", ".bashrc", "PATH=BIN:$PATH\n"),
        BASH_CHATTY(
                "bash",
                ".bashrc",
                "PATH=BIN:$PATH\necho Welcome; echo 'Last login: 1 GB free' >&2; printf '%s' 'no newline'\n"),
        BASH_EXIT_TRAP("bash", ".bashrc", "PATH=BIN:$PATH\ntrap 'echo bye; echo bye >&2; printf 42' EXIT\n"),
        BASH_LINGERING("bash", ".bashrc", "PATH=BIN:$PATH\n" + LINGERS),
        BASH_VERBOSE("bash", ".bashrc", "export PATH=BIN:$PATH\nset -vx\nset -eu -o pipefail\nexport SHELLOPTS\n"),
        BASH_READS("bash", ".bashrc", "PATH=BIN:$PATH\nread -r answer\n"),
        BASH_SHADOWS("bash", ".bashrc", """
                PATH=BIN:$PATH
                for name in sh cat printf read test env sed command unset id mkdir find echo cd grep cut kill tr sleep; do
                    eval "$name() { builtin echo shadowed; }"
                    export -f "$name"
                done
                alias cat=false sh=false printf=false
                """),
        BASH_TO_ZSH("bash", ".bashrc", "export PATH=BIN:$PATH\nexec zsh\n"),
        BASH_TO_TCSH("bash", ".bashrc", "export PATH=BIN:$PATH\nexec tcsh\n"),
        BASH_TO_BASH("bash", ".bashrc", "export PATH=BIN:$PATH\n[ -n \"$DONE\" ] || DONE=yes exec bash\n"),
        TCSH("tcsh", ".tcshrc", "setenv PATH BIN:$PATH\n"),
        TCSH_CHATTY(
                "tcsh",
                ".tcshrc",
                "setenv PATH BIN:$PATH\necho \"Unmatched '.\"\necho -n motd\nalias sh false\nset echo\n"),
        CSH("bsd-csh", ".cshrc", "setenv PATH BIN:$PATH\necho welcome\n"),
        TCSH_TO_BASH("tcsh", ".tcshrc", "setenv PATH BIN:$PATH\nexec bash\n"),
        FISH("fish", ".config/fish/config.fish", "set -x PATH BIN $PATH\n"),
        FISH_CHATTY("fish", ".config/fish/config.fish", """
                set -x PATH BIN $PATH
                echo hello
                function sh; false; end
                function bye --on-event fish_exit; echo bye; end
                """),
        ZSH("zsh", ".zshenv", "path=(BIN $path)\n"),
        ZSH_CHATTY("zsh", ".zshenv", """
                path=(BIN $path)
                print -n motd
                print -u2 motd
                alias sh=false -g ready=no
                TRAPEXIT() { print bye }
                setopt nounset shwordsplit
                """);

        private final String shell;
        private final String file;
        private final String content;

        Login(String shell, String file, String content) {
            this.shell = shell;
            this.file = file;
            this.content = content;
        }
    }

    @AfterEach
    void close() throws Exception {
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
    }

    private Path home() {
        return folder.resolve("home dir");
    }

    private Path executable(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/bash\n" + content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    /** A server whose user's home and login shell are these. */
    private OpenSshServer server(Login login) throws IOException {
        Path bin = folder.resolve("bin");
        Path start = home().resolve(login.file);
        Files.createDirectories(start.getParent());
        Files.writeString(start, login.content.replace("BIN", bin.toString()));
        // bash reads its start file where sshd has started it: SHLVL is not set then.
        String path = login == Login.DASH ? "PATH='" + bin + "':$PATH; export PATH\n" : "";
        return server(path + """
                HOME='%s'; export HOME
                unset SHLVL XDG_CONFIG_HOME ZDOTDIR
                cd
                case $SSH_ORIGINAL_COMMAND in
                internal-sftp) exec /usr/lib/openssh/sftp-server ;;
                esac
                exec %s -c "$SSH_ORIGINAL_COMMAND"
                """.formatted(home(), login.shell));
    }

    private OpenSshServer server(String forced) throws IOException {
        Path command = executable("login-shell", forced);
        OpenSshServer server = new OpenSshServer(folder.resolve("server"), "ForceCommand " + command);
        resources.add(server);
        return server;
    }

    private LoginSession session(OpenSshServer server) {
        SshjTunnelManager manager = server.manager().build();
        resources.add(manager);
        return manager.connect(server.route(), TIME);
    }

    private LoginSession session(Login login) throws IOException {
        executable("bin/there", "echo there\n");
        return session(server(login));
    }

    @ParameterizedTest
    @EnumSource
    void runsScriptsAndTellsHowTheyEnded(Login login) throws IOException {
        LoginSession session = session(login);

        assertThat(session.exec("printf 'out ä'; printf err >&2; exit 3", TIME))
                .isEqualTo(new ExecResult(3, "out ä", "err"));
        assertThat(session.exec("cat", TIME)).isEqualTo(new ExecResult(0, "", ""));
        assertThat(session.exec("there", TIME).output()).as("found by PATH").isEqualTo("there\n");
        assertThat(session.exec("absent-command", TIME).exitCode()).isEqualTo(127);
        assertThat(session.exec("if; then", TIME).exitCode()).isEqualTo(2);
        assertThat(session.exec("exit 137", TIME).exitCode()).isEqualTo(137);
        assertThat(session.exec("sh -c 'kill -s KILL $$'", TIME).exitCode()).isEqualTo(137);
        assertThat(session.exec("false; echo $undefined *.absent >file; cat file", TIME))
                .isEqualTo(new ExecResult(0, "*.absent\n", ""));
        List<String> arguments = List.of("it's", "a\nline", "!!", "$HOME", "", "\\n\\", "*", "~");
        assertThat(session.exec("printf '%s|' \"$@\"", arguments, TIME).output())
                .isEqualTo(String.join("|", arguments) + "|");
    }

    @ParameterizedTest
    @EnumSource
    void carriesDataOfAMebibyteBothWays(Login login) throws IOException {
        LoginSession session = session(login);
        byte[] data = new byte[1 << 20];
        new Random(1).nextBytes(data);
        String text = Base64.getMimeEncoder().encodeToString(data).replace("\r", "");

        ExecResult result = session.exec("base64 -d >data <<'END'\n" + text + "\nEND\nbase64 data", TIME);

        assertThat(result.error()).isEmpty();
        assertThat(home().resolve("data")).hasBinaryContent(data);
        assertThat(Base64.getMimeDecoder().decode(result.output())).isEqualTo(data);
    }

    @ParameterizedTest
    @EnumSource
    void asksAboutPorts(Login login) throws IOException {
        OpenSshServer server = server(login);
        LoginSession session = session(server);
        try (ServerSocket there = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.9"))) {
            assertThat(session.listeningPorts(TIME)).contains(there.getLocalPort(), server.port());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BASH_CHATTY", "BASH_TO_ZSH", "TCSH_CHATTY", "FISH"})
    void asksWhoHasAPort(Login login) throws IOException {
        OpenSshServer server = server(login);
        // Another connection of ours may end; anybody else stays.
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(refusal(server, remote(server, taken.getLocalPort())))
                    .returns(Reason.PORT_TAKEN, TunnelException::reason)
                    .satisfies(e -> assertThat(e.getCause()).isNotInstanceOf(PortHeldException.class));
        }
        Forward ours = remote(server, OpenSshServer.freePort());
        session(server).open(List.of(ours), TIME);
        assertThat(refusal(server, ours)).hasCauseInstanceOf(PortHeldException.class);
    }

    private static Forward remote(OpenSshServer server, int port) {
        return Forward.remote(new Endpoint("localhost", port), new Endpoint("127.0.0.1", server.port()));
    }

    private static TunnelException refusal(OpenSshServer server, Forward forward) {
        try (SshjTunnelManager manager =
                server.manager().heldPortTimeout(Duration.ofSeconds(1)).build()) {
            LoginSession session = manager.connect(server.route(), TIME);
            return catchThrowableOfType(TunnelException.class, () -> session.open(List.of(forward), TIME));
        }
    }

    @ParameterizedTest
    @EnumSource
    void runsJobsOnAHostWithoutBatchSystem(Login login) throws IOException {
        LoginSession session = session(login);
        HostScheduler scheduler = new HostScheduler();
        Path launch = Files.createDirectories(home().resolve("launch"));

        String id = scheduler.submit(
                session, new BatchSubmission(launch.toString(), "#!/bin/sh\nexec sleep 600", "a job", "token"), TIME);
        try {
            assertThat(scheduler.find(session, List.of(id), TIME).get(id))
                    .returns("a job", job -> job == null ? "" : job.name())
                    .returns("token", job -> job == null ? "" : job.comment());
        } finally {
            scheduler.cancel(session, id, TIME);
        }
        assertThat(scheduler.find(session, List.of(id), TIME)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void usesSlurm(Login login) throws IOException {
        LoginSession session = session(login);
        executable("bin/sbatch", "echo \"$@\" >called; echo '4711;cluster'\n");
        executable("bin/squeue", "exit 0\n");
        SlurmScheduler scheduler = new SlurmScheduler();
        Path launch = Files.createDirectories(home().resolve("launch folder"));

        String id = scheduler.submit(
                session, new BatchSubmission(launch.toString(), "#!/bin/sh\nexit 0\n", "a-job", "token"), TIME);

        assertThat(id).isEqualTo("4711");
        assertThat(launch.resolve("called")).content().contains("--comment=token");
        assertThat(scheduler.jobs(session, TIME)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void launchesAWorkflowAndFollowsItsJob(Login login) throws IOException {
        executable("bin/sbatch", SBATCH);
        executable("bin/squeue", "cat ~/jobs\n");
        executable("bin/sacct", "echo 'sacct: error: slurmdbd: Operation not permitted' >&2; exit 1\n");
        OpenSshServer server = server(login);
        SshjTunnelManager manager = server.manager().build();
        resources.add(manager);
        InMemoryWorkflowStore store = new InMemoryWorkflowStore(Clock.systemUTC());
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        SiteLauncher launcher = SiteLauncher.builder()
                .site(SiteConfig.parse(
                        "slurm: {nodes: 1, walltime: 00:05:00}\n"
                                + "jrm: {nodename: jrm, site: perlmutter, kubeconfig: /home/user/kubeconfig}\n"
                                + "ssh: {remote: '" + server.hop() + "', ssh_key: '" + server.userKey() + "'}\n",
                        "site.yaml"))
                .workflows(store)
                .tunnels(manager)
                .folder("launches of 'mine'")
                .build();
        resources.add(launcher);
        Files.createFile(home().resolve("jobs"));

        assertThat(launcher.pass()).isEqualTo(1);
        assertThat(launcher.pass()).as("squeue shows the job").isEqualTo(1);

        Launch launch = Objects.requireNonNull(store.find(id).orElseThrow().launch());
        assertThat(launch.jobId()).isEqualTo("4711");
        Path launchFolder = Path.of(Objects.requireNonNull(launch.launchDir()));
        assertThat(launchFolder.getParent())
                .isEqualTo(home().resolve("launches of 'mine'").toRealPath());
        assertThat(launchFolder.resolve("tasks.sh")).content().contains("true");

        Path report = Files.createDirectory(launchFolder.resolve("rocket"));
        Files.writeString(report.resolve("job"), "4711\n");
        Files.writeString(report.resolve("exit"), "0\n");
        Files.writeString(home().resolve("jobs"), "");
        assertThat(launcher.pass()).isZero();
        assertThat(store.find(id).orElseThrow().state()).isEqualTo(WorkflowState.COMPLETED);
    }

    @ParameterizedTest
    @EnumSource
    void putsTheKubeconfigWhereItsOwnerAloneReadsIt(Login login) throws IOException {
        Path local = Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: cl, user: us}}]
                clusters: [{name: cl, cluster: {server: 'https://127.0.0.1:6443', insecure-skip-tls-verify: true}}]
                users: [{name: us, user: {token: t}}]
                """);
        Path there = home().resolve("new/.kube/config");
        SiteConfig site = SiteConfig.parse(
                "slurm: {nodes: 1, walltime: 00:05:00}\n"
                        + "jrm: {nodename: jrm, site: perlmutter, apiserver_port: 35679, kubeconfig: \"" + there
                        + "\"}\n"
                        + "ssh: {remote: login}\n",
                "site.yaml");
        LoginSession session = session(login);

        var unused = new SitePreparation("jrm", site, Kubeconfig.read(local)).put(session, Deadline.after(TIME));

        assertThat(there).content().contains("https://localhost:35679");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there.getParent())))
                .isEqualTo("rwx------");
    }

    @ParameterizedTest
    @EnumSource
    void keepsPasswordsAndFindsJrms(Login login) throws Exception {
        LoginSession session = session(login);

        NodePassword.put(session, "s_jrm-1", Secret.of("pass 'word'"), TIME);

        Path kept = home().resolve(".jrm");
        assertThat(kept.resolve("password-s_jrm-1")).hasContent("pass 'word'\n");
        assertThat(Files.getPosixFilePermissions(kept)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        NodePassword.remove(session, "s_jrm-1", TIME);
        assertThat(kept).isEmptyDirectory();

        String node = "login-shell-" + OpenSshServer.freePort();
        Process jrm = new ProcessBuilder("sh", "-c", "JRM_RUN=" + node + ".$$.1 exec sleep 600").start();
        resources.add(jrm::destroyForcibly);
        await().atMost(TIME)
                .untilAsserted(
                        () -> assertThat(JrmProcesses.nodes(session, TIME)).contains(node));
        JrmProcesses.end(session, List.of(node), TIME);
        assertThat(jrm.waitFor()).isEqualTo(143);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "dash", "zsh"})
    void runsScriptsWhereBinShIs(String shell) throws IOException {
        Path sh = Files.createSymbolicLink(
                folder.resolve("sh"), Path.of("/usr/bin").resolve(shell));
        LoginSession session = session(server("""
                printf() { echo shadowed; }
                cat() { echo shadowed; }
                export -f printf cat
                export PS4=trace SHELLOPTS
                set -eux
                command=${SSH_ORIGINAL_COMMAND#/bin/sh}
                set -vx
                eval exec %s "$command"
                """.formatted(sh)));

        assertThat(session.exec("false; printf '%s' $undefined out; cat /dev/null; echo err >&2; exit 200", TIME))
                .isEqualTo(new ExecResult(200, "out", "err\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nologin         | echo 'This account is not available'; exit 1         | not available'.*exit code 1",
                "menu            | echo '1) mail'; read -r choice; echo 'no $choice'    | 1\\) mail",
                "echo            | exec cat                                             | printed",
                "leaves          | exit 0                                               | nothing, and ended with exit code 0",
                "killed          | echo killed; kill -s KILL $$                         | killed', and ended by signal KILL",
                "stdout lost     | exec >/dev/null; exec sh -c \"$SSH_ORIGINAL_COMMAND\" | printed nothing",
                "stderr lost     | exec 2>/dev/null; exec sh -c \"$SSH_ORIGINAL_COMMAND\" | not complete",
                "both in one     | exec 2>&1; exec sh -c \"$SSH_ORIGINAL_COMMAND\"     | not complete"
            })
    void aShellThatDoesNotRunTheScriptIsNoAnswer(String what, String shell, String message) throws IOException {
        LoginSession session = session(server(shell));

        assertThatThrownBy(() -> session.exec("echo answer", Duration.ofSeconds(6)))
                .isInstanceOfSatisfying(
                        TunnelException.class, e -> assertThat(e.reason()).isIn(Reason.PROTOCOL, Reason.TIMEOUT))
                .hasMessageMatching("(?s)Cannot run 'echo answer' on .*" + message + ".*");
    }

    @Test
    void aShellThatIsKilledMeanwhileIsNoAnswer() throws IOException {
        LoginSession session = session(Login.BASH);

        assertThatThrownBy(() -> session.exec("echo answer; kill -s KILL 0", TIME))
                .isInstanceOfSatisfying(
                        TunnelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL))
                .hasMessageContaining("not complete");
    }

    @Test
    void aProgramThatIsNotTheShellGetsNoScript() throws IOException {
        LoginSession session = session(server("exec cat >'" + folder.resolve("got") + "'\n"));

        assertThatThrownBy(() -> session.exec("echo secret", Duration.ofSeconds(3)))
                .isInstanceOf(TunnelException.class);

        assertThat(folder.resolve("got")).content().doesNotContain("secret");
    }
}
