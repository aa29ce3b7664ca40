package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.TargetProbe;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A forward that listens on this host. It keeps its port while the SSH connection is away; connections that come meanwhile
 * are refused at once.
 */
public final class LocalForward extends HeldForward implements SocketEventLoop.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(LocalForward.class);
    private static final int BACKLOG = 1024;
    private static final long ACCEPT_AGAIN_MILLIS = 200;

    private final List<ServerSocketChannel> listeners;
    private final Map<SocketAddress, DirectChannel.Trial> trials = new ConcurrentHashMap<>();

    /** Binds the port; connections are taken from now on. */
    public LocalForward(
            Forward forward,
            SocketEventLoop pump,
            Consumer<HeldForward> whenChanged,
            Supplier<@Nullable SshLink> link) {
        super(forward, pump, whenChanged, link);
        this.listeners = bind(forward);
        pump.execute(this::register);
    }

    private static List<ServerSocketChannel> bind(Forward forward) {
        List<ServerSocketChannel> bound = new ArrayList<>();
        try {
            IOException refused = null;
            for (InetSocketAddress address : addresses(forward)) {
                try {
                    bound.add(bind(address));
                } catch (BindException e) {
                    throw e;
                } catch (SocketException | UnsupportedOperationException e) {
                    // A host without IPv6 has no ::1, though the name says so.
                    refused = new IOException(e);
                }
            }
            if (bound.isEmpty()) {
                throw refused == null ? new UnknownHostException(forward.bind().host()) : refused;
            }
            return bound;
        } catch (IOException e) {
            bound.forEach(LocalForward::close);
            throw failure(forward, e);
        }
    }

    private static ServerSocketChannel bind(InetSocketAddress address) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(address, BACKLOG);
            listener.configureBlocking(false);
            return listener;
        } catch (BindException e) {
            close(listener);
            if (String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("cannot assign")
                    && address.getAddress().isLoopbackAddress()) {
                throw (SocketException) new SocketException(e.getMessage()).initCause(e);
            }
            throw e;
        } catch (IOException | RuntimeException e) {
            close(listener);
            throw e;
        }
    }

    private static List<InetSocketAddress> addresses(Forward forward) throws UnknownHostException {
        int port = forward.bind().port();
        if (forward.bind().host().equals("*")) {
            return List.of(new InetSocketAddress(port));
        }
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (InetAddress address : InetAddress.getAllByName(forward.bind().host())) {
            addresses.add(new InetSocketAddress(address, port));
        }
        return addresses;
    }

    private static TunnelException failure(Forward forward, IOException cause) {
        Endpoint bind = forward.bind();
        String message = SshFailureTranslator.message(cause);
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("in use")) {
            return new TunnelException(
                    Reason.PORT_TAKEN,
                    forward,
                    "Cannot listen on " + bind + " of this host: the port is in use by another process or forward."
                            + " Choose another port",
                    cause);
        }
        return new TunnelException(
                Reason.CONFIGURATION, forward, "Cannot listen on " + bind + " of this host: " + message, cause);
    }

    private void register() {
        for (ServerSocketChannel listener : listeners) {
            try {
                if (listener.isOpen()) {
                    pump.register(listener, SelectionKey.OP_ACCEPT, this);
                }
            } catch (IOException e) {
                LOG.warn("{} takes no connections", forward(), e);
            }
        }
    }

    @Override
    public void ready(SelectionKey key) {
        ServerSocketChannel listener = (ServerSocketChannel) key.channel();
        try {
            SocketChannel socket = listener.accept();
            if (socket != null) {
                accepted(socket);
            }
        } catch (IOException e) {
            // Out of descriptors, most likely. The connection stays in the backlog until there are some again.
            LOG.warn("{}: cannot take a connection, trying again soon: {}", forward(), e.toString());
            key.interestOps(0);
            CompletableFuture.delayedExecutor(ACCEPT_AGAIN_MILLIS, TimeUnit.MILLISECONDS, pump::execute)
                    .execute(() -> acceptAgain(key));
        }
    }

    private static void acceptAgain(SelectionKey key) {
        if (key.isValid()) {
            key.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    private void accepted(SocketChannel socket) {
        SshLink current = link.get();
        DirectChannel channel = null;
        try {
            if (current == null || !current.isAlive()) {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                socket.close();
                return;
            }
            channel = new DirectChannel(this, current, trials.get(socket.getRemoteAddress()));
            add(channel);
            channel.attach(socket);
            channel.connect(forward().target(), (InetSocketAddress) socket.getRemoteAddress());
        } catch (IOException e) {
            LOG.debug("{}: a connection could not be forwarded: {}", forward(), e.toString());
            if (channel != null) {
                channel.abort(e);
            } else {
                closeQuietly(socket);
            }
        }
    }

    private static void closeQuietly(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.trace("closing a socket failed", e);
        }
    }

    private static void close(ServerSocketChannel listener) {
        try {
            listener.close();
        } catch (IOException e) {
            LOG.debug("closing a listener failed", e);
        }
    }

    /** Connects to the listener as any user does, and follows the connection to the target. */
    @Override
    public ProbeResult probe(SshLink current, TargetProbe probe, Deadline deadline) throws InterruptedException {
        DirectChannel.Trial trial = new DirectChannel.Trial(probe, new CompletableFuture<>());
        try (Socket socket = new Socket()) {
            InetSocketAddress listener =
                    reachable((InetSocketAddress) listeners.get(0).getLocalAddress());
            socket.bind(new InetSocketAddress(listener.getAddress(), 0));
            trials.put(socket.getLocalSocketAddress(), trial);
            try {
                socket.connect(listener, deadline.millisLeft());
                // So that a server which lives is heard of while the target is silent.
                pump.execute(() -> askForSignOfLife(current));
                return trial.result().get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            } finally {
                trials.remove(socket.getLocalSocketAddress());
            }
        } catch (TimeoutException e) {
            return current.silence().toNanos() >= System.nanoTime() - probe.start()
                    ? probe.notCarried(current + " does not answer")
                    : probe.failed("no answer in the time given");
        } catch (IOException | ExecutionException e) {
            return probe.notCarried("this host does not connect to " + forward().bind() + " of its own: "
                    + SshFailureTranslator.message(e));
        }
    }

    private static InetSocketAddress reachable(InetSocketAddress listener) {
        return listener.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getPort())
                : listener;
    }

    private static void askForSignOfLife(SshLink link) {
        try {
            link.sendKeepAlive();
        } catch (TransportException e) {
            LOG.trace("{} is gone", link, e);
        }
    }

    @Override
    public void abort(@Nullable Throwable cause) {
        closeListener();
    }

    @Override
    public void closeListener() {
        listeners.forEach(LocalForward::close);
        // A listener that is registered with a selector is closed by the selector's next turn.
        pump.flush();
    }
}
