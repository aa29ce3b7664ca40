package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import net.schmizz.concurrent.Promise;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.transport.Transport;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.login.UserKey;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One living SSH connection to a login node, jump hosts included. When it is dead it stays so; a new one takes its place. */
public final class SshLink {

    private static final Logger LOG = LoggerFactory.getLogger(SshLink.class);
    private static final Duration PROMPT = Duration.ofSeconds(10);

    private static final int FIRST_COMMAND_OUTPUT = 64 * 1024;

    /** Longer than anybody waits: whoever uses SFTP has a deadline of their own. */
    private static final int SFTP_ANSWER_MILLIS = 600_000;

    private final List<SSHClient> hops;
    private final List<UserKey> keys;
    private final BufferedSocket socket;
    private final AtomicInteger channels = new AtomicInteger();
    private final LastHeard lastHeard;
    private final SshHop login;
    private final String name;
    private final ReceiveWindow.Budget budget;
    private final ReceiveWindow.RoundTrip roundTrip = new ReceiveWindow.RoundTrip();
    private final Sessions sessions;
    private final CompletableFuture<String> death = new CompletableFuture<>();

    public SshLink(
            List<SSHClient> hops,
            List<UserKey> keys,
            BufferedSocket socket,
            LastHeard lastHeard,
            SshHop login,
            String name,
            ReceiveWindow.Budget budget) {
        this.hops = List.copyOf(hops);
        this.keys = List.copyOf(keys);
        this.socket = socket;
        this.lastHeard = lastHeard;
        this.login = login;
        this.name = name;
        this.budget = budget;
        this.sessions = new Sessions(client().getConnection());
        // With a limit, a write that waits for a key exchange to end can take the start of the next one for a timeout.
        // A connection that hangs is ended by whoever watches its silence.
        hops.forEach(hop -> hop.getTransport().setTimeoutMs(0));
        Transport transport = client().getTransport();
        transport.setDisconnectListener(
                (reason, message) -> death.complete(message == null || message.isBlank() ? "closed" : message));
        if (!transport.isRunning()) {
            death.complete("the server closed the connection");
        }
    }

    /** The login node as the route names it. */
    public SshHop login() {
        return login;
    }

    /** When the first of the user certificates that logged in expires, or null without one. */
    @Nullable
    public Instant certificateValidUntil() {
        Instant first = null;
        for (UserKey key : keys) {
            Instant end = key.validUntil();
            first = first == null || (end != null && end.isBefore(first)) ? end : first;
        }
        return first;
    }

    private SSHClient client() {
        return hops.get(hops.size() - 1);
    }

    public Connection connection() {
        return client().getConnection();
    }

    /** Does something as soon as the connection is dead, in the thread that notices. */
    public void whenDead(Runnable action) {
        CompletableFuture<Void> unused = death.thenRun(action);
    }

    /** Why it is dead. */
    public String causeOfDeath() {
        return death.getNow("closed");
    }

    /** The key files that logged in to its hops. */
    public List<UserKey> keys() {
        return keys;
    }

    /** Counts a forwarded connection in. */
    public void channelOpened() {
        channels.incrementAndGet();
    }

    public void channelFinished() {
        channels.decrementAndGet();
    }

    /** Whether a forwarded connection runs through it. */
    public boolean isInUse() {
        return channels.get() > 0;
    }

