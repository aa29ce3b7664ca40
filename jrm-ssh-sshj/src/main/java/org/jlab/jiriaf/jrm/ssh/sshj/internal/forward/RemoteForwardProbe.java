package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.DirectTcpip;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.ReceiveWindow;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshChannel;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Proves that a connection made on the login node to a remote forward arrives in this process. The login node is asked to
 * connect to its own port (direct-tcpip); when a connection then comes in on the forward, a random mark is sent into the
 * first and looked for in the second. Nothing is sent before something came in, so that a stranger who listens on the port
 * sees a connection that is closed again, and no data. The target of the forward sees nothing at all.
 */
public final class RemoteForwardProbe {

    private static final int MARK_LENGTH = 32;

    private final Forward forward;
    private final SocketEventLoop pump;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private volatile boolean pending = true;

    // In the pump's thread.
    private final List<Probe> probes = new ArrayList<>();
    private final Set<ForwardedChannel> held = new LinkedHashSet<>();
    private int arrivals;
    private int marksSent;

    public RemoteForwardProbe(Forward forward, SocketEventLoop pump) {
        this.forward = forward;
        this.pump = pump;
    }

    public boolean isPending() {
        return pending;
    }

    /** Makes the connections on the login node. */
    public void start(SshLink link) {
        pump.execute(() -> {
            String host = forward.bind().host();
            if (host.equals("*") || host.equals("localhost")) {
                // sshd is content when it could bind one of the two; the other may be a stranger's.
                add(link, "127.0.0.1", true);
                add(link, "::1", false);
            } else {
                add(link, host, true);
            }
            for (Probe probe : List.copyOf(probes)) {
                probe.connect();
            }
        });
    }

    private void add(SshLink link, String host, boolean mustListen) {
        probes.add(
                new Probe(link.connection(), new Endpoint(host, forward.bind().port()), mustListen));
    }

    /** Waits for the outcome. */
    public void await(Deadline deadline) throws InterruptedException {
        try {
            result.get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof TunnelException known
                    ? known
                    : failure(Reason.PROTOCOL, "could not be tried: " + SshFailureTranslator.message(e), e);
        } catch (TimeoutException e) {
            throw failure(
                    Reason.PORT_TAKEN,
                    "a connection made there does not arrive here: somebody else listens on the port. Choose another"
                            + " port",
                    e);
        }
    }

    /** Ends the proof: connections that were held go on to the target, or are closed. */
    public void end(boolean proved) {
        pending = false;
        pump.execute(() -> {
            probes.forEach(Probe::end);
            for (ForwardedChannel channel : held) {
                if (proved) {
                    channel.connect();
                } else {
                    channel.abort(null);
                }
            }
            held.clear();
        });
    }

    /** A connection came in on the forward and is held. */
    public void arrived(ForwardedChannel channel) {
        held.add(channel);
        arrivals++;
        sendMarks();
    }

    private void sendMarks() {
        for (Probe probe : probes) {
            if (probe.open && !probe.marked && marksSent < arrivals) {
                marksSent++;
                probe.mark();
            }
        }
    }

    /** A held connection sent its first bytes. */
    public void dataArrived(ForwardedChannel channel) {
        byte[] start = channel.peek(MARK_LENGTH);
        boolean undecided = false;
        for (Probe probe : probes) {
            if (probe.marked && Arrays.equals(start, probe.mark)) {
                held.remove(channel);
                channel.abort(null);
                probe.succeeded();
                return;
            }
            undecided |= start.length < MARK_LENGTH && Arrays.equals(start, Arrays.copyOf(probe.mark, start.length));
        }
        if (!undecided && held.remove(channel)) {
            channel.connect();
        }
    }

    private void finished(Probe probe) {
        probes.remove(probe);
        if (probes.isEmpty()) {
            result.complete(null);
        }
    }

    private TunnelException failure(Reason reason, String message, @Nullable Throwable cause) {
        return new TunnelException(reason, forward, notUp(message), cause);
    }

    private String notUp(String message) {
        return "Forward " + forward + " is not up: on the login node " + message;
    }

    /** One connection from the login node to itself. */
    private final class Probe extends SshChannel {
        private final Endpoint target;
        private final boolean mustListen;
        private final byte[] mark = new byte[MARK_LENGTH];
        private boolean open;
        private boolean marked;
        private boolean done;

        Probe(Connection connection, Endpoint target, boolean mustListen) {
            super(connection, DirectTcpip.TYPE);
            this.target = target;
            this.mustListen = mustListen;
            new SecureRandom().nextBytes(mark);
        }

        void connect() {
            try {
                requestOpen(DirectTcpip.openRequest(target, null));
            } catch (TransportException e) {
                result.completeExceptionally(failure(Reason.UNREACHABLE, SshFailureTranslator.message(e), e));
            }
        }

        void mark() {
            marked = true;
            try {
                sendData(mark);
            } catch (TransportException e) {
                result.completeExceptionally(failure(Reason.UNREACHABLE, SshFailureTranslator.message(e), e));
            }
        }

        void succeeded() {
            end();
            finished(this);
        }

        void end() {
            done = true;
            try {
                sendClose();
            } catch (TransportException e) {
                result.completeExceptionally(failure(Reason.UNREACHABLE, SshFailureTranslator.message(e), e));
            }
        }

        @Override
        public void onOpen() {
            pump.execute(() -> {
                open = true;
                if (done) {
                    end();
                } else {
                    sendMarks();
                }
            });
        }

        @Override
        public void onOpenFailure(OpenFailure refusal) {
            pump.execute(() -> {
                if (!mustListen) {
                    finished(this);
                } else if (refusal.isProhibited()) {
                    result.completeExceptionally(failure(
                            Reason.FORWARDING_FORBIDDEN,
                            "it cannot be tried, since the server allows no connection to " + target
                                    + " (AllowTcpForwarding, PermitOpen): " + refusal.message(),
                            null));
                } else {
                    // The server listens at another address of the two, which is enough for it.
                    result.completeExceptionally(PortHeldException.byConnection(
                            forward,
                            notUp("nothing answers at " + target + ", though the server says that it listens: "
                                    + refusal.message()),
                            null));
                }
            });
        }

        @Override
        public void onClose() {
            pump.execute(() -> {
                if (!done) {
                    result.completeExceptionally(failure(
                            Reason.PORT_TAKEN, "somebody else answers at " + target + ". Choose another port", null));
                }
                end();
            });
        }

        @Override
        public void onConnectionLost(SSHException cause) {
            result.completeExceptionally(failure(Reason.UNREACHABLE, "the connection broke", cause));
        }

        @Override
        public void onData(byte[] data, int offset, int length) {
            // A stranger that greets whoever connects. It says no more than the window allows.
        }

        @Override
        public void onWindow(long bytes) {}

        @Override
        public void onEof() {}

        @Override
        public long initialWindow() {
            return ReceiveWindow.INITIAL;
        }
    }
}
