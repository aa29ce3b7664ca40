package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jspecify.annotations.Nullable;

/**
 * Sessions with login nodes for questions and clean-up: one that this process holds anyway, of whichever deployment, or one made
 * for the moment. What is recorded of a deployment has no password, so at a site that takes one only the former can be had.
 */
public final class SiteSessions {

    private final Backends backends;
    private final Supplier<Stream<LoginSession>> open;

    private SiteSessions(Backends backends, Supplier<Stream<LoginSession>> open) {
        this.backends = backends;
        this.open = open;
    }

    /** Those of what this process holds, by name of the deployment, as it stands when one is needed. */
    public static SiteSessions of(Backends backends, Map<String, LocalDeployment> held) {
        return new SiteSessions(
                backends,
                () -> held.values().stream().map(LocalDeployment::session).filter(Objects::nonNull));
    }

    /** The session of a deployment that is being made. */
    public static SiteSessions of(Backends backends, @Nullable LoginSession session) {
        return new SiteSessions(backends, () -> Stream.ofNullable(session));
    }

    /**
     * Does something in a session.
     *
     * @param route the way to the login node
     * @param timeout how long it may take to connect
     * @param action what is done
     * @return what it gives
     * @throws JrmException if there is no tunnel manager, or the login node does not let in
     */
    <T> T in(SshRoute route, Duration timeout, Function<LoginSession, T> action) {
        Optional<LoginSession> there = open.get()
                .filter(session -> session.route().hops().equals(route.hops()))
                .findFirst();
        if (there.isPresent()) {
            return action.apply(there.get());
        }
        TunnelManager tunnels = backends.tunnels();
        if (tunnels == null) {
            throw new JrmException("there is no tunnel manager", null, false);
        }
        try (LoginSession session = tunnels.connect(route, timeout)) {
            return action.apply(session);
        }
    }
}
