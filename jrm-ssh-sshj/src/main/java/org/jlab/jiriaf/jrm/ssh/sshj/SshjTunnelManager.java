package org.jlab.jiriaf.jrm.ssh.sshj;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.forward.HeldForward;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise.SharedConnection;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise.SshConnector;
import org.jlab.jiriaf.jrm.ssh.sshj.login.HopPlan;
import org.jlab.jiriaf.jrm.ssh.sshj.login.LoginPrompt;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jspecify.annotations.Nullable;

/**
 * Tunnels over SSH. Each route has one supervised connection, jump hosts included, that carries the forwards and commands of
 * all sessions; it is watched, and repaired with its forwards when it breaks.
 *
 * <pre>{@code
 * try (TunnelManager tunnels = SshjTunnelManager.builder().build();
 *         LoginSession login = tunnels.connect(route, Duration.ofSeconds(30))) {
 *     login.open(List.of(Forward.local(new Endpoint("*", 10001), Endpoint.localhost(10001))), Duration.ofSeconds(10));
 *     ...
 * }
 * }</pre>
 *
 * <p>Host keys are always checked. AES runs on the JVM's own providers. sshj itself adds BouncyCastle to the end of the JVM's
 * list of security providers, for key exchange and signatures, unless the application has told it otherwise through
 * {@code net.schmizz.sshj.common.SecurityUtils}.
 *
 * <p>Two threads per route and one per hop; listeners and connections take none of their own. Thread-safe.
 */
public final class SshjTunnelManager implements TunnelManager {

    private final Settings settings;
    private final ScheduledThreadPoolExecutor timer;
    private final SshConnector connector;
    private final Object lock = new Object();
    private final Map<SshRoute, SharedConnection> connections = new HashMap<>(); // guarded by lock
    private final Set<SshjSession> sessions = new LinkedHashSet<>(); // guarded by lock
    private boolean closed; // guarded by lock

    private SshjTunnelManager(Settings settings) {
        this.settings = settings;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "jrm-ssh timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        this.connector = new SshConnector(settings, timer);
    }

    /**
     * Starts to make a manager.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public LoginSession connect(SshRoute route, Duration timeout) {
        Deadline deadline = Deadline.after(timeout);
        SharedConnection connection = join(route);
        SshjSession[] self = new SshjSession[1];
        SshjSession session =
                new SshjSession(connection, settings.outputLimit(), timer, () -> forget(self[0], connection));
        self[0] = session;
        boolean connected = false;
        try {
            connection.awaitLink(deadline);
            synchronized (lock) {
                if (closed) {
                    throw closedFailure();
                }
                sessions.add(session);
            }
            connected = true;
            return session;
        } finally {
            if (!connected) {
                session.close();
            }
        }
    }

    private SharedConnection join(SshRoute route) {
        synchronized (lock) {
            if (closed) {
                throw closedFailure();
            }
            SharedConnection present = connections.get(route);
            if (present != null && present.join()) {
                return present;
            }
            SharedConnection created = new SharedConnection(route, settings, connector);
            connections.put(route, created);
            return created;
        }
    }

    private void forget(SshjSession session, SharedConnection connection) {
        synchronized (lock) {
            sessions.remove(session);
            if (connection.isEnded()) {
                connections.remove(connection.route(), connection);
            }
        }
    }

    private static TunnelException closedFailure() {
        return SshFailureTranslator.failure(Reason.CLOSED, "The tunnel manager is closed", null);
    }

    /**
     * Finds out what the SSH configuration makes of a route, without connecting anywhere: for people who want to know why a
     * login fails, or how long their certificate is still valid.
     *
     * @param route the way to a login node
     * @return the servers in the order in which they would be connected to, jump hosts of the SSH configuration included
     * @throws TunnelException if the SSH configuration cannot be read
     */
    public List<HopPlan> plan(SshRoute route) {
        return connector.plan(route);
    }

    @Override
    public List<Tunnel> tunnels() {
        List<SharedConnection> present;
        synchronized (lock) {
            present = List.copyOf(connections.values());
        }
        List<Tunnel> tunnels = new ArrayList<>();
        for (SharedConnection connection : present) {
            for (HeldForward forward : connection.forwards()) {
                tunnels.add(new SshjTunnel(connection, forward, shown -> connection.end(forward)));
            }
        }
        return List.copyOf(tunnels);
    }

