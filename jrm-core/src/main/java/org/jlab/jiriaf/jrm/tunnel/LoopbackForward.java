package org.jlab.jiriaf.jrm.tunnel;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.tunnel.Forward.Direction;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jlab.jiriaf.jrm.tunnel.TunnelState.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One forward of {@link LoopbackTunnelManager}: a listener, and two threads for each connection. */
final class LoopbackForward {

    private static final Logger LOG = LoggerFactory.getLogger(LoopbackForward.class);
    private static final int CONNECT_MILLIS = 5000;
    private static final int BUFFER = 16 * 1024;

    private final Forward forward;
    private final InetAddress loginNode;
    private final ServerSocket listener;
    private final Thread acceptor;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private int holders = 1; // guarded by the manager
    private final LongAdder connections = new LongAdder();
    private final LongAdder toTarget = new LongAdder();
    private final LongAdder fromTarget = new LongAdder();
    private int reconnects; // guarded by this
    private volatile TunnelState state = state(Status.UP, null);

    LoopbackForward(Forward forward, InetAddress loginNode) {
        this.forward = forward;
        this.loginNode = loginNode;
        this.listener = bind();
        this.acceptor = start("accept", this::accept);
    }

    private ServerSocket bind() {
        try {
            ServerSocket bound = new ServerSocket();
            try {
                bound.bind(address(forward.bind(), forward.direction() == Direction.REMOTE));
                return bound;
            } catch (IOException e) {
                bound.close();
                throw e;
            }
        } catch (IOException e) {
            throw new TunnelException(
                    Reason.PORT_TAKEN,
                    forward,
                    "Cannot open " + forward + ": listening on " + forward.bind() + " failed: " + e.getMessage()
                            + ". Choose another port",
                    e);
        }
    }

    private InetSocketAddress address(Endpoint endpoint, boolean onLoginNode) {
        if (endpoint.host().equals("*")) {
            return new InetSocketAddress(endpoint.port());
        }
        if (endpoint.host().equals("localhost")) {
            InetAddress localhost = onLoginNode ? loginNode : InetAddress.getLoopbackAddress();
            return new InetSocketAddress(localhost, endpoint.port());
        }
        return new InetSocketAddress(endpoint.host(), endpoint.port());
    }

    Forward forward() {
        return forward;
    }

    void hold() {
        holders++;
    }

    /** Returns whether that was the last holder; then the forward is closed. */
    boolean letGo() {
        holders--;
        if (holders == 0) {
            close();
        }
        return holders == 0;
    }

    synchronized void down(String reason) {
        if (state.status() == Status.UP) {
            state = state(Status.DOWN, reason);
            sockets.forEach(LoopbackForward::closeQuietly);
        }
    }

    synchronized void up() {
        if (state.status() == Status.DOWN) {
            state = state(Status.UP, null);
            reconnects++;
        }
    }

    synchronized void close() {
        state = state(Status.CLOSED, null);
        closeQuietly(listener);
        try {
            // The kernel listens until the thread has come back from its wait.
            acceptor.join(CONNECT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sockets.forEach(LoopbackForward::closeQuietly);
    }

    private static TunnelState state(Status status, @Nullable String reason) {
        return new TunnelState(status, Instant.now(), reason, 0, null);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                if (state.isUp()) {
                    start("connect", () -> connect(socket));
                } else {
                    end(socket);
                }
            } catch (IOException e) {
                LOG.trace("{} takes no more connections: {}", forward, e.toString());
            }
        }
    }

    private void connect(Socket socket) {
        Socket target = new Socket();
        sockets.add(target);
        try {
            target.connect(address(forward.target(), forward.direction() == Direction.LOCAL), CONNECT_MILLIS);
            connections.increment();
            start("copy", () -> copy(target, socket, fromTarget));
            copy(socket, target, toTarget);
        } catch (IOException e) {
            LOG.debug("{}: the target does not answer: {}", forward, e.toString());
            end(socket);
            end(target);
        }
    }

    /** Copies one direction; the one that ends last closes both. */
    private void copy(Socket from, Socket to, LongAdder counter) {
        try {
            byte[] buffer = new byte[BUFFER];
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                counter.add(count);
                to.getOutputStream().write(buffer, 0, count);
            }
            to.shutdownOutput();
            if (from.isOutputShutdown()) {
                end(from);
                end(to);
            }
        } catch (IOException e) {
            LOG.trace("{}: a connection broke: {}", forward, e.toString());
            end(from);
            end(to);
        }
    }

    private synchronized TunnelStats stats() {
        int open = (int) sockets.stream()
                .filter(socket -> socket.getLocalPort() == listener.getLocalPort())
                .count();
        return new TunnelStats(connections.sum(), open, toTarget.sum(), fromTarget.sum(), reconnects);
    }

    private ProbeResult probe(Duration timeout) {
        TunnelState now = state;
        TargetProbe probe = TargetProbe.of(forward.target());
        if (!now.isUp()) {
            return probe.notCarried(now.reason() == null ? "the forward is closed" : now.reason());
        }
        InetAddress target = address(forward.target(), forward.direction() == Direction.LOCAL)
                .getAddress();
        return target == null
                ? probe.failed("unknown host")
                : probe.connect(new InetAddress[] {target}, Deadline.after(timeout));
    }

    private void end(Socket socket) {
        sockets.remove(socket);
        closeQuietly(socket);
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            LOG.trace("closing failed", e);
        }
    }

    private Thread start(String what, Runnable task) {
        Thread thread = new Thread(task, "jrm-loopback " + what + " " + forward);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Shows the forward to one holder. */
    Tunnel asTunnel(SshRoute route, Supplier<ConnectionState> connection, Runnable release) {
        return new Tunnel() {
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
                return state;
            }

            @Override
            public ConnectionState connection() {
                return connection.get();
            }

            @Override
            public TunnelStats stats() {
                return LoopbackForward.this.stats();
            }

            @Override
            public ProbeResult probe(Duration timeout) {
                return LoopbackForward.this.probe(timeout);
            }

            @Override
            public void close() {
                release.run();
            }
        };
    }
}
