package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/**
 * One server on the way with everything that the SSH configuration says about it.
 *
 * @param given as the route or a {@code ProxyJump} names it, for messages
 * @param host name or address to connect to
 * @param port its port
 * @param user login name
 * @param hostKeyName name under which known_hosts has its key, or null for host and port
 * @param identityFiles private keys to offer, as far as they, or their public halves, exist
 * @param certificateFiles certificates to offer with them, beside {@code KEY-cert.pub}
 * @param knownHosts files that hold host keys; the first takes new ones
 * @param acceptNew whether the key of an unknown host is accepted and stored
 * @param identitiesOnly whether the agent's other keys are not offered
 * @param agent socket of the SSH agent, or null for none
 * @param jumps hops before it that the configuration asks for
 * @param proxyCommand command of the shell through whose input and output it is reached, or null for none
 */
public record ResolvedHop(
        SshHop given,
        String host,
        int port,
        String user,
        @Nullable String hostKeyName,
        List<Path> identityFiles,
        List<Path> certificateFiles,
        List<Path> knownHosts,
        boolean acceptNew,
        boolean identitiesOnly,
        @Nullable Path agent,
        List<JumpHop> jumps,
        @Nullable String proxyCommand) {

    /** Prints {@code user@host:port}, and what it was called if that is something else. */
    @Override
    public String toString() {
        String where = user + "@" + host + ":" + port;
        return given.host().equals(host) ? where : where + " ('" + given.host() + "')";
    }
}