    @Override
    public Map<SshRoute, ConnectionState> connections() {
        synchronized (lock) {
            return connections.values().stream()
                    .collect(Collectors.toMap(SharedConnection::route, SharedConnection::state));
        }
    }

    @Override
    public void close() {
        List<SshjSession> open;
        List<SharedConnection> left;
        synchronized (lock) {
            closed = true;
            open = List.copyOf(sessions);
            left = List.copyOf(connections.values());
        }
        // Side by side: each may take a second if its peer is dead.
        List<Thread> closing = new ArrayList<>();
        for (SharedConnection connection : left) {
            Thread thread = new Thread(
                    connection::close, "jrm-ssh close " + connection.route().login());
            thread.start();
            closing.add(thread);
        }
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        open.forEach(SshjSession::close);
        timer.shutdownNow();
    }

    /** Makes a {@link SshjTunnelManager}. Not thread-safe. */
    public static final class Builder {
        private @Nullable Path knownHosts;
        private boolean acceptNewHostKeys;
        private Settings.ConfigMode configMode = Settings.ConfigMode.OPENSSH;
        private @Nullable Path configFile;
        private Duration keepAlive = Duration.ofSeconds(4);
        private Duration deadPeerTimeout = Duration.ofSeconds(12);
        private Duration shortestRetry = Duration.ofMillis(100);
        private Duration longestRetry = Duration.ofSeconds(30);
        private Duration attemptTimeout = Duration.ofSeconds(30);
        private Duration heldPortTimeout = Duration.ofSeconds(30);
        private long receiveMemory = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);
        private int outputLimit = 16 << 20;
        private Duration certificateWarning = Duration.ofHours(2);
        private Function<Path, Optional<Secret>> passphrases = file -> Optional.empty();
        private LoginPrompt prompt = (hop, text, echo) -> Optional.empty();
        private Consumer<TunnelEvent> listener = event -> {};

        private Builder() {}

        /**
         * Names the known_hosts file. Default: the files that the SSH configuration names, usually
         * {@code ~/.ssh/known_hosts} and {@code /etc/ssh/ssh_known_hosts}.
         *
         * @param file the file, used instead of all others
         * @return this
         */
        public Builder knownHosts(Path file) {
            knownHosts = Objects.requireNonNull(file, "file");
            return this;
        }

        /**
         * Accepts hosts that are not in known_hosts yet, and adds them to it, as OpenSSH's
         * {@code StrictHostKeyChecking accept-new} does. A host whose key has changed is refused all the same. Default: unknown
         * hosts are refused.
         *
         * @return this
         */
        public Builder acceptNewHostKeys() {
            acceptNewHostKeys = true;
            return this;
        }

        /**
         * Names the SSH configuration file, read by {@code ssh -G -F FILE}. Default: what {@code ssh} reads,
         * {@code ~/.ssh/config} and {@code /etc/ssh/ssh_config}.
         *
         * @param file the file
         * @return this
         */
        public Builder sshConfig(Path file) {
            configMode = Settings.ConfigMode.OPENSSH;
            configFile = Objects.requireNonNull(file, "file");
            return this;
        }

        /**
         * Reads no SSH configuration file: hosts are what they are called.
         *
         * @return this
         */
        public Builder noSshConfig() {
            configMode = Settings.ConfigMode.NONE;
            configFile = null;
            return this;
        }

        /**
         * Sets after how long a silence the peer is asked for a sign of life. Default 4 s.
         *
         * @param interval the silence
         * @return this
         */
        public Builder keepAlive(Duration interval) {
            keepAlive = positive(interval, "keepAlive");
            return this;
        }

        /**
         * Sets after how long a silence the peer counts as dead, and a new connection is made. Default 12 s.
         *
         * @param timeout the silence, longer than {@link #keepAlive}
         * @return this
         */
        public Builder deadPeerTimeout(Duration timeout) {
            deadPeerTimeout = positive(timeout, "deadPeerTimeout");
            return this;
        }

        /**
         * Sets the pauses between attempts to repair a connection. They grow with the time that it has been down, an eighth
         * of it each, and vary by a fifth. Failures that time does not heal, such as a refused key, wait for the longest
         * pause at once. Default 100 ms to 30 s.
         *
         * @param shortest the first pause
         * @param longest the longest
         * @return this
         */
        public Builder retryBetween(Duration shortest, Duration longest) {
            shortestRetry = positive(shortest, "shortest pause");
            longestRetry = positive(longest, "longest pause");
            return this;
        }

