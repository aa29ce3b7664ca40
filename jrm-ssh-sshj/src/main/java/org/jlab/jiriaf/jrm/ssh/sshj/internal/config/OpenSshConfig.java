package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
public final class OpenSshConfig {

    private static final Logger LOG = LoggerFactory.getLogger(OpenSshConfig.class);

    /** What {@code ssh} takes for no configuration file at all. */
    private static final String NO_FILE = "none";

    private final Settings settings;
    private final Path home;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    public OpenSshConfig(Settings settings) {
        this.settings = settings;
        this.home = Path.of(System.getProperty("user.home"));
    }

    /** Finds out about a hop. Reads the files anew each time: they may have changed since the last connection. */
    public ResolvedHop resolve(SshHop hop) {
        return resolve(JumpHop.plain(hop));
    }

    /** As {@link #resolve(SshHop)}, for a hop that another one's configuration asks for. */
    public ResolvedHop resolve(JumpHop wanted) {
        SshHop hop = wanted.hop();
        Path configFile = settings.configFile();
        List<String> arguments = wanted.arguments(configFile == null ? null : configFile.toString());
        try {
            if (settings.configMode() == Settings.ConfigMode.NONE) {
                return defaults(wanted);
            }
            Map<String, List<String>> options = SshConfigDump.of(withHost(arguments, hop));
            Map<String, List<String>> defaults =
                    SshConfigDump.of(withHost(JumpHop.plain(hop).arguments(NO_FILE), hop));
            nameUnsupported(hop, UnsupportedOptions.of(options, defaults));
            return read(wanted, arguments, options);
        } catch (SshConfigDump.SshMissingException e) {
            Path userConfig = configFile != null ? configFile : home.resolve(".ssh/config");
            if (!Files.exists(userConfig)) {
                return defaults(wanted);
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

    /** Makes a hop of an answer of {@code ssh -G}, which may come from another program of that name. */
    ResolvedHop read(JumpHop wanted, List<String> arguments, Map<String, List<String>> options) {
        try {
            return new HostOptions(wanted, arguments, options, home).read(settings);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw configuration(
                    "Cannot read the SSH configuration of host " + wanted.hop().host() + ": " + e.getMessage(), e);
        }
    }

    private ResolvedHop defaults(JumpHop wanted) {
        return read(wanted, List.of(), Map.of());
    }

    private static List<String> withHost(List<String> arguments, SshHop hop) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--", hop.host()));
        return all;
    }

    private void nameUnsupported(SshHop hop, UnsupportedOptions unsupported) {
        if (!unsupported.refused().isEmpty()) {
            throw configuration(
                    "The SSH configuration of host " + hop.host() + " asks for what jrm does not do: "
                            + String.join(", ", unsupported.refused())
                            + ". Give the host an entry of its own for jrm",
                    null);
        }
        for (String option : unsupported.ignored()) {
            if (warned.add(hop.host() + " " + option)) {
                LOG.warn("The SSH configuration of host {} has an option that jrm leaves out: {}", hop.host(), option);
            }
        }
    }

    private static TunnelException configuration(String message, @Nullable Throwable cause) {
        return new TunnelException(Reason.CONFIGURATION, null, message, cause);
    }
}
