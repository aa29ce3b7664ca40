package org.jlab.jiriaf.jrm.ssh.sshj;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What {@link SshjTunnelManager.Builder} was told; each component is explained there. */
record Settings(
        @Nullable Path knownHosts,
        boolean acceptNewHostKeys,
        ConfigMode configMode,
        @Nullable Path configFile,
        Duration keepAlive,
        Duration deadPeerTimeout,
        Duration shortestRetry,
        Duration longestRetry,
        Duration attemptTimeout,
        long receiveMemory,
        int outputLimit) {

    /** Whether the SSH configuration of the user is asked. */
    enum ConfigMode {
        OPENSSH,
        NONE
    }
}
