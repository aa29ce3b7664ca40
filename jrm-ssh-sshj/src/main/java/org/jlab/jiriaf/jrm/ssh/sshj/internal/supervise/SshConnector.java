package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;
import net.schmizz.sshj.Config;
import net.schmizz.sshj.SSHClient;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.JumpHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.OpenSshConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.HostKeys;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.BufferedSocket;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.DirectTcpip;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.LastHeard;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.ProxySocket;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.ReceiveWindow;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshjConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.StreamChannel;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.login.Authentication;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.login.LoginAnswers;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.login.UserKey;
import org.jlab.jiriaf.jrm.ssh.sshj.login.HopPlan;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes SSH connections: finds the hops, connects to each through the one before, checks its host key and logs in. */
public final class SshConnector {

    private static final Logger LOG = LoggerFactory.getLogger(SshConnector.class);

    /** Two configurations that name each other as jump hosts would go on for ever. */
    private static final int MOST_HOPS = 16;

    private final Settings settings;
    private final LoginAnswers answers;
    private final OpenSshConfig openSshConfig;
    private final Config sshjConfig = new SshjConfig();
    private final ReceiveWindow.Budget budget;
    private final ScheduledExecutorService timer;

    public SshConnector(Settings settings, ScheduledExecutorService timer) {
        this.settings = settings;
        this.answers = new LoginAnswers(settings.prompt());
        this.openSshConfig = new OpenSshConfig(settings);
        this.budget = new ReceiveWindow.Budget(settings.receiveMemory());
        this.timer = timer;
    }

    /** A try to connect, which another thread can cut short. */
    final class Attempt {
        private final SshRoute route;
        private final Deadline deadline;
        private final List<SSHClient> clients = new ArrayList<>();
        private final List<UserKey> keys = new ArrayList<>();
        private String stage = "connect to";
        private @Nullable BufferedSocket socket; // guarded by this
        private boolean cancelled; // guarded by this
        private boolean late; // guarded by this

        private Attempt(SshRoute route, Duration timeout) {
            this.route = route;
            this.deadline = Deadline.after(timeout);
        }

        /** Connects and logs in, or leaves nothing behind. */
        SshLink connect() {
            ScheduledFuture<?> watchdog =
                    timer.schedule(this::tooLate, Math.max(0, deadline.nanosLeft()), TimeUnit.NANOSECONDS);
            SshLink link = null;
            try {
                link = connectHops(resolve(route));
                return link;
            } finally {
                watchdog.cancel(false);
                if (link == null) {
                    cancel();
                    closeClients();
                }
            }
        }

