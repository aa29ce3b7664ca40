package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code ~/.ssh/config} says about a host. OpenSSH itself is asked ({@code ssh -G}), so that patterns, {@code Include},
 * {@code Match}, tokens and defaults mean exactly what they mean to {@code ssh}. Without an {@code ssh} program a host that
 * no configuration file can concern has the defaults; a configuration file that cannot be read is an error.
 */
final class OpenSshConfig {

    private static final Logger LOG = LoggerFactory.getLogger(OpenSshConfig.class);
    private static final int DEFAULT_PORT = 22;
    private static final long ANSWER_SECONDS = 10;
    private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{?([A-Za-z_][A-Za-z_0-9]*)}?");

    /** Keys that OpenSSH tries by default and that sshj can read. */
    private static final List<String> DEFAULT_IDENTITIES = List.of("id_ed25519", "id_ecdsa", "id_rsa");

    /** What {@code ssh} takes for no configuration file at all. */
    private static final Path NO_FILE = Path.of("none");

    private final Settings settings;
    private final Path home;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    OpenSshConfig(Settings settings) {
        this.settings = settings;
        this.home = Path.of(System.getProperty("user.home"));
    }

    /** Finds out about a hop. Reads the files anew each time: they may have changed since the last connection. */
    ResolvedHop resolve(SshHop hop) {
        if (settings.configMode() == Settings.ConfigMode.NONE) {
            return read(hop, Map.of());
        }
        try {
            Map<String, List<String>> options = parse(run(command(hop, settings.configFile())));
            nameUnsupported(hop, UnsupportedOptions.of(options, parse(run(command(hop, NO_FILE)))));
            return read(hop, options);
        } catch (SshMissingException e) {
            Path userConfig = settings.configFile() != null ? settings.configFile() : home.resolve(".ssh/config");
            if (!Files.exists(userConfig)) {
                return read(hop, Map.of());
            }
            throw configuration(
                    "Cannot read " + userConfig + " for host " + hop.host()
                            + ": it takes OpenSSH's 'ssh -G', and there is no 'ssh' program here. Install the OpenSSH"
                            + " client, or build the tunnel manager with noSshConfig()",
                    e);
        } catch (IOException e) {
            throw configuration("Cannot read the SSH configuration of host " + hop.host() + ": " + e.getMessage(), e);
        }
    }

    private static List<String> command(SshHop hop, @Nullable Path configFile) {
        List<String> command = new ArrayList<>(List.of("ssh", "-G", "-T"));
        if (configFile != null) {
            command.addAll(List.of("-F", configFile.toString()));
        }
        if (hop.user() != null) {
            command.addAll(List.of("-l", hop.user()));
        }
        if (hop.port() != 0) {
            command.addAll(List.of("-p", Integer.toString(hop.port())));
        }
        command.addAll(List.of("--", hop.host()));
        return command;
    }

    private static final class SshMissingException extends IOException {
        private static final long serialVersionUID = 1L;

        SshMissingException(IOException cause) {
            super("no 'ssh' program", cause);
        }
    }

