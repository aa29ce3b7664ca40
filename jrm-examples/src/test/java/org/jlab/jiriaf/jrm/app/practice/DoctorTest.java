package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Breaks one thing after the other, and looks whether the doctor finds it and nothing else. */
@Tag("practice")
class DoctorTest {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String LOGIN = "login01";
    private static final String BASHRC = "/home/certuser/.bashrc";

    /** Puts commands that do not work first in the PATH of a login. */
    private static final String FAULTY_COMMANDS = """
            mkdir /home/certuser/faulty
            cd /home/certuser/faulty
            printf '%s\\n' '#!/bin/sh' 'exec /bin/date -d "+10 minutes" "$@"' >date
            printf '%s\\n' '#!/bin/sh' 'echo "sbatch: command not found" >&2' 'exit 127' >sbatch
            chmod 755 . date sbatch
            echo 'PATH=/home/certuser/faulty:$PATH' >/home/certuser/.bashrc
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private PracticeSite site;

    @SuppressWarnings("NullAway.Init")
    private EmbeddedLaunchpad launchpad;

    private Map<String, String> options = new HashMap<>();
    private String yaml = SiteFile.perlmutter("perlmutter").yaml();

    @BeforeEach
    void find() throws IOException {
        site = PracticeSite.find();
        launchpad = EmbeddedLaunchpad.start(folder.resolve("launchpad"), "127.0.0.1", PracticeSite.LAUNCHPAD_PORT);
        options.put(
                "--launchpad",
                file(
                        "my_launchpad.yaml",
                        "host: 127.0.0.1\nport: " + PracticeSite.LAUNCHPAD_PORT + "\nname: jiriaf\n"));
        options.put("--kubeconfig", site.kubeconfig().toString());
        options.put("--ssh-config", site.sshConfig().toString());
        options.put("--known-hosts", site.knownHosts().toString());
        // A connection that an earlier test broke may still hold its ports.
        site.run("sshd", LOGIN, "kill-sessions");
        await().atMost(TIMEOUT)
                .until(() -> Collections.disjoint(
                        site.listeningPorts(LOGIN), List.of(PracticeSite.LAUNCHPAD_PORT, PracticeSite.APISERVER_PORT)));
    }

    @AfterEach
    void stop() {
        launchpad.close();
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private record Examination(int exitCode, List<String> lines) {

        /** The lines of a status, such as {@code batch job  Slurm would not ..}. */
        List<String> all(String status) {
            return lines.stream()
                    .filter(line -> line.startsWith(status + " "))
                    .map(line -> line.substring(status.length()).strip())
                    .toList();
        }

        void assertFailures(String... patterns) {
            List<String> failures = all("failure");
            assertThat(failures).as(String.join("\n", lines)).hasSameSizeAs(patterns);
            for (int i = 0; i < patterns.length; i++) {
                assertThat(failures.get(i)).containsPattern(patterns[i]);
            }
            assertThat(exitCode).isEqualTo(patterns.length == 0 ? 0 : 1);
        }
    }

    private Examination examine() throws IOException {
        List<String> arguments = new ArrayList<>(List.of("doctor", file("site.yaml", yaml)));
        options.forEach((option, value) -> arguments.addAll(List.of(option, value)));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Jrm.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        System.out.println(out + "" + err);
        return new Examination(exitCode, out.toString().lines().toList());
    }

    @Test
    void whereAllIsWellThereAreOnlyTheWarningsOfADatabaseWithoutPasswordAndOfNoAccounting() throws IOException {
        Examination examination = examine();

        examination.assertFailures();
        assertThat(examination.all("warning"))
                .satisfiesExactly(
                        line -> assertThat(line).contains("launchpad password", "without a password"),
                        line -> assertThat(line).contains("slurm accounting", "exit files"));
        assertThat(examination.all("ok"))
                .hasSize(21)
                .anyMatch(line -> line.matches("ssh configuration +certuser@dtn.practice:22 \\('dtnproxy'\\), then .*"))
                .anyMatch(line -> line.matches("ssh keys +certificate of .* is valid for \\d+ h .*"))
                .anyMatch(line -> line.matches("kubernetes rights +our user may .*"))
                .anyMatch(line -> line.matches("batch job +Slurm would take the job: .*"));
    }

    @Test
    void whatTheSiteFileHasWrongIsFoundAtTheSite() throws IOException {
        yaml = yaml.replace("account: m3792", "account: m0000")
                .replace("/home/certuser/kubeconfig", "/home/certuser/absent")
                .replace("docker:jlabtsai/vk-cmd:main", "docker:jlabtsai/absent:main")
                .replace("apiserver_port: 38687", "apiserver_port: 38600");

        examine()
                .assertFailures(
                        "api server port .*localhost:38600.*jrm.apiserver_port",
                        "kubeconfig there .*No such file.*jrm.kubeconfig",
                        "image .*manifest unknown.*jrm.image",
                        "batch job .*account.*slurm.account");
        yaml = SiteFile.perlmutter("perlmutter").yaml().replace("qos: debug", "qos: express");
        options.put(
                "--kubeconfig",
                file(
                        "away",
                        Files.readString(site.kubeconfig())
                                .replace(":" + PracticeSite.APISERVER_PORT, ":" + (PracticeSite.APISERVER_PORT + 1))));
        examine().assertFailures("kubernetes ", "batch job .*(qos|QOS).*slurm.qos");
    }

    @Test
    void whatIsWrongOnTheLoginNodeIsFound() throws IOException {
        site.run("app", LOGIN, Integer.toString(PracticeSite.APISERVER_PORT), "start");
        site.in(LOGIN, "bash", "-ec", FAULTY_COMMANDS);
        try {
            examine()
                    .assertFailures(
                            "api server port there .*38687 is taken by no deployment",
                            "clock .*differ by (599|600|601) s",
                            "sbatch .*command not found.*login shell");
        } finally {
            site.in(LOGIN, "rm", "-r", BASHRC, "/home/certuser/faulty");
            site.run("app", LOGIN, Integer.toString(PracticeSite.APISERVER_PORT), "stop");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exec tcsh",
                "echo motd; printf 'no newline' >&2; trap 'echo bye' EXIT; alias cat=false; sbatch() { false; }"
            })
    void anyLoginShellWillDo(String start) throws IOException {
        site.in(LOGIN, "bash", "-c", "echo " + ShellQuote.quote(start) + " >" + BASHRC);
        try {
            examine().assertFailures();
        } finally {
            site.in(LOGIN, "rm", BASHRC);
        }
    }

    @Test
    void aLoginShellThatRunsNoCommandsIsFoundAndNothingElseIsBlamed() throws IOException {
        String nologin = "echo 'This account is currently not available.'; exit 1";
        site.in(LOGIN, "bash", "-c", "echo " + ShellQuote.quote(nologin) + " >" + BASHRC);
        try {
            Examination examination = examine();
            examination.assertFailures("login shell .*'This account is currently not available.'.*getent passwd");
            assertThat(examination.all("skipped")).anyMatch(line -> line.startsWith("login node "));
        } finally {
            site.in(LOGIN, "rm", BASHRC);
        }
    }

    @Test
    void forwardingThatIsNotAllowedIsFound() throws IOException {
        sshd("s/^AllowTcpForwarding yes/AllowTcpForwarding no/");
        try {
            Examination examination = examine();
            examination.assertFailures("forwarding .*AllowTcpForwarding.*admins");
            assertThat(examination.all("skipped"))
                    .anyMatch(line -> line.startsWith("launchpad port "))
                    .anyMatch(line -> line.startsWith("api server port there "));
        } finally {
            sshd("s/^AllowTcpForwarding no/AllowTcpForwarding yes/");
        }
    }

    /** Changes the configuration of sshd, which its next connections see. */
    private void sshd(String change) {
        Path config = site.knownHosts().resolveSibling("etc").resolve("sshd_config." + LOGIN);
        site.in(LOGIN, "bash", "-c", "sed -i '" + change + "' " + config + " && kill -HUP \"$(cat /run/sshd.pid)\"");
    }

    @Test
    void whoCannotLogInLearnsWhy() throws IOException {
        String key = folder.resolve("expired").toString();
        site.run("cert", "--valid", "-1s", key);
        String good = yaml;
        yaml = good + "  ssh_key: " + key + "\n";
        examine().assertFailures("ssh keys .*was valid until.*Get a new one", "ssh login .*was valid until");

        site.run("cert", "--valid", "10m", key);
        Examination soon = examine();
        soon.assertFailures();
        assertThat(soon.all("warning")).anyMatch(line -> line.matches("ssh keys .*valid for 0 h \\d min.*renew.*"));

        yaml = good;
        options.put("--known-hosts", file("known_hosts", ""));
        examine().assertFailures("ssh login .*host key");

        options.put("--known-hosts", site.knownHosts().toString());
        yaml = good.replace("remote: login01", "remote: login1");
        examine().assertFailures("ssh login .*login1");
        yaml = good;
        site.run("sshd", "jump", "stop");
        try {
            examine().assertFailures("ssh login .*dtn.practice");
        } finally {
            site.run("sshd", "jump", "start");
        }
    }

    @Test
    void aLaunchpadThatIsAwayAndRightsThatAreMissingAreFound() throws IOException {
        options.put("--launchpad", file("my_launchpad.yaml", "host: 127.0.0.1\nport: 27999\nname: jiriaf\n"));
        try (KubernetesClient admin = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(site.kubeconfig().toFile()))
                .build()) {
            grant(admin, "reader", "get", "list", "watch");
            try {
                options.put("--kubeconfig", kubeconfigOf("reader"));
                examine().assertFailures("launchpad .*27999", "kubernetes rights .*may not delete nodes.*ClusterRole");
            } finally {
                admin.rbac().clusterRoleBindings().withName("reader").delete();
                admin.rbac().clusterRoles().withName("reader").delete();
            }
        }
    }

    private static void grant(KubernetesClient admin, String user, String... verbs) {
        admin.rbac()
                .clusterRoles()
                .resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(user)
                        .endMetadata()
                        .addNewRule()
                        .addToApiGroups("")
                        .addToResources("nodes")
                        .addToVerbs(verbs)
                        .endRule()
                        .build())
                .create();
        admin.rbac()
                .clusterRoleBindings()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(user)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", user)
                        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                        .build())
                .create();
    }

    /** Signs a client certificate with the cluster's own authority. */
    private String kubeconfigOf(String user) throws IOException {
        Path pki = site.knownHosts().getParent().resolveSibling("control").resolve("pki");
        site.in(
                "control",
                "bash",
                "-ec",
                "cd " + folder
                        + "; openssl req -new -newkey rsa:2048 -nodes -keyout user.key"
                        + " -subj /CN=" + user + " -out user.csr; openssl x509 -req -days 1 -in user.csr -CA " + pki
                        + "/ca.crt -CAkey " + pki + "/ca.key -set_serial 77 -out user.crt");
        return file(
                "kubeconfig",
                Files.readString(site.kubeconfig())
                        .replaceAll(
                                "client-certificate-data: \\S+", "client-certificate: " + folder.resolve("user.crt"))
                        .replaceAll("client-key-data: \\S+", "client-key: " + folder.resolve("user.key")));
    }
}
