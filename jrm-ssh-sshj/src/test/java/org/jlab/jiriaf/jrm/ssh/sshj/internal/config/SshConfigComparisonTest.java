package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.ssh.sshj.NeedsOpenSsh;
import org.jlab.jiriaf.jrm.ssh.sshj.OpenSshConfigTest;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Configurations beside OpenSSH: what {@code ssh -G} prints; and of what it prints unexpanded, what {@code ssh -v} says when it
 * starts a proxy command. Each sample is a line: host, and the file with {@code /} for a line break with blanks around it.
 */
@NeedsOpenSsh
class SshConfigComparisonTest {

    private static final Pattern IDENTITY = Pattern.compile("debug1: identity file (.*) type -?\\d+");
    private static final Pattern CERTIFICATE = Pattern.compile("debug1: certificate file (.*) type -?\\d+");
    private static final Pattern PROXY = Pattern.compile("debug1: Executing proxy command: exec (.*)");

    @TempDir
    private Path folder = Path.of("unset");

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                // Names and patterns.
                "login | Host other / User x",
                "login | Host login / HostName login.example / User elvis / Port 2222",
                "LOGIN | Host login / HostName lower.example",
                "login04 | Host login?? / HostName %h.chn.example",
                "login04 | Host login* !login04 / User elvis",
                "login05 | Host login* !login04 / User elvis",
                "b | Host a b c / Port 99",
                "login | Host = login / HostName=login.example / Port = 77 / User= elvis",
                "login | host login / HOSTNAME login.example / uSeR elvis",
                "login | HostName first.example / Host * / HostName second.example",
                "login | Host login / HostName \"quoted.example\" / User 'single'",
                "login | Host \"login\" / Port \"2200\"",
                "login | Host login / HostName %%h.example",
                "login | Host login / # User no / User yes # comment / Port 23",
                "10.0.0.1 | Host 10.0.0.* / User net",
                "::1 | Host ::1 / User six",
                "elvis@login | Host * / User other",
                "login:2022 | Host * / Port 44",
                "login | Match all / User everybody",
                // Match and Include.
                "login | Match host login / User m / Match host other / Port 5",
                "login | Host login / HostName real.example / Match host real.example / User after",
                "login | Host login / HostName real.example / Match originalhost login / User original",
                "elvis@login | Match user elvis / Port 5001",
                "login | Match localuser nobody-at-all / Port 5002",
                "login | Match localuser @USER@ / Port 5002",
                "login | Match exec true / Port 5003",
                "login | Match exec false / Port 5003",
                "login | Match exec \"test %h = login\" / Port 5004",
                "login | Match host \"a*,log*,!logout\" / Port 5005",
                "login | Match !host other / Port 5006",
                "login | Include @DIR@/inc/* / User late",
                "login | Host login / Include @DIR@/inc/one / Host * / Port 9",
                "other | Host login / Include @DIR@/inc/one / Host * / Port 9",
                "login | Match host login / Include @DIR@/inc/two",
                "login | Include @DIR@/inc/missing / User here",
                "login | Include @DIR@/inc/one @DIR@/inc/two",
                // Canonical names.
                "login | CanonicalizeHostname yes / CanonicalDomains nowhere.invalid / User x",
                "login | CanonicalizeHostname always / CanonicalDomains nowhere.invalid / Match canonical / Port 88",
                "login | CanonicalizeHostname no / Match canonical / Port 88",
                "login | Match final / Port 89",
                "login | Match final host login / User f / Match host login / Port 90",
                "a.b.c | CanonicalizeHostname yes / CanonicalizeMaxDots 1 / CanonicalDomains nowhere.invalid",
                "login | CanonicalizeHostname yes / CanonicalDomains nowhere.invalid / ProxyJump jump",
                "localhost | CanonicalizePermittedCNAMEs *.a.invalid:*.b.invalid / CanonicalizeHostname yes",
                "localhost | CanonicalizeHostname yes / CanonicalizeFallbackLocal yes / Match final all / Port 91",
                // Files and tokens.
                "login | IdentityFile ~/.ssh/one / IdentityFile ~/.ssh/two",
                "login | IdentityFile \"~/.ssh/with blank\"",
                "login | IdentityFile ~/.ssh/%r@%h:%p",
                "login | Host login / HostName h.example / IdentityFile ~/.ssh/%n-%h-%k",
                "login | HostKeyAlias all / IdentityFile %d/.ssh/%k",
                "login | IdentityFile %d/%i/%u/%L/%l",
                "login | IdentityFile /keys/%C",
                "login | IdentityFile /keys/100%%/%%h",
                "login | IdentityFile ${HOME}/key / IdentityFile /x/$HOME/y",
                "login | IdentityFile ~@USER@/key",
                "login | IdentityFile none",
                "login | IdentityFile relative/key",
                "login | IdentityFile /a\\ b / IdentityFile \"/c \\\"d\\\"\"",
                "login | IdentitiesOnly yes / IdentityFile ~/.ssh/a.pub",
                "login | CertificateFile ~/.ssh/%r-cert.pub / CertificateFile ${HOME}/c-cert.pub",
                "login | IdentityAgent ~/agent-%h",
                "login | IdentityAgent none",
                "login | IdentityAgent SSH_AUTH_SOCK",
                "login | UserKnownHostsFile /kh/%h ~/kh2 ${HOME}/kh3",
                "login | UserKnownHostsFile \"/kh/with blank\" /kh/b",
                "login | GlobalKnownHostsFile /kh/global / StrictHostKeyChecking accept-new",
                // Jumps and commands.
                "login | ProxyJump jump",
                "login | ProxyJump elvis@one:2022,two / User x",
                "login | ProxyJump ssh://elvis@one:2022",
                "login | ProxyJump none / ProxyCommand nc %h %p",
                "login | ProxyCommand none / ProxyJump jump",
                "login | ProxyJump jump / ProxyCommand nc %h %p",
                "login | Host login / HostName h.example / User u / Port 7 / ProxyCommand x %h %n %p %r %% '%h'",
                "login | HostKeyAlias k / ProxyCommand x %k",
                "login | ProxyCommand ssh jump nc %h %p",
                "login | ProxyCommand sh -c \"cat <&3 && nc '%h' %p\"",
                "login | Host login / ProxyCommand nc -X 5 -x proxy:1080 %h %p / Host * / ProxyCommand none",
                "login | ServerAliveInterval 30 / ServerAliveCountMax 5 / ConnectTimeout 7 / Compression yes"
            })
    void saysWhatOpenSshSays(String host, String text) throws Exception {
        Path config = write(text);
        SshHop hop = host.equals("::1") ? new SshHop(host, null, 0) : SshHop.parse(host);
        Map<String, List<String>> dump = dump(config, hop);
        String log = log(config, hop);

        ResolvedHop resolved = new OpenSshConfig(OpenSshConfigTest.settings(config)).resolve(hop);

        Map<String, String> expected = new LinkedHashMap<>();
        Map<String, String> actual = new LinkedHashMap<>();
        expected.put("hostname", one(dump, "hostname"));
        actual.put("hostname", resolved.host());
        expected.put("user", one(dump, "user"));
        actual.put("user", resolved.user());
        expected.put("port", one(dump, "port"));
        actual.put("port", Integer.toString(resolved.port()));
        expected.put("hostkeyalias", one(dump, "hostkeyalias"));
        actual.put("hostkeyalias", resolved.hostKeyName() == null ? "" : resolved.hostKeyName());
        expected.put("identitiesonly", one(dump, "identitiesonly"));
        actual.put("identitiesonly", resolved.identitiesOnly() ? "yes" : "no");
        expected.put(
                "acceptnew", Boolean.toString(one(dump, "stricthostkeychecking").equals("accept-new")));
        actual.put("acceptnew", Boolean.toString(resolved.acceptNew()));
        expected.put("knownhosts", one(dump, "userknownhostsfile") + " " + one(dump, "globalknownhostsfile"));
        actual.put("knownhosts", words(resolved.knownHosts()));
        // Without CertificateFile, ssh tries FILE-cert beside each file.
        expected.put(
                "identityfile",
                found(IDENTITY, log).stream()
                        .filter(file -> !file.endsWith("-cert"))
                        .collect(Collectors.joining(" ")));
        actual.put("identityfile", words(resolved.identityFiles()));
        expected.put("certificatefile", String.join(" ", found(CERTIFICATE, log)));
        actual.put("certificatefile", words(resolved.certificateFiles()));
        expected.put("identityagent", agent(one(dump, "identityagent")));
        actual.put("identityagent", String.valueOf(resolved.agent()));
        expected.put("proxyjump", one(dump, "proxyjump").replace("ssh://", ""));
        actual.put("proxyjump", resolved.jumps().stream().map(JumpHop::toString).collect(Collectors.joining(",")));
        boolean command = !one(dump, "proxycommand").isEmpty();
        expected.put("proxycommand", command ? command(config, hop) : "null");
        actual.put("proxycommand", String.valueOf(resolved.proxyCommand()));

        assertThat(actual).isEqualTo(expected);
    }

    private Path write(String text) throws IOException {
        Files.createDirectories(folder.resolve("inc"));
        Files.writeString(folder.resolve("inc/one"), "User from-one\n");
        Files.writeString(folder.resolve("inc/two"), "Host login\n  Port 3333\n");
        String user = System.getProperty("user.name");
        return Files.writeString(
                folder.resolve("config"),
                text.replace(" / ", "\n").replace("@DIR@", folder.toString()).replace("@USER@", user) + "\n");
    }

    private static String one(Map<String, List<String>> dump, String option) {
        return dump.getOrDefault(option, List.of("")).get(0);
    }

    private static String words(List<Path> files) {
        return files.stream().map(Path::toString).collect(Collectors.joining(" "));
    }

    private static String agent(String value) {
        if (value.isEmpty() || value.equals("SSH_AUTH_SOCK")) {
            return String.valueOf(System.getenv("SSH_AUTH_SOCK"));
        }
        return value.equals("none") ? "null" : value;
    }

    private static List<String> found(Pattern pattern, String log) {
        return pattern.matcher(log).results().map(match -> match.group(1)).toList();
    }

    private static Map<String, List<String>> dump(Path config, SshHop hop) throws Exception {
        return ssh(config, hop, "-G")
                .lines()
                .map(line -> line.split(" ", 2))
                .filter(words -> words.length == 2)
                .collect(Collectors.groupingBy(
                        words -> words[0], Collectors.mapping(words -> words[1], Collectors.toList())));
    }

    /** What {@code ssh} does with a command that ends at once: by then it has looked for its keys. */
    private static String log(Path config, SshHop hop) throws Exception {
        return ssh(config, hop, "-v", "-o", "ProxyCommand=true", "-o", "ControlPath=none");
    }

    private static String command(Path config, SshHop hop) throws Exception {
        return Optional.of(PROXY.matcher(ssh(config, hop, "-v")))
                .filter(Matcher::find)
                .orElseThrow()
                .group(1);
    }

    private static String ssh(Path config, SshHop hop, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("ssh", "-T", "-F", config.toString()));
        command.addAll(List.of(options));
        if (hop.user() != null) {
            command.addAll(List.of("-l", hop.user()));
        }
        if (hop.port() != 0) {
            command.addAll(List.of("-p", Integer.toString(hop.port())));
        }
        command.addAll(List.of("--", hop.host()));
        Process ssh = new ProcessBuilder(command).redirectErrorStream(true).start();
        ssh.getOutputStream().close();
        String said = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(ssh.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said.replace("\r", "");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "ssh -W %h:%p jump | jump",
                "ssh -q -W '[%h]:%p' user@jump -p 2222 | user@jump -p 2222",
                "/usr/bin/ssh -W %h:%p jump | jump",
                "exec ssh -W %h:%p jump | jump",
                "ssh jump -W %h:%p | jump",
                "ssh -qaxW %h:%p jump | jump",
                "ssh -W%h:%p -l elvis jump | jump -l elvis",
                "ssh -W [%h]:%p jump | jump",
                "ssh -F /f -o BatchMode=yes -i ~/k -J first -W \"%h:%p\" jump | jump -F /f -o BatchMode=yes -i @HOME@/k -J first",
                "ssh ssh://jump:2022 -W %h:%p | jump:2022",
                "ssh jump nc %h %p | -",
                "ssh -W %h:%p jump echo | -",
                "ssh -W elsewhere:%p jump | -",
                "ssh -W %h:%p jump 2>/dev/null | -",
                "ssh -W %h:%p $JUMP | -",
                "ssh -f -W %h:%p jump | -",
                "ssh -L 1:a:2 -W %h:%p jump | -",
                "X=1 ssh -W %h:%p jump | -",
                "ssh -W %h:%p | -",
                "ssh -W | -",
                "sshpass ssh -W %h:%p jump | -",
                "nc %h %p | -"
            })
    void takesForwardingOfStandardInputForJump(String command, String expected) throws IOException {
        Path config = Files.writeString(folder.resolve("config"), "ProxyCommand " + command + "\n");

        ResolvedHop resolved = new OpenSshConfig(OpenSshConfigTest.settings(config)).resolve(SshHop.parse("login"));

        String jump = resolved.jumps().stream()
                .map(hop -> (hop + " "
                                + String.join(
                                        " ", Optional.ofNullable(hop.options()).orElse(List.of())))
                        .strip())
                .collect(Collectors.joining(","));
        assertThat(jump.isEmpty() ? "-" : jump).isEqualTo(expected.replace("@HOME@", System.getProperty("user.home")));
        assertThat(resolved.proxyCommand() == null).isEqualTo(!expected.equals("-"));
    }
}
