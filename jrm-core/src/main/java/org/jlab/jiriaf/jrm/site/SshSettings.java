package org.jlab.jiriaf.jrm.site;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jspecify.annotations.Nullable;

/**
 * The {@code ssh} block of a site file.
 *
 * @param remote login node, or null where the jump host is the only host (fabric)
 * @param remoteProxy jump host, or null
 * @param key private key, or null
 * @param password password, or null; never printed
 * @param buildScript the script with which an older launcher builds its connections; kept for the record, never run
 * @param nodePassword whether compute nodes log in to the login node with the password, too, because the site takes nothing else
 */
public record SshSettings(
        @Nullable SshHop remote,
        @Nullable SshHop remoteProxy,
        @Nullable Path key,
        @Nullable Secret password,
        @Nullable String buildScript,
        boolean nodePassword) {

    /**
     * Settings of a site whose compute nodes need no password.
     *
     * @param remote login node, or null
     * @param remoteProxy jump host, or null
     * @param key private key, or null
     * @param password password, or null
     * @param buildScript the script of an older launcher, or null
     */
    public SshSettings(
            @Nullable SshHop remote,
            @Nullable SshHop remoteProxy,
            @Nullable Path key,
            @Nullable Secret password,
            @Nullable String buildScript) {
        this(remote, remoteProxy, key, password, buildScript, false);
    }

    /** Checks. */
    public SshSettings {
        if (remote == null && remoteProxy == null) {
            throw new IllegalArgumentException("ssh.remote or ssh.remote_proxy must name a host");
        }
        if (nodePassword && password == null) {
            throw new IllegalArgumentException("ssh.node_password needs ssh.password");
        }
    }

    /**
     * The way to the host where forwards end.
     *
     * @return jump host and login node, or the only host there is
     */
    public SshRoute route() {
        List<SshHop> hops = new ArrayList<>();
        if (remoteProxy != null) {
            hops.add(remoteProxy);
        }
        if (remote != null) {
            hops.add(remote);
        }
        return new SshRoute(hops, key, password);
    }
}
