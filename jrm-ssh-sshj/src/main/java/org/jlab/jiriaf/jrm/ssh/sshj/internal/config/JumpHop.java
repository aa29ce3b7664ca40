package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/**
 * A hop as a route or the SSH configuration names it.
 *
 * @param hop the server
 * @param options options of {@code ssh} that a {@code ProxyCommand} gives to it, or null without a {@code ProxyCommand}.
 *     Such an {@code ssh} reads the user's configuration file unless it is told another, as it would if it ran.
 */
public record JumpHop(SshHop hop, @Nullable List<String> options) {

    public JumpHop {
        options = options == null ? null : List.copyOf(options);
    }

    /** A hop of a route or of {@code ProxyJump}. */
    public static JumpHop plain(SshHop hop) {
        return new JumpHop(hop, null);
    }

    /** The arguments with which {@code ssh} would connect to it, without the host. */
    List<String> arguments(@Nullable String configFile) {
        List<String> arguments = new ArrayList<>();
        if (options != null) {
            arguments.addAll(options);
        } else if (configFile != null) {
            arguments.addAll(List.of("-F", configFile));
        }
        if (hop.user() != null) {
            arguments.addAll(List.of("-l", hop.user()));
        }
        if (hop.port() != 0) {
            arguments.addAll(List.of("-p", Integer.toString(hop.port())));
        }
        return arguments;
    }

    @Override
    public String toString() {
        return hop.toString();
    }
}
