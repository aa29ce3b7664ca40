package org.jlab.jiriaf.jrm.ssh.sshj.login;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/**
 * One server on the way to a login node, as the SSH configuration makes it out, and what would be offered to log in with.
 *
 * @param hop as the route or a {@code ProxyJump} names it
 * @param user login name
 * @param address name or address to connect to, and its port
 * @param keys private key files that would be offered; keys of an agent are not among them
 * @param proxyCommand the {@code ProxyCommand} that would run to reach it, or null for none
 */
public record HopPlan(
        SshHop hop,
        String user,
        Endpoint address,
        List<KeyFile> keys,
        @Nullable String proxyCommand) {

    /** Copies. */
    public HopPlan {
        keys = List.copyOf(keys);
    }

    /**
     * A private key and its OpenSSH certificate.
     *
     * @param file the private key
     * @param validFrom from when the certificate is valid, or null without one
     * @param validUntil until when the certificate is valid, or null without one
     * @param fault why the key cannot be used, or null
     */
    public record KeyFile(
            Path file,
            @Nullable Instant validFrom,
            @Nullable Instant validUntil,
            @Nullable String fault) {}
}
