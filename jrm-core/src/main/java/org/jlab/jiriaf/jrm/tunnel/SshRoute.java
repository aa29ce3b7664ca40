package org.jlab.jiriaf.jrm.tunnel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/**
 * The way to a login node: the servers in the order in which they are reached, and what to log in with. Equal routes share
 * one SSH connection.
 *
 * @param hops jump hosts first, the login node last; at least one. A jump that the SSH configuration adds
 *     ({@code ProxyJump}) is not listed
 * @param key private key file, or null for what the SSH configuration and agent offer; an OpenSSH certificate beside it
 *     ({@code KEY-cert.pub}) is used with it
 * @param password password for every hop that asks for one, or null
 * @param alternates other login nodes of the site, reached the same way, tried in this order when the login node cannot be
 *     reached; the forwards are then on the one that could. Usually empty
 */
public record SshRoute(
        List<SshHop> hops, @Nullable Path key, @Nullable Secret password, List<SshHop> alternates) {

    /** Checks and copies. */
    public SshRoute {
        hops = List.copyOf(hops);
        alternates = List.copyOf(alternates);
        if (hops.isEmpty()) {
            throw new IllegalArgumentException("hops of an SSH route must name at least the login node");
        }
    }

    /**
     * Makes a route to one login node, without alternates.
     *
     * @param hops jump hosts first, the login node last; at least one
     * @param key private key file, or null
     * @param password password, or null
     */
    public SshRoute(List<SshHop> hops, @Nullable Path key, @Nullable Secret password) {
        this(hops, key, password, List.of());
    }

    /**
     * The same route to another login node.
     *
     * @param login the login node
     * @return the route, without alternates
     */
    public SshRoute to(SshHop login) {
        List<SshHop> others = new ArrayList<>(hops.subList(0, hops.size() - 1));
        others.add(login);
        return new SshRoute(others, key, password);
    }

    /**
     * The host at the end of the route.
     *
     * @return the login node
     */
    public SshHop login() {
        return hops.get(hops.size() - 1);
    }

    /**
     * Describes the hosts of the route, for messages.
     *
     * @return such as {@code login04 through dtnproxy}
     */
    public String describe() {
        if (hops.size() == 1) {
            return login().toString();
        }
        return login() + " through "
                + hops.subList(0, hops.size() - 1).stream()
                        .map(SshHop::toString)
                        .collect(Collectors.joining(", "));
    }
}