    /** Waits that long at most; returns whether the connection is dead, or this thread is wanted elsewhere. */
    public boolean awaitDeath(Duration longest) {
        try {
            death.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    public boolean isAlive() {
        return !death.isDone();
    }

    public Duration silence() {
        return lastHeard.ago();
    }

    public ReceiveWindow.RoundTrip roundTrip() {
        return roundTrip;
    }

    public ReceiveWindow newReceiveWindow() {
        return new ReceiveWindow(budget, roundTrip);
    }

    /**
     * Runs a command that does nothing. OpenSSH's server collects small packets (Nagle's algorithm) until a connection has
     * run its first command; without one, small requests stall for 40 ms. A session that is only opened has no effect, and
     * the session need not stay.
     */
    public void runFirstCommand() {
        try {
            long start = System.nanoTime();
            SessionChannel session = sessions.open(FIRST_COMMAND_OUTPUT, Deadline.after(PROMPT));
            roundTrip.sample(System.nanoTime() - start);
            session.exec(":");
            session.sendEof();
        } catch (ExecutionException | TimeoutException | TransportException e) {
            LOG.debug("{} runs no commands; small requests will be slower: {}", name, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The sessions of this connection, in which commands run. */
    public Sessions sessions() {
        return sessions;
    }

    /** Asks for any sign of life. Can block. */
    public void sendKeepAlive() throws TransportException {
        connection().sendGlobalRequest("keepalive@openssh.com", true, new byte[0]);
    }

    /** Asks for a sign of life, and waits for it. */
    public void check(Deadline deadline) {
        long start = System.nanoTime();
        try {
            connection()
                    .sendGlobalRequest("keepalive@openssh.com", true, new byte[0])
                    .retrieve(deadline.millisLeft(), TimeUnit.MILLISECONDS);
        } catch (TransportException | ConnectionException e) {
            if (SshFailureTranslator.find(e, TimeoutException.class) != null) {
                throw SshFailureTranslator.failure(Reason.TIMEOUT, name + " does not answer", e);
            }
            if (!isAlive()) {
                throw SshFailureTranslator.failure(
                        Reason.UNREACHABLE,
                        "The connection to " + name + " broke: " + SshFailureTranslator.message(e),
                        e);
            }
            // "Unknown request" is the answer that is expected.
            LOG.trace("{} answers", name);
        }
        roundTrip.sample(System.nanoTime() - start);
    }

    /** Opens an SFTP session. */
    public SFTPClient newSftpClient() throws IOException {
        SFTPClient client = client().newSFTPClient();
        client.getSFTPEngine().setTimeoutMs(SFTP_ANSWER_MILLIS);
        return client;
    }

    /** Asks the server to listen (RFC 4254 section 7.1). */
    public Promise<SSHPacket, ConnectionException> requestForward(Endpoint bind) throws TransportException {
        return connection().sendGlobalRequest("tcpip-forward", true, bindRequest(bind));
    }

    /** Asks the server to stop listening. */
    public Promise<SSHPacket, ConnectionException> cancelForward(Endpoint bind) throws TransportException {
        return connection().sendGlobalRequest("cancel-tcpip-forward", true, bindRequest(bind));
    }

    private static byte[] bindRequest(Endpoint bind) {
        return new Buffer.PlainBuffer()
                .putString(bindAddress(bind))
                .putUInt32(bind.port())
                .getCompactData();
    }

    /** The address to bind as the protocol writes it: empty for every address. */
    public static String bindAddress(Endpoint bind) {
        return bind.host().equals("*") ? "" : bind.host();
    }

    /** Ends the connection at once, without a word to the server. Never blocks. */
    public void kill(String reason) {
        death.complete(reason);
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("{}: closing the socket failed", name, e);
        }
    }

    /**
     * Ends the connection because nothing gets through any more. The server may not know for hours and hold our remote forwards
     * until then, so {@link #bury} has to tell it when the way is free again. Never blocks.
     */
    public void abandon(String reason) {
        death.complete(reason);
        try {
            socket.abandon();
        } catch (IOException e) {
            LOG.debug("{}: giving up the socket failed", name, e);
        }
    }

    /** Tells the server that an abandoned connection is no more. */
    public void bury() {
        try {
            socket.reset();
        } catch (IOException e) {
            LOG.debug("{}: resetting the socket failed", name, e);
        }
    }

    /** Says goodbye to the server; can block while the connection takes no more data, until {@link #kill}. */
    public void disconnect() {
        client().getTransport().disconnect();
    }

    @Override
    public String toString() {
        return name;
    }
}