        /**
         * Sets how long one attempt to connect and log in may take, all hops included. A route with several login nodes
         * shares it out among them. Default 30 s.
         *
         * @param timeout the time
         * @return this
         */
        public Builder attemptTimeout(Duration timeout) {
            attemptTimeout = positive(timeout, "attemptTimeout");
            return this;
        }

        /**
         * Sets how long opening a remote forward waits for a port that the login node's SSH server holds for another
         * connection of the same user: in most cases one of ours that broke and whose death the server has not noticed. It
         * never waits longer than whoever opens the forward allows, nor for a port that another program or user holds. A
         * forward that was up before its connection broke is tried again for ever; after this time its state says what to do.
         * Default 30 s.
         *
         * @param timeout the time; zero not to wait
         * @return this
         */
        public Builder heldPortTimeout(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException("heldPortTimeout must not be negative, but is " + timeout);
            }
            heldPortTimeout = timeout;
            return this;
        }

        /**
         * Sets how much memory all connections through all forwards may claim together for data that has come in and that
         * its local reader has not taken yet, beyond 128 KiB for each. Default: a quarter of the heap, 256 MiB at most.
         *
         * @param bytes the memory
         * @return this
         */
        public Builder receiveMemory(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("receiveMemory must not be negative, but is " + bytes);
            }
            receiveMemory = bytes;
            return this;
        }

        /**
         * Sets how much a command may print, on standard output and standard error each, before it is abandoned. Default
         * 16 MiB.
         *
         * @param bytes the limit
         * @return this
         */
        public Builder outputLimit(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("outputLimit must be at least 1, not " + bytes);
            }
            outputLimit = bytes;
            return this;
        }

        /**
         * Sets how long before a user certificate expires it is warned of, by {@link TunnelEvent.Kind#CERTIFICATE_EXPIRES}.
         * Default 2 hours.
         *
         * @param before the time before the end of its validity
         * @return this
         */
        public Builder certificateWarning(Duration before) {
            certificateWarning = positive(before, "certificateWarning");
            return this;
        }

        /**
         * Says where the passphrases of encrypted private keys come from. Default: there are none, and an encrypted key is
         * an error.
         *
         * @param source gives the passphrase of a key file, or nothing
         * @return this
         */
        public Builder passphrases(Function<Path, Optional<Secret>> source) {
            passphrases = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * Says who answers what a server asks at log-in beyond keys and the password, such as for a one-time code. Default:
         * nobody.
         *
         * @param answers gives the answers
         * @return this
         */
        public Builder prompt(LoginPrompt answers) {
            prompt = Objects.requireNonNull(answers, "answers");
            return this;
        }

        /**
         * Listens to what happens to connections and forwards. The listener is called by the threads that see to them, one
         * connection's events one after the other as a rule; it has to return soon and must not call the manager. Default:
         * nobody listens.
         *
         * @param listener gets the events
         * @return this
         */
        public Builder onEvent(Consumer<TunnelEvent> listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        private static Duration positive(Duration value, String name) {
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException(name + " must be longer than nothing, not " + value);
            }
            return value;
        }

        /**
         * Makes the manager.
         *
         * @return the manager, to be closed by the caller
         * @throws IllegalArgumentException if a setting contradicts another
         */
        public SshjTunnelManager build() {
            if (deadPeerTimeout.compareTo(keepAlive) <= 0) {
                throw new IllegalArgumentException("deadPeerTimeout (" + deadPeerTimeout
                        + ") must be longer than keepAlive (" + keepAlive + "), so that there is time for an answer");
            }
            if (longestRetry.compareTo(shortestRetry) < 0) {
                throw new IllegalArgumentException("the longest pause (" + longestRetry
                        + ") is shorter than the shortest (" + shortestRetry + ")");
            }
            return new SshjTunnelManager(new Settings(
                    knownHosts,
                    acceptNewHostKeys,
                    configMode,
                    configFile,
                    keepAlive,
                    deadPeerTimeout,
                    shortestRetry,
                    longestRetry,
                    attemptTimeout,
                    heldPortTimeout,
                    receiveMemory,
                    outputLimit,
                    certificateWarning,
                    passphrases,
                    prompt,
                    listener));
        }
    }
}
