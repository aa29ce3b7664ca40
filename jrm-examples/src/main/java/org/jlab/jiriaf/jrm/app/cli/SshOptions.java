package org.jlab.jiriaf.jrm.app.cli;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How login nodes are reached. */
final class SshOptions {

    @Option(
            names = "--ssh-config",
            paramLabel = "FILE",
            description = "SSH configuration. Default: ~/.ssh/config. 'none' reads none.")
    private @Nullable Path sshConfig;

    @Option(
            names = "--known-hosts",
            paramLabel = "FILE",
            description = "Host keys that are trusted. Default: what the SSH configuration says, ~/.ssh/known_hosts.")
    private @Nullable Path knownHosts;

    SshjTunnelManager open() {
        return open(event -> {});
    }

    /** Makes a manager that tells what happens. */
    SshjTunnelManager open(Consumer<TunnelEvent> onEvent) {
        SshjTunnelManager.Builder builder = SshjTunnelManager.builder().onEvent(onEvent);
        if (sshConfig != null && sshConfig.toString().equals("none")) {
            builder.noSshConfig();
        } else if (sshConfig != null) {
            builder.sshConfig(sshConfig);
        }
        if (knownHosts != null) {
            builder.knownHosts(knownHosts);
        }
        return builder.build();
    }
}
