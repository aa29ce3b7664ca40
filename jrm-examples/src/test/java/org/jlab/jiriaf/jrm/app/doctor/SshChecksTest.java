package org.jlab.jiriaf.jrm.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;
import org.jlab.jiriaf.jrm.ssh.sshj.NeedsOpenSsh;
import org.jlab.jiriaf.jrm.ssh.sshj.OpenSshServer;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Breaks one thing at a site of OpenSSH's own server and looks whether the doctor names it, and nothing else. */
@NeedsOpenSsh
class SshChecksTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private @Nullable ExaminedSite started;

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private ExaminedSite site(String shell, String... options) throws IOException {
        ExaminedSite site = new ExaminedSite(folder.resolve("site"), shell, options);
        started = site;
        return site;
    }

    /** The message of the only failure, which has to be the login. */
    private static String refusedLogin(List<Finding> findings) {
        assertThat(ExaminedSite.of(findings, Status.FAILURE))
                .as(findings.toString())
                .extracting(Finding::check)
                .containsExactly("ssh login");
        assertThat(ExaminedSite.of(findings, Status.WARNING)).isEmpty();
        assertThat(ExaminedSite.of(findings, Status.SKIPPED))
                .extracting(Finding::check)
                .containsExactly("login node");
        return ExaminedSite.of(findings, Status.FAILURE).get(0).message();
    }

    /** <code>{own}</code> is the server's key, <code>{other}</code> another one, <code>{port}</code> its port. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ~[127.0.0.1]:{port} {other} | 2 | is not the one that | revoked
            [127.0.0.1]:{port} {own}~@revoked * {own} | 2 | revoked | ssh-keygen
            ~~[127.0.0.*]:*,![127.0.0.1]:{port} {own} | 3 | negated pattern | revoked
            """)
    void aHostKeyThatIsNotTrustedIsToldWithItsLine(String lines, int line, String cause, String otherCause)
            throws Exception {
        ExaminedSite site = site("bash");
        OpenSshServer server = site.server();
        Path other = folder.resolve("other");
        OpenSshServer.generateKey(other, "ed25519");
        Files.writeString(
                server.knownHosts(),
                lines.replace("{own}", publicKey(server.hostKey()))
                        .replace("{other}", publicKey(other))
                        .replace("{port}", Integer.toString(server.port()))
                        .replace('~', '\n'));

        assertThat(refusedLogin(site.examine()))
                .contains(server.knownHosts() + ":" + line, cause)
                .doesNotContain(otherCause);
    }

    private static String publicKey(Path key) throws IOException {
        return Files.readString(OpenSshServer.publicKey(key)).strip();
    }

    @Test
    void tooManyKeysAreToldAsSuch() throws Exception {
        ExaminedSite site = site("bash", "MaxAuthTries 2");
        StringBuilder config = new StringBuilder("Host *\n IdentitiesOnly yes\n");
        for (String name : List.of("a", "b", "c")) {
            Path key = folder.resolve(name);
            OpenSshServer.generateKey(key, "ed25519");
            config.append(" IdentityFile ").append(key).append('\n');
        }
        Path file = Files.writeString(folder.resolve("config"), config);

        List<Finding> findings = site.examine(
                SshjTunnelManager.builder()
                        .sshConfig(file)
                        .knownHosts(site.server().knownHosts()),
                false);

        assertThat(refusedLogin(findings)).contains("too many failures", "MaxAuthTries", "IdentitiesOnly");
    }

    /** Whether the end of its output or the broken pipe to it is seen first is a matter of chance. */
    @RepeatedTest(10)
    void aProxyCommandThatFailsIsToldWithItsWords() throws Exception {
        ExaminedSite site = site("bash");
        Path file =
                Files.writeString(folder.resolve("config"), "Host *\n ProxyCommand echo no way to %h >&2; exit 3\n");

        List<Finding> findings = site.examine(
                SshjTunnelManager.builder()
                        .sshConfig(file)
                        .knownHosts(site.server().knownHosts()),
                true);

        assertThat(refusedLogin(findings)).contains("ProxyCommand", "and said: no way to 127.0.0.1");
    }

    @Test
    void aSiteWithoutSftpIsAWarning() throws Exception {
        List<Finding> findings = site("bash", "Subsystem other internal-sftp").examine();

        assertThat(ExaminedSite.of(findings, Status.FAILURE)).isEmpty();
        assertThat(ExaminedSite.of(findings, Status.WARNING)).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("sftp");
            assertThat(finding.message()).contains("Subsystem sftp");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "tcsh", "fish"})
    void anyLoginShellThatWorksHasNoFinding(String shell) throws Exception {
        assertThat(site(shell).examine())
                .hasSize(16)
                .allSatisfy(finding -> assertThat(finding.status()).isEqualTo(Status.OK));
    }
}
