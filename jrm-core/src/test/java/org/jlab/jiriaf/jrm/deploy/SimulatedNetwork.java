package org.jlab.jiriaf.jrm.deploy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.port.PortProbe;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.tunnel.TunnelStats;

/**
 * Hosts with ports, of which only who listens is told: no sockets, no threads. Each process has a tunnel manager of its own; what
 * listens through it is gone when the process is killed.
 */
final class SimulatedNetwork {

    /** Who listens when nothing of jrm does. */
    static final String FOREIGN = "somebody else";

    private static final String REMOVE = "rm -f ";

    private final Map<Endpoint, String> listeners =
            new TreeMap<>(java.util.Comparator.comparing(Endpoint::host).thenComparingInt(Endpoint::port));
    private final Set<String> files = new TreeSet<>();
    private boolean loginNodesUp = true;
    private boolean passwordNeeded;

    /** Who listens where. */
    Map<Endpoint, String> listeners() {
        return listeners;
    }

    /** What lies in the home directory on the login node. */
    Set<String> files() {
        return files;
    }

    /** Starts to listen, unless somebody does. */
    boolean listen(String host, int port, String who) {
        return listeners.putIfAbsent(new Endpoint(host, port), who) == null;
    }

    void stopListening(String host, int port, String who) {
        listeners.remove(new Endpoint(host, port), who);
    }

    void setLoginNodesUp(boolean up) {
        loginNodesUp = up;
    }

    boolean areLoginNodesUp() {
        return loginNodesUp;
    }

    /** From now on nobody gets in without a password. */
    void needPassword() {
        passwordNeeded = true;
    }

    PortProbe probe(String host) {
        return port -> !listeners.containsKey(new Endpoint(host, port));
    }

    Manager manager(String host, String process) {
        return new Manager(host, process);
    }

    /** The tunnels of one process. */
    final class Manager implements TunnelManager {

        private final String host;
        private final String process;
        private final List<Held> held = new ArrayList<>();

        private Manager(String host, String process) {
            this.host = host;
            this.process = process;
        }

        /** What the end of the process does to its listeners. */
        void kill() {
            List.copyOf(held).forEach(Held::close);
        }

        /** What it listens on here. */
        Set<Integer> localPorts() {
            return held.stream()
                    .filter(tunnel -> tunnel.forward.direction() == Forward.Direction.LOCAL)
                    .map(tunnel -> tunnel.forward.bind().port())
                    .collect(Collectors.toCollection(HashSet::new));
        }

        @Override
        public LoginSession connect(SshRoute route, Duration timeout) {
            requireUp(route);
            if (passwordNeeded && route.password() == null) {
                throw new TunnelException(
                        TunnelException.Reason.AUTHENTICATION_REFUSED,
                        null,
                        route.describe() + " wants a password",
                        null);
            }
            return new Session(route);
        }

        private void requireUp(SshRoute route) {
            if (!loginNodesUp) {
                throw new TunnelException(
                        TunnelException.Reason.UNREACHABLE, null, route.describe() + " does not answer", null);
            }
        }

        @Override
        public List<Tunnel> tunnels() {
            return List.copyOf(held);
        }

        @Override
        public Map<SshRoute, ConnectionState> connections() {
            throw new UnsupportedOperationException("nobody asks");
        }

        @Override
        public void close() {
            kill();
        }

        private final class Session implements LoginSession {

            private final SshRoute route;
            private final List<Held> opened = new ArrayList<>();

            Session(SshRoute route) {
                this.route = route;
            }

            @Override
            public SshRoute route() {
                return route;
            }

            @Override
            public ConnectionState connection() {
                throw new UnsupportedOperationException("nobody asks");
            }

            @Override
            public List<Tunnel> open(List<Forward> forwards, Duration timeout) {
                requireUp(route);
                List<Tunnel> tunnels = new ArrayList<>();
                for (Forward forward : forwards) {
                    if (forward.direction() == Forward.Direction.LOCAL
                            && !listen(host, forward.bind().port(), process)) {
                        tunnels.forEach(Tunnel::close);
                        throw new TunnelException(
                                TunnelException.Reason.PORT_TAKEN, forward, forward + " is taken", null);
                    }
                    Held tunnel = new Held(route, forward);
                    held.add(tunnel);
                    opened.add(tunnel);
                    tunnels.add(tunnel);
                }
                return tunnels;
            }

            @Override
            public ExecResult exec(String command, Duration timeout) {
                requireUp(route);
                int removal = command.indexOf(REMOVE);
                if (removal >= 0) {
                    for (String file :
                            command.substring(removal + REMOVE.length()).split(" ", -1)) {
                        files.remove(file.replace("'", ""));
                    }
                }
                return new ExecResult(0, "", "");
            }

            @Override
            public byte[] readFile(String path, int limit, Duration timeout) {
                throw new UnsupportedOperationException(path);
            }

            @Override
            public void writeFile(String path, byte[] content, Duration timeout) {
                requireUp(route);
                files.add(path);
            }

            @Override
            public void check(Duration timeout) {
                requireUp(route);
            }

            @Override
            public Set<Integer> listeningPorts(Duration timeout) {
                requireUp(route);
                return listeners.keySet().stream()
                        .filter(endpoint -> endpoint.host().equals(route.login().host()))
                        .map(Endpoint::port)
                        .collect(Collectors.toSet());
            }

            @Override
            public void close() {
                opened.forEach(Held::close);
            }
        }

        private final class Held implements Tunnel {

            private final SshRoute route;
            private final Forward forward;

            Held(SshRoute route, Forward forward) {
                this.route = route;
                this.forward = forward;
            }

            @Override
            public SshRoute route() {
                return route;
            }

            @Override
            public Forward forward() {
                return forward;
            }

            @Override
            public TunnelState state() {
                TunnelState.Status status = !held.contains(this)
                        ? TunnelState.Status.CLOSED
                        : loginNodesUp ? TunnelState.Status.UP : TunnelState.Status.DOWN;
                return new TunnelState(status, Instant.EPOCH, null, 0, null);
            }

            @Override
            public ConnectionState connection() {
                throw new UnsupportedOperationException("nobody asks");
            }

            @Override
            public TunnelStats stats() {
                throw new UnsupportedOperationException("nobody asks");
            }

            @Override
            public ProbeResult probe(Duration timeout) {
                throw new UnsupportedOperationException("nobody asks");
            }

            @Override
            public void close() {
                if (held.remove(this) && forward.direction() == Forward.Direction.LOCAL) {
                    stopListening(host, forward.bind().port(), process);
                }
            }
        }
    }
}
