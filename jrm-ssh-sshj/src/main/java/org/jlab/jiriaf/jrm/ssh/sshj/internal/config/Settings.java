package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.ssh.sshj.login.LoginPrompt;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jspecify.annotations.Nullable;

/** What {@link org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager.Builder} was told; each component is explained there. */
public record Settings(
        @Nullable Path knownHosts,
        boolean acceptNewHostKeys,
        ConfigMode configMode,
        @Nullable Path configFile,
        Duration keepAlive,
        Duration deadPeerTimeout,
        Duration shortestRetry,
        Duration longestRetry,
        Duration attemptTimeout,
        Duration heldPortTimeout,
        long receiveMemory,
        int outputLimit,
        Duration certificateWarning,
        Function<Path, Optional<Secret>> passphrases,
        LoginPrompt prompt,
        Consumer<TunnelEvent> listener) {

    /** Whether the SSH configuration of the user is asked. */
    public enum ConfigMode {
        OPENSSH,
        NONE
    }
}