        /** Cuts the attempt short. */
        void cancel() {
            BufferedSocket open;
            synchronized (this) {
                cancelled = true;
                open = socket;
            }
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    LOG.debug("closing the socket to {} failed", route.describe(), e);
                }
            }
        }

        private void tooLate() {
            synchronized (this) {
                late = true;
            }
            cancel();
        }

        private synchronized boolean isLate() {
            return late;
        }

        private void closeClients() {
            for (int i = clients.size() - 1; i >= 0; i--) {
                clients.get(i).getTransport().disconnect();
            }
        }

        private SshLink connectHops(List<ResolvedHop> hops) {
            LastHeard lastHeard = new LastHeard();
            for (ResolvedHop hop : hops) {
                lastHeard = new LastHeard();
                stage = "connect to";
                try {
                    connectHop(hop, lastHeard);
                } catch (IOException | RuntimeException e) {
                    throw explain(hop, e);
                }
            }
            ResolvedHop login = hops.get(hops.size() - 1);
            BufferedSocket open;
            synchronized (this) {
                open = socket;
            }
            if (open == null) {
                throw new IllegalStateException("connected without a socket");
            }
            SshLink link = new SshLink(clients, keys, open, lastHeard, route.login(), login.toString(), budget);
            link.runFirstCommand();
            link.check(deadline);
            return link;
        }

        private TunnelException explain(ResolvedHop hop, Throwable cause) {
            if (isLate()) {
                return SshFailureTranslator.failure(
                        Reason.TIMEOUT, "Cannot " + stage + " " + hop + ": no answer in the time given", cause);
            }
            return SshFailureTranslator.ofHop(hop.toString(), stage, cause, clients.size() > 1 ? null : proxyFailure());
        }

        /** What the proxy command says about a connection that broke, or null without one. */
        private @Nullable String proxyFailure() {
            BufferedSocket open;
            synchronized (this) {
                open = socket;
            }
            return open instanceof ProxySocket proxy ? proxy.failure() : null;
        }

        private void connectHop(ResolvedHop hop, LastHeard lastHeard) throws IOException {
            SSHClient client = new SSHClient(sshjConfig);
            client.getTransport().setTimeoutMs(deadline.millisLeft());
            HostKeys hostKeys = new HostKeys(hop);
            client.addHostKeyVerifier(hostKeys);
            try {
                if (clients.isEmpty()) {
                    client.setSocketFactory(new ConnectedSocket(
                            hop.proxyCommand() == null
                                    ? connectSocket(hop, lastHeard)
                                    : startProxy(hop.proxyCommand(), lastHeard)));
                    clients.add(client);
                    stage = "exchange keys with";
                    client.connect(hop.host(), hop.port());
                } else {
                    StreamChannel channel = connectThrough(clients.get(clients.size() - 1), hop, lastHeard);
                    clients.add(client);
                    stage = "exchange keys with";
                    client.connectVia(channel, hop.host(), hop.port());
                }
            } catch (IOException e) {
                String refusal = hostKeys.refusal();
                if (refusal != null) {
                    throw SshFailureTranslator.failure(
                            Reason.HOST_KEY_REJECTED, "The host key of " + hop + " is not trusted: " + refusal, e);
                }
                throw e;
            }
            stage = "log in to";
            new Authentication(route, hop, client, settings, answers)
                    .logIn(deadline.millisLeft())
                    .ifPresent(keys::add);
        }

        private BufferedSocket startProxy(String command, LastHeard lastHeard) throws IOException {
            BufferedSocket next = ProxySocket.start(command, lastHeard);
            register(next);
            return next;
        }

        /** From now on it goes when the attempt is cancelled. */
        private void register(BufferedSocket next) throws IOException {
            synchronized (this) {
                if (!cancelled) {
                    socket = next;
                    return;
                }
            }
            next.close();
            throw new IOException("cancelled");
        }

        private BufferedSocket connectSocket(ResolvedHop hop, LastHeard lastHeard) throws IOException {
            IOException first = null;
            for (InetAddress address : InetAddress.getAllByName(hop.host())) {
                BufferedSocket next = new BufferedSocket(lastHeard);
                register(next);
                try {
                    next.setTcpNoDelay(true);
                    next.setKeepAlive(true);
                    next.connect(new InetSocketAddress(address, hop.port()), deadline.millisLeft());
                    return next;
                } catch (IOException e) {
                    next.close();
                    first = first == null ? e : first;
                }
            }
            throw first == null ? new IOException("no address") : first;
        }

        private StreamChannel connectThrough(SSHClient jump, ResolvedHop hop, LastHeard lastHeard) throws IOException {
            StreamChannel channel = new StreamChannel(jump.getConnection(), lastHeard);
            channel.requestOpen(DirectTcpip.openRequest(new Endpoint(hop.host(), hop.port()), null));
            try {
                channel.opened().get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            return channel;
        }
    }

    Attempt attempt(SshRoute route, Duration timeout) {
        return new Attempt(route, timeout);
    }

    /** What an attempt would do at each hop, without connecting anywhere. */
    public List<HopPlan> plan(SshRoute route) {
        return resolve(route).stream().map(hop -> plan(route, hop)).toList();
    }

    private HopPlan plan(SshRoute route, ResolvedHop hop) {
        List<HopPlan.KeyFile> keys = Authentication.keyFiles(route, hop).stream()
                .filter(file -> Files.isReadable(file) || file.equals(route.key()))
                .map(file -> keyFile(hop, file))
                .toList();
        return new HopPlan(hop.given(), hop.user(), new Endpoint(hop.host(), hop.port()), keys, hop.proxyCommand());
    }

    private HopPlan.KeyFile keyFile(ResolvedHop hop, Path file) {
        try (SSHClient client = new SSHClient(sshjConfig)) {
            UserKey key = UserKey.load(client, hop, file, settings.passphrases());
            return new HopPlan.KeyFile(file, key.validFrom(), key.validUntil(), null);
        } catch (TunnelException e) {
            return new HopPlan.KeyFile(file, null, null, e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("closing a client that never connected", e);
        }
    }

    /** The hops of the route, and before the first the jump hosts that the SSH configuration wants. */
    private List<ResolvedHop> resolve(SshRoute route) {
        List<ResolvedHop> hops = new ArrayList<>();
        for (SshHop hop : route.hops()) {
            hops.add(openSshConfig.resolve(hop));
        }
        Set<JumpHop> seen = new HashSet<>();
        route.hops().forEach(hop -> seen.add(JumpHop.plain(hop)));
        List<JumpHop> before = hops.get(0).jumps();
        while (!before.isEmpty()) {
            List<ResolvedHop> jumps = new ArrayList<>();
            for (JumpHop jump : before) {
                if (!seen.add(jump) || hops.size() + jumps.size() >= MOST_HOPS) {
                    throw SshFailureTranslator.failure(
                            Reason.CONFIGURATION,
                            "The SSH configuration of " + route.describe() + " goes through " + jump
                                    + " again and again. Check its ProxyJump and ProxyCommand lines",
                            null);
                }
                jumps.add(openSshConfig.resolve(jump));
            }
            hops.addAll(0, jumps);
            before = hops.get(0).jumps();
        }
        return hops;
    }

    /** Hands sshj a socket that is connected already. */
    private static final class ConnectedSocket extends SocketFactory {
        private final Socket socket;

        ConnectedSocket(Socket socket) {
            this.socket = socket;
        }

        @Override
        public Socket createSocket() {
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port) {
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) {
            return socket;
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            return socket;
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
            return socket;
        }
    }
}
