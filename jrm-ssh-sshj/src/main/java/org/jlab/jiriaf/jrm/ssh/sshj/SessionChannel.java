package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session channel (RFC 4254 section 6): idle, or running one command whose output is collected up to a limit. */
final class SessionChannel extends SshChannel {

    private static final Logger LOG = LoggerFactory.getLogger(SessionChannel.class);
    private static final long WINDOW = 2 * 1024 * 1024;

    private final int outputLimit;
    private final Consumer<Boolean> whenEnded;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<ExecResult> result = new CompletableFuture<>();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();
    private long unacknowledged;
    private int exitCode = -1;

    SessionChannel(Connection connection, int outputLimit, Consumer<Boolean> whenEnded) {
        super(connection, "session");
        this.outputLimit = outputLimit;
        this.whenEnded = whenEnded;
    }

    /** Opens the channel; the future tells when the server has. */
    CompletableFuture<Void> open() throws TransportException {
        requestOpen(new byte[0]);
        return opened;
    }

    /** Runs a command on the open channel. */
    CompletableFuture<ExecResult> exec(String command) throws TransportException {
        sendRequest(
                "exec",
                true,
                new Buffer.PlainBuffer()
                        .putString(command, StandardCharsets.UTF_8)
                        .getCompactData());
        sendEof();
        return result;
    }

    /** Asks the server to end the command, and gives the channel up. */
    void abandonQuietly() {
        try {
            sendRequest(
                    "signal", false, new Buffer.PlainBuffer().putString("TERM").getCompactData());
            sendClose();
        } catch (TransportException e) {
            LOG.debug("the command ended with its connection", e);
        }
    }

    @Override
    long initialWindow() {
        return WINDOW;
    }

    @Override
    void onOpen() {
        opened.complete(null);
    }

    @Override
    void onOpenFailure(OpenFailure failure) {
        whenEnded.accept(false);
        opened.completeExceptionally(new ChannelRefusedException(failure));
    }

    @Override
    void onData(byte[] data, int offset, int length) throws SSHException {
        collect(output, data, offset, length);
    }

    @Override
    void onExtendedData(byte[] data, int offset, int length) throws SSHException {
        collect(error, data, offset, length);
    }

    private void collect(ByteArrayOutputStream stream, byte[] data, int offset, int length) throws SSHException {
        if (stream.size() + length > outputLimit) {
            result.completeExceptionally(
                    new ConnectionException("It printed more than " + outputLimit + " bytes, the limit"));
            sendClose();
            return;
        }
        stream.write(data, offset, length);
        unacknowledged += length;
        if (unacknowledged >= WINDOW / 2) {
            sendWindow(unacknowledged);
            unacknowledged = 0;
        }
    }

    @Override
    void onRequest(String request, SSHPacket arguments) throws SSHException {
        if (request.equals("exit-status")) {
            exitCode = (int) arguments.readUInt32();
        }
    }

    @Override
    void onRequestReply(boolean success) {
        if (!success) {
            result.completeExceptionally(new ConnectionException("The server does not run commands for this user"));
        }
    }

    @Override
    void onWindow(long bytes) {}

    @Override
    void onEof() {}

    @Override
    void onClose() throws TransportException {
        // First of all: only this tells the server that the session's place is free.
        sendClose();
        whenEnded.accept(true);
        result.complete(new ExecResult(
                exitCode, output.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8)));
    }

    @Override
    void onConnectionLost(SSHException cause) {
        whenEnded.accept(true);
        opened.completeExceptionally(cause);
        result.completeExceptionally(cause);
    }
}