    private static String run(List<String> command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new SshMissingException(e);
        }
        try {
            // The answer is a few kilobytes: it ends when the process does.
            CompletableFuture<?> unused = process.onExit()
                    .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .whenComplete((p, late) -> {
                        // To destroy one that has ended would close the stream that is being read.
                        if (late != null) {
                            process.destroy();
                        }
                    });
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("ssh -G said: " + answer.strip());
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while ssh -G ran", e);
        } finally {
            process.destroy();
        }
    }

    private static Map<String, List<String>> parse(String answer) {
        Map<String, List<String>> options = new HashMap<>();
        for (String line : answer.lines().toList()) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                options.computeIfAbsent(line.substring(0, blank).toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                        .add(line.substring(blank + 1).strip());
            }
        }
        return options;
    }

    private ResolvedHop read(SshHop hop, Map<String, List<String>> options) {
        String user = one(options, "user", hop.user() != null ? hop.user() : System.getProperty("user.name"));
        int port =
                Integer.parseInt(one(options, "port", Integer.toString(hop.port() == 0 ? DEFAULT_PORT : hop.port())));
        String host = one(options, "hostname", hop.host());
        String alias = one(options, "hostkeyalias", "");
        return new ResolvedHop(
                hop,
                host,
                port,
                user,
                alias.isEmpty() ? null : alias,
                identities(options, host, user),
                files(options.getOrDefault("certificatefile", List.of()), host, user),
                knownHosts(options, host, user),
                settings.acceptNewHostKeys()
                        || one(options, "stricthostkeychecking", "").equals("accept-new"),
                one(options, "identitiesonly", "no").equals("yes"),
                agent(options, host, user),
                jumps(one(options, "proxyjump", "none")));
    }

    private void nameUnsupported(SshHop hop, UnsupportedOptions unsupported) {
        if (!unsupported.refused().isEmpty()) {
            throw configuration(
                    "The SSH configuration of host " + hop.host() + " asks for what jrm does not do: "
                            + String.join(", ", unsupported.refused())
                            + ". Use ProxyJump, or a Host entry of its own for jrm",
                    null);
        }
        for (String option : unsupported.ignored()) {
            if (warned.add(hop.host() + " " + option)) {
                LOG.warn("The SSH configuration of host {} has an option that jrm leaves out: {}", hop.host(), option);
            }
        }
    }

    private static String one(Map<String, List<String>> options, String key, String otherwise) {
        List<String> values = options.get(key);
        return values == null || values.isEmpty() ? otherwise : values.get(0);
    }

    private List<Path> identities(Map<String, List<String>> options, String host, String user) {
        List<String> named = options.get("identityfile");
        if (named == null) {
            return DEFAULT_IDENTITIES.stream()
                    .map(name -> home.resolve(".ssh").resolve(name))
                    .toList();
        }
        return files(named, host, user);
    }

    private List<Path> knownHosts(Map<String, List<String>> options, String host, String user) {
        if (settings.knownHosts() != null) {
            return List.of(settings.knownHosts());
        }
        List<String> names = new ArrayList<>();
        for (String key : List.of("userknownhostsfile", "globalknownhostsfile")) {
            for (String value : options.getOrDefault(key, List.of())) {
                names.addAll(List.of(value.split(" +", -1)));
            }
        }
        return names.isEmpty() ? List.of(home.resolve(".ssh/known_hosts")) : files(names, host, user);
    }

    private @Nullable Path agent(Map<String, List<String>> options, String host, String user) {
        String socket = one(options, "identityagent", "SSH_AUTH_SOCK");
        if (socket.equals("none")) {
            return null;
        }
        if (socket.equals("SSH_AUTH_SOCK")) {
            String variable = System.getenv("SSH_AUTH_SOCK");
            return variable == null || variable.isBlank() ? null : Path.of(variable);
        }
        return expand(socket, host, user);
    }

    private static List<SshHop> jumps(String value) {
        if (value.equals("none") || value.isBlank()) {
            return List.of();
        }
        List<SshHop> hops = new ArrayList<>();
        for (String jump : value.split(",", -1)) {
            hops.add(SshHop.parse(jump.strip().replaceFirst("^ssh://", "")));
        }
        return hops;
    }

    private List<Path> files(List<String> names, String host, String user) {
        return names.stream()
                .filter(name -> !name.equals("none"))
                .map(name -> expand(name, host, user))
                .toList();
    }

    /** Expands what {@code ssh -G} leaves as it stands in the file: a leading tilde, the usual tokens, variables. */
    private Path expand(String name, String host, String user) {
        String path = name;
        if (path.equals("~") || path.startsWith("~/")) {
            path = home + path.substring(1);
        }
        path = path.replace("%%", "\0")
                .replace("%d", home.toString())
                .replace("%u", System.getProperty("user.name"))
                .replace("%h", host)
                .replace("%r", user)
                .replace("\0", "%");
        Matcher variables = ENVIRONMENT.matcher(path);
        return Path.of(variables.replaceAll(match -> {
            String value = System.getenv(match.group(1));
            return Matcher.quoteReplacement(value == null ? match.group() : value);
        }));
    }

    private static TunnelException configuration(String message, @Nullable Throwable cause) {
        return new TunnelException(Reason.CONFIGURATION, null, message, cause);
    }
}
