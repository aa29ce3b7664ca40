package org.jlab.jiriaf.jrm.ssh.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.JumpHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.OpenSshConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.UnsupportedOptions;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The SSH configuration, compared with what {@code ssh -G} makes of it. */
@NeedsOpenSsh
public class OpenSshConfigTest {

    @TempDir
    private Path folder = Path.of("unset");

    private Path config = Path.of("unset");

    @BeforeEach
    void writeConfig() throws IOException {
        Files.writeString(folder.resolve("sites"), """
                Host login??
                  HostName %h.chn.perlmutter.nersc.gov
                  ProxyJump first,second@jump.example:2222
                Host login* !login99
                  User elvis
                  CertificateFile ~/.ssh/nersc-cert.pub
                """);
        config = Files.writeString(folder.resolve("config"), """
                Include %s
                Host dtn
                  HostName dtn.example
                  Port 2200
                  IdentityFile ~/.ssh/%%r-at-%%h
                  IdentityFile %%d/.ssh/second
                  IdentitiesOnly yes
                  HostKeyAlias all-dtns
                  StrictHostKeyChecking accept-new
                Match host dtn.example user special
                  Port 2300
                Host *
                  User somebody
                  UserKnownHostsFile /tmp/one /tmp/two
                """.formatted(folder.resolve("sites")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"login04", "login99", "dtn", "special@dtn", "dtn:22", "else.example", "::1"})
    void saysWhatSshSays(String host) throws Exception {
        SshHop hop = host.equals("::1") ? new SshHop(host, null, 0) : SshHop.parse(host);
        Map<String, List<String>> expected = askSsh(hop);

        ResolvedHop resolved = new OpenSshConfig(settings()).resolve(hop);

        assertThat(resolved.host()).isEqualTo(first(expected, "hostname"));
        assertThat(resolved.user()).isEqualTo(first(expected, "user"));
        assertThat(resolved.port()).isEqualTo(Integer.parseInt(first(expected, "port")));
        assertThat(resolved.jumps().stream().map(JumpHop::toString).collect(Collectors.joining(",")))
                .isEqualTo(first(expected, "proxyjump"));
        assertThat(resolved.hostKeyName())
                .isEqualTo(expected.containsKey("hostkeyalias") ? first(expected, "hostkeyalias") : null);
        assertThat(resolved.acceptNew())
                .isEqualTo(first(expected, "stricthostkeychecking").equals("accept-new"));
        assertThat(resolved.identitiesOnly())
                .isEqualTo(first(expected, "identitiesonly").equals("yes"));
        assertThat(resolved.identityFiles()).hasSameSizeAs(expected.get("identityfile"));
    }

    private static String first(Map<String, List<String>> answer, String option) {
        return answer.getOrDefault(option, List.of("")).get(0);
    }

    private Map<String, List<String>> askSsh(SshHop hop) throws IOException {
        String user = hop.user() == null ? "" : " -l " + hop.user();
        String port = hop.port() == 0 ? "" : " -p " + hop.port();
        Process ssh = new ProcessBuilder("sh", "-c", "ssh -G -T -F " + config + user + port + " -- " + hop.host())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String answer = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return answer.lines()
                .map(line -> line.split(" ", 2))
                .filter(words -> words.length == 2)
                .collect(Collectors.groupingBy(
                        words -> words[0], Collectors.mapping(words -> words[1], Collectors.toList())));
    }

    @Test
    void expandsFileNames() {
        Path home = Path.of(System.getProperty("user.home"));

        ResolvedHop dtn = new OpenSshConfig(settings()).resolve(SshHop.parse("dtn"));
        ResolvedHop login = new OpenSshConfig(settings()).resolve(SshHop.parse("login04"));

        assertThat(dtn.identityFiles())
                .containsExactly(home.resolve(".ssh/somebody-at-dtn.example"), home.resolve(".ssh/second"));
        assertThat(login.certificateFiles()).containsExactly(home.resolve(".ssh/nersc-cert.pub"));
        assertThat(login.host()).isEqualTo("login04.chn.perlmutter.nersc.gov");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ProxyUseFdpass yes\n  ProxyCommand nc %h %p",
                "ProxyCommand nc %h %x",
                "IdentityFile ${NO_SUCH_VARIABLE}/key",
                "KnownHostsCommand /usr/bin/keys %H",
                "RevokedHostKeys /etc/ssh/revoked",
                "PKCS11Provider /usr/lib/opensc.so"
            })
    void refusesWhatCannotBeLeftOut(String option) throws IOException {
        Files.writeString(config, "Host login\n  " + option + "\n");
        OpenSshConfig openSshConfig = new OpenSshConfig(settings());

        TunnelException failure =
                catchThrowableOfType(TunnelException.class, () -> openSshConfig.resolve(SshHop.parse("login")));

        assertThat(failure.reason()).isEqualTo(Reason.CONFIGURATION);
        assertThat(failure.getMessage())
                .containsIgnoringCase(
                        option.startsWith("I") || option.endsWith("%x")
                                ? option.split(" ", 2)[1]
                                : option.split(" ", 2)[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a;b", "a`b`", "a$(b)", "a'b", "a&b", "a|b", "a>b", "a(b", "a\\b"})
    void keepsNamesForTheShellOutOfProxyCommands(String host) throws IOException {
        Files.writeString(config, "ProxyCommand nc '%h' %p\n");
        OpenSshConfig openSshConfig = new OpenSshConfig(settings());

        TunnelException failure =
                catchThrowableOfType(TunnelException.class, () -> openSshConfig.resolve(new SshHop(host, null, 0)));

        assertThat(failure.reason()).isEqualTo(Reason.CONFIGURATION);
    }

    @Test
    void namesWhatIsLeftOutAndNothingElse() {
        Map<String, List<String>> defaults =
                Map.of("ciphers", List.of("a,b"), "loglevel", List.of("INFO"), "port", List.of("22"));
        Map<String, List<String>> options = Map.of(
                "ciphers", List.of("a"),
                "loglevel", List.of("DEBUG"),
                "port", List.of("23"),
                "localforward", List.of("80 [there]:80", "81 [there]:81"));

        UnsupportedOptions unsupported = UnsupportedOptions.of(options, defaults);

        assertThat(unsupported.refused()).isEmpty();
        assertThat(unsupported.ignored()).containsExactly("ciphers a", "localforward 80 [there]:80 81 [there]:81");
        assertThat(UnsupportedOptions.of(defaults, defaults).ignored()).isEmpty();
    }

    private Settings settings() {
        return settings(config);
    }

    public static Settings settings(Path config) {
        Duration unused = Duration.ofSeconds(1);
        return new Settings(
                null,
                false,
                Settings.ConfigMode.OPENSSH,
                config,
                unused,
                unused,
                unused,
                unused,
                unused,
                unused,
                0,
                0,
                unused,
                file -> Optional.empty(),
                (hop, text, echo) -> Optional.empty(),
                event -> {});
    }
}
