package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/** Makes a hop of what {@code ssh -G} says about it, or of nothing: then it has the defaults. */
final class HostOptions {

    private static final int DEFAULT_PORT = 22;
    private static final Pattern TOKEN = Pattern.compile("%(.)");

    /** Keys that OpenSSH tries by default and that sshj can read. */
    private static final List<String> DEFAULT_IDENTITIES = List.of("id_ed25519", "id_ecdsa", "id_rsa");

    private final JumpHop wanted;
    private final SshHop hop;
    private final List<String> arguments;
    private final Map<String, List<String>> options;
    private final Path home;
    private final String host;
    private final int port;
    private final String user;
    private final String alias;

    /**
     * Takes an answer.
     *
     * @param wanted the hop
     * @param arguments the arguments with which {@code ssh -G} was asked, without the host
     * @param options what it said
     * @param home the user's home directory
     */
    HostOptions(JumpHop wanted, List<String> arguments, Map<String, List<String>> options, Path home) {
        this.wanted = wanted;
        this.hop = wanted.hop();
        this.arguments = arguments;
        this.options = options;
        this.home = home;
        this.host = one("hostname", hop.host());
        this.user = one("user", hop.user() != null ? hop.user() : System.getProperty("user.name"));
        this.port = Integer.parseInt(one("port", Integer.toString(hop.port() == 0 ? DEFAULT_PORT : hop.port())));
        this.alias = one("hostkeyalias", "");
    }

    private String one(String key, String otherwise) {
        List<String> values = options.get(key);
        return values == null || values.isEmpty() ? otherwise : values.get(0);
    }

    ResolvedHop read(Settings settings) {
        String command = one("proxycommand", "none");
        String expanded = command.equals("none") ? null : ProxyCommands.expand(command, proxyTokens(), hop.host());
        Optional<JumpHop> jump = expanded == null
                ? Optional.empty()
                : ProxyCommands.jump(expanded, Set.of(host + ":" + port, "[" + host + "]:" + port));
        return new ResolvedHop(
                hop,
                host,
                port,
                user,
                alias.isEmpty() ? null : alias,
                identities(),
                files(options.getOrDefault("certificatefile", List.of())),
                settings.knownHosts() != null ? List.of(settings.knownHosts()) : knownHosts(),
                settings.acceptNewHostKeys() || one("stricthostkeychecking", "").equals("accept-new"),
                one("identitiesonly", "no").equals("yes"),
                agent(),
                jump.map(List::of).orElseGet(() -> jumps(one("proxyjump", "none"))),
                jump.isPresent() ? null : expanded);
    }

    /** The tokens of ssh_config(5) for {@code ProxyCommand} and {@code ProxyJump}. */
    private Map<String, String> proxyTokens() {
        return Map.of(
                "h",
                host,
                "k",
                alias.isEmpty() ? hop.host() : alias,
                "n",
                hop.host(),
                "p",
                Integer.toString(port),
                "r",
                user);
    }

    private List<Path> identities() {
        List<String> named = options.get("identityfile");
        if (named == null) {
            return DEFAULT_IDENTITIES.stream()
                    .map(name -> home.resolve(".ssh").resolve(name))
                    .toList();
        }
        return files(named);
    }

    private List<Path> knownHosts() {
        List<Path> files = new ArrayList<>();
        for (String key : List.of("userknownhostsfile", "globalknownhostsfile")) {
            for (String value : options.getOrDefault(key, List.of())) {
                // Names with blanks stand there without quotes; most names are absolute.
                for (String name : value.split(value.startsWith("/") ? " +(?=[/~])" : " +", -1)) {
                    if (!name.equals("none")) {
                        files.add(inHome(name));
                    }
                }
            }
        }
        return files.isEmpty() ? List.of(home.resolve(".ssh/known_hosts")) : files;
    }

    private @Nullable Path agent() {
        String socket = one("identityagent", "SSH_AUTH_SOCK");
        if (socket.equals("none")) {
            return null;
        }
        if (socket.equals("SSH_AUTH_SOCK") || socket.startsWith("$")) {
            String variable = System.getenv(socket.replaceFirst("^\\$", ""));
            return variable == null || variable.isBlank() ? null : Path.of(variable);
        }
        return inHome(socket);
    }

    private List<JumpHop> jumps(String value) {
        if (value.equals("none") || value.isBlank()) {
            return List.of();
        }
        List<JumpHop> hops = new ArrayList<>();
        for (String jump :
                ProxyCommands.expand(value, proxyTokens(), hop.host()).split(",", -1)) {
            try {
                hops.add(new JumpHop(SshHop.parse(jump.strip().replaceFirst("^ssh://", "")), wanted.options()));
            } catch (IllegalArgumentException e) {
                throw SshFailureTranslator.failure(
                        Reason.CONFIGURATION,
                        "The SSH configuration of host " + hop.host() + " has the ProxyJump '" + value + "': "
                                + e.getMessage(),
                        e);
            }
        }
        return hops;
    }

    private List<Path> files(List<String> names) {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            if (!name.equals("none")) {
                files.add(file(name));
            }
        }
        return files;
    }

    /** Expands the name of a key or a certificate, which {@code ssh -G} prints as it stands in the configuration. */
    private Path file(String name) {
        if (!name.contains("%") && !name.contains("${") && (!name.startsWith("~") || name.startsWith("~/"))) {
            return inHome(name);
        }
        // Of the options with the same tokens, this one is printed with them expanded. Old versions lack %d there.
        String value = TOKEN.matcher(name)
                .replaceAll(match -> Matcher.quoteReplacement(
                        match.group(1).equals("d") ? home.toString().replace("%", "%%") : match.group()));
        List<String> asking = new ArrayList<>(
                List.of("-o", "ControlPath=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\""));
        asking.addAll(arguments);
        asking.addAll(List.of("--", hop.host()));
        try {
            List<String> answer = SshConfigDump.of(asking).getOrDefault("controlpath", List.of());
            return Path.of(answer.isEmpty() ? name : answer.get(0));
        } catch (IOException e) {
            throw new UncheckedIOException("'" + name + "' cannot be expanded: " + e.getMessage(), e);
        }
    }

    private Path inHome(String name) {
        return name.startsWith("~/") ? home.resolve(name.substring(2)) : Path.of(name);
    }
}
