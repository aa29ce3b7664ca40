package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.SSHClient;
import org.jlab.jiriaf.jrm.ssh.sshj.NeedsOpenSsh;
import org.jlab.jiriaf.jrm.ssh.sshj.OpenSshServer;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.HostKeyFinding.Verdict;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshjConfig;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the verdict on host keys with that of OpenSSH's client at OpenSSH's server. */
@NeedsOpenSsh
@Execution(ExecutionMode.CONCURRENT)
class HostKeysTest {

    private static final Duration ANSWER = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static HostKeyServers servers;

    @BeforeAll
    static void start() {
        servers = new HostKeyServers(folder);
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    /**
     * One sample: keys of the server, how it is named ({@code HOST:PORT} or {@code HOST:PORT=ALIAS}), the lines of known_hosts
     * ({@code ~} for a line end, {@code ^} for a tab, {@code %} for the end of the first and the beginning of the second
     * file; placeholders of {@link HostKeyServers#fill}), and the verdict of both.
     */
    @ParameterizedTest(name = "{0} | {1} | {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            # Names and ports.
            ed25519       | node.example.org:22 | node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | other.example.org {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org {other} | CHANGED
            ed25519       | NODE.example.ORG:22 | node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | Node.Example.ORG {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | a,node.example.org,b {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | [node.example.org]:22 {ed25519} | UNKNOWN
            ed25519       | node.example.org:2222 | [node.example.org]:2222 {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | [NODE.example.org]:2222 {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | [node.example.org]:2223 {ed25519} | UNKNOWN
            ed25519       | node.example.org:2222 | node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | node.example.org {other} | UNKNOWN
            ed25519       | node.example.org:2222 | [node.example.org]:2222 {other}~node.example.org {ed25519} | CHANGED
            ed25519       | node.example.org:2222 | [node.example.org]:2222 {ed25519}~node.example.org {other} | TRUSTED
            ed25519       | node.example.org:2222 | *.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | [*.example.org]:2222 {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | [node.example.org]:* {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | [node.example.org] {ed25519} | UNKNOWN
            # Patterns.
            ed25519       | node.example.org:22 | n?de.* {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | nod?.example {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | * {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | *.example.org,!bad.example.org {ed25519} | TRUSTED
            ed25519       | bad.example.org:22 | *.example.org,!bad.example.org {ed25519} | UNKNOWN
            ed25519       | node.elsewhere.org:22 | *.example.org,!bad.example.org {ed25519} | UNKNOWN
            ed25519       | bad.example.org:22 | !bad.example.org,*.example.org {ed25519} | UNKNOWN
            ed25519       | bad.example.org:22 | *.example.org,!BAD.* {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | !bad.example.org {ed25519} | UNKNOWN
            ed25519       | bad.example.org:22 | *,!bad.* {ed25519}~bad.example.org {ed25519} | TRUSTED
            ed25519       | bad.example.org:22 | *,!bad.* {ed25519}~bad.example.org {other} | CHANGED
            ed25519       | bad.example.org:22 | *,!bad.* {other} | UNKNOWN
            ed25519       | bad.example.org:2222 | [*]:2222,![bad.example.org]:2222 {ed25519} | UNKNOWN
            ed25519       | bad.example.org:2222 | *,![bad.example.org]:2222 {ed25519} | TRUSTED
            ed25519       | bad.example.org:2222 | *.example.org,!bad.example.org {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org,! {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | ,,node.example.org {ed25519} | TRUSTED
            # Hashed names.
            ed25519       | node.example.org:22 | {hash node.example.org} {ed25519} | TRUSTED
            ed25519       | NODE.example.org:22 | {hash node.example.org} {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | {hash Node.example.org} {ed25519} | UNKNOWN
            ed25519       | node.example.org:2222 | {hash [node.example.org]:2222} {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | {hash node.example.org} {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | {hash node.example.org} {other} | CHANGED
            ed25519       | node.example.org:22 | {hash node.example.org},node.example.org {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | "|1|bad|bad {ed25519}~node.example.org {ed25519}" | TRUSTED
            ed25519       | node.example.org:22 | @revoked {hash node.example.org} {ed25519}~* {ed25519} | REVOKED
            # Aliases.
            ed25519       | node.example.org:2222=alias | alias {ed25519} | TRUSTED
            ed25519       | node.example.org:2222=alias | [alias]:2222 {ed25519} | UNKNOWN
            ed25519       | node.example.org:2222=alias | node.example.org {ed25519} | UNKNOWN
            ed25519       | node.example.org:22=Alias | alias {ed25519} | TRUSTED
            ed25519       | node.example.org:22=Alias | {hash Alias} {ed25519} | UNKNOWN
            ed25519       | node.example.org:22=Alias | {hash alias} {ed25519} | TRUSTED
            # Several keys and files.
            ed25519       | node.example.org:22 | node.example.org {other}~node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | node.example.org {rsa} | CHANGED
            ed25519+rsa+ecdsa | node.example.org:22 | node.example.org {rsa} | TRUSTED
            ed25519+rsa+ecdsa | node.example.org:22 | node.example.org {ecdsa} | TRUSTED
            ed25519+rsa+ecdsa | node.example.org:22 | node.example.org {rsa}~node.example.org {other} | CHANGED
            ed25519+rsa+ecdsa | node.example.org:22 | node.example.org {rsa2}~node.example.org {ecdsa} | TRUSTED
            ed25519+rsa   | node.example.org:2222 | node.example.org {rsa} | UNKNOWN
            ed25519+rsa   | node.example.org:22 | node.example.org {rsa}~@revoked * {rsa} | CHANGED
            ed25519       | node.example.org:22 | node.example.org {other}%node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | node.example.org {ed25519}%@revoked * {ed25519} | REVOKED
            # Lines.
            ed25519       | node.example.org:22 | # node.example.org {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | ^ node.example.org^{ed25519} a comment | TRUSTED
            ed25519       | node.example.org:22 | node.example.org | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org ssh-ed25519 | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org ssh-ed25519 AAAA~node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | node.example.org ssh-ed25519 AAAA | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org ssh-unheard {blob ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org ssh-rsa {blob ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org {blob ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | node.example.org 2048 35 1234567 | UNKNOWN
            rsa           | node.example.org:22 | node.example.org rsa-sha2-512 {blob rsa} | TRUSTED
            ed25519       | node.example.org:22 | @unheard node.example.org {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | @revoked @revoked node.example.org {ed25519} | UNKNOWN
            ed25519       | node.example.org:22 | @REVOKED node.example.org {ed25519}~* {ed25519} | TRUSTED
            # Revoked keys.
            ed25519       | node.example.org:22 | node.example.org {ed25519}~@revoked * {ed25519} | REVOKED
            ed25519       | node.example.org:22 | @revoked * {ed25519}~node.example.org {ed25519} | REVOKED
            ed25519       | node.example.org:22 | @revoked * {other}~node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | @revoked *,!node.* {ed25519}~node.example.org {ed25519} | TRUSTED
            ed25519       | node.example.org:22 | @revoked * {ed25519} | REVOKED
            ed25519       | node.example.org:2222 | @revoked node.example.org {ed25519}~[node.example.org]:2222 {ed25519} | TRUSTED
            ed25519       | node.example.org:2222 | @revoked node.example.org {ed25519} | REVOKED
            ed25519       | node.example.org:2222 | @revoked node.example.org {ed25519}~node.example.org {ed25519} | REVOKED
            # Certificates.
            cert          | node.example.org:22 | @cert-authority *.example.org {ca} | TRUSTED
            cert          | node.example.org:22 | @cert-authority *.elsewhere.org {ca} | UNKNOWN
            cert          | node.example.org:22 | @cert-authority * {other} | UNKNOWN
            cert          | node.example.org:22 | *.example.org {ca} | CHANGED
            cert          | node.example.org:22 | @cert-authority *.example.org,!bad.example.org {ca} | TRUSTED
            cert          | node.example.org:22 | @cert-authority *.example.org,!node.example.org {ca} | UNKNOWN
            cert          | node.example.org:22 | @cert-authority !bad.example.org {ca} | UNKNOWN
            cert          | node.example.org:2222 | @cert-authority node.example.org {ca} | TRUSTED
            cert          | node.example.org:2222 | @cert-authority [node.example.org]:2222 {ca} | TRUSTED
            cert          | node.example.org:2222 | @cert-authority [*.example.org]:2222,![node.*]:2222 {ca} | UNKNOWN
            cert          | node.example.org:2222 | node.example.org {ed25519} | TRUSTED
            cert          | node.example.org:2222 | [node.example.org]:2222 {other}~node.example.org {ed25519} | TRUSTED
            cert          | node.example.org:2222 | @cert-authority * {ca}~@revoked node.example.org {ca} | TRUSTED
            cert          | node.example.org:2222 | @cert-authority node.example.org {ca}~@revoked node.example.org {ca} | REVOKED
            cert          | node.example.org:22 | node.example.org {ed25519} | TRUSTED
            cert          | node.example.org:22 | node.example.org {other} | CHANGED
            cert          | node.example.org:22 | node.example.org {cert} | CHANGED
            cert          | node.example.org:22 | @cert-authority * {ca}~node.example.org {other} | TRUSTED
            cert          | node.example.org:22 | @cert-authority * {ca}~@revoked * {ca} | REVOKED
            cert          | node.example.org:22 | @cert-authority * {ca}~@revoked * {ed25519} | REVOKED
            cert          | node.example.org:22 | @cert-authority * {ca}~@revoked * {cert} | REVOKED
            cert          | node.example.org:22 | node.example.org {ed25519}~@revoked * {ca} | REVOKED
            cert          | other.example.org:22=alias | @cert-authority alias {ca} | TRUSTED
            cert          | other.example.org:22=Alias | @cert-authority alias {ca} | TRUSTED
            cert          | node.example.org:22=ALIAS | @cert-authority * {ca} | TRUSTED
            cert-any      | node.example.org:22 | @cert-authority * {ca} | TRUSTED
            cert-other    | node.example.org:22 | @cert-authority * {ca} | UNKNOWN
            cert-other    | node.example.org:22 | @cert-authority * {ca}~* {ed25519} | TRUSTED
            cert-other    | node.example.org:22 | @cert-authority * {ca}~* {other} | CHANGED
            cert-wildcard | node.example.org:22 | @cert-authority * {ca} | UNKNOWN
            cert-case     | Node.Example.Org:22 | @cert-authority * {ca} | UNKNOWN
            cert-port     | node.example.org:2222 | @cert-authority * {ca} | UNKNOWN
            cert-expired  | node.example.org:22 | @cert-authority * {ca} | UNKNOWN
            cert-future   | node.example.org:22 | @cert-authority * {ca} | UNKNOWN
            cert-user     | node.example.org:22 | @cert-authority * {ca} | UNKNOWN
            cert-critical | node.example.org:22 | @cert-authority * {ca} | UNKNOWN
            cert-rsa      | node.example.org:22 | @cert-authority * {ca} | TRUSTED
            cert-by-rsa   | node.example.org:22 | @cert-authority * {rsa-ca} | TRUSTED
            cert-by-sha1  | node.example.org:22 | @cert-authority * {rsa-ca} | UNKNOWN
            """)
    void hostKeysCountAsWithSsh(String keys, String name, String lines, Verdict verdict) throws Exception {
        Target target = Target.of(name);
        OpenSshServer server = servers.server(keys);
        List<Path> files = knownHosts(servers.fill(lines));

        assertThat(ssh(server, target, files)).as("ssh").isEqualTo(verdict);
        assertThat(jrm(server, target, files)).as("jrm").isEqualTo(verdict);
    }

    private record Target(String host, int port, @Nullable String alias) {
        static Target of(String text) {
            String[] parts = text.split("[:=]", -1);
            return new Target(parts[0], Integer.parseInt(parts[1]), parts.length > 2 ? parts[2] : null);
        }
    }

    private static List<Path> knownHosts(String lines) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String text : lines.split("%", -1)) {
            Path file = Files.createTempFile(folder, "known_hosts", "");
            files.add(Files.writeString(file, text.replace('~', '\n').replace('^', '\t') + "\n"));
        }
        return files;
    }

    private static Verdict ssh(OpenSshServer server, Target target, List<Path> files) throws Exception {
        List<String> command = new ArrayList<>(List.of("ssh", "-F", "none", "-T", "-p", "" + target.port()));
        // The name need not be in the DNS, and the port need not be free.
        String connect = "exec 3<>/dev/tcp/127.0.0.1/" + server.port() + "; cat <&3 & cat >&3";
        for (String option : List.of(
                "ProxyCommand=bash -c '" + connect + "'",
                "StrictHostKeyChecking=yes",
                "UserKnownHostsFile="
                        + String.join(" ", files.stream().map(Path::toString).toList()),
                "GlobalKnownHostsFile=/dev/null",
                "KnownHostsCommand=none",
                "UpdateHostKeys=no",
                "BatchMode=yes",
                "PreferredAuthentications=none")) {
            command.addAll(List.of("-o", option));
        }
        if (target.alias() != null) {
            command.addAll(List.of("-o", "HostKeyAlias=" + target.alias()));
        }
        command.addAll(List.of("somebody@" + target.host(), "true"));
        Path output = Files.createTempFile(folder, "ssh", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(ANSWER.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return verdict(Files.readString(output));
    }

    private static Verdict verdict(String output) {
        if (output.contains("REVOKED HOST KEY")) {
            return Verdict.REVOKED;
        }
        if (output.contains("REMOTE HOST IDENTIFICATION HAS CHANGED")) {
            return Verdict.CHANGED;
        }
        if (output.contains("host key is known for")) {
            return Verdict.UNKNOWN;
        }
        assertThat(output).contains("Permission denied (");
        return Verdict.TRUSTED;
    }

    private static Verdict jrm(OpenSshServer server, Target target, List<Path> files) throws IOException {
        HostKeys hostKeys = new HostKeys(hop(target, files));
        try (SSHClient client = new SSHClient(new SshjConfig())) {
            client.addHostKeyVerifier(hostKeys);
            try {
                client.connect(InetAddress.getLoopbackAddress(), server.port());
                assertThat(hostKeys.refusal()).isNull();
            } catch (IOException e) {
                assertThat(hostKeys.refusal()).as("refusal; %s", e).isNotNull();
            }
            HostKeyFinding finding = hostKeys.finding();
            assertThat(finding).isNotNull();
            return finding.verdict();
        }
    }

    private static ResolvedHop hop(Target target, List<Path> files) {
        return new ResolvedHop(
                new SshHop(target.host(), "somebody", target.port()),
                target.host(),
                target.port(),
                "somebody",
                target.alias(),
                List.of(),
                List.of(),
                files,
                false,
                false,
                null,
                List.of(),
                null);
    }

    private static KnownHosts read(Path file) {
        return KnownHosts.read(List.of(file));
    }

    @Test
    void missingFileAndNullDeviceAreEmpty() {
        assertThat(read(folder.resolve("missing")).of("host").keys()).isEmpty();
        assertThat(read(Path.of("/dev/null")).of("host").keys()).isEmpty();
    }

    @Test
    @Timeout(60)
    void whatIsNoFileOrTooLargeIsRefused() throws IOException {
        Path pipe = folder.resolve("pipe");
        OpenSshServer.run(List.of("mkfifo", pipe.toString()));
        Path large = folder.resolve("large");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        for (Path file : List.of(pipe, large, folder, Path.of("/dev/zero"))) {
            assertThatThrownBy(() -> read(file))
                    .isInstanceOfSatisfying(
                            TunnelException.class,
                            e -> assertThat(e.reason()).isEqualTo(TunnelException.Reason.CONFIGURATION))
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void namesTheLineThatExcludesTheHost() throws IOException {
        Path file = Files.createTempFile(folder, "known_hosts", "");
        Files.writeString(file, "# one\n*,!bad.example.org ssh-ed25519 AAAA\n", StandardCharsets.UTF_8);

        assertThat(read(file).of("bad.example.org").remarks())
                .singleElement()
                .asString()
                .startsWith(file + ":2 ");
    }
}
