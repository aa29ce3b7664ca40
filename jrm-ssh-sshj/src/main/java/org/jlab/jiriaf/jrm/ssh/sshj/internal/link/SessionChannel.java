package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session channel (RFC 4254 section 6): idle, or running one script whose output is collected up to a limit. */
public final class SessionChannel extends SshChannel {

    private static final Logger LOG = LoggerFactory.getLogger(SessionChannel.class);
    private static final long WINDOW = 2 * 1024 * 1024;
    private static final int SHOWN = 200;

    private final int outputLimit;
    private final Consumer<Boolean> whenEnded;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<ExecResult> result = new CompletableFuture<>();
    private final ShellFrame frame = ShellFrame.random();

    // In sshj's reader thread.
    private final FramedOutput output = frame.output();
    private final FramedOutput error = frame.error();
    private long unacknowledged;
    private String ending = "without a word";

    private volatile String said = "";
    private long window; // guarded by this

    public SessionChannel(Connection connection, int outputLimit, Consumer<Boolean> whenEnded) {
        super(connection, "session");
        this.outputLimit = outputLimit;
        this.whenEnded = whenEnded;
    }

    /** Opens the channel; the future tells when the server has. */
    public CompletableFuture<Void> open() throws TransportException {
        requestOpen(new byte[0]);
        return opened;
    }

    /** Gives the login shell a command, whose output is of no interest. */
    public void exec(String command) throws TransportException {
        sendRequest(
                "exec",
                true,
                new Buffer.PlainBuffer()
                        .putString(command, StandardCharsets.UTF_8)
                        .getCompactData());
    }

    /** Starts {@code /bin/sh} on the open channel; the future tells when it is there. */
    public CompletableFuture<Void> startShell(Deadline deadline)
            throws TransportException, TimeoutException, InterruptedException {
        exec(ShellFrame.COMMAND);
        send(ShellFrame.bait(), deadline);
        return ready;
    }

    /** Runs a script in the shell that is there. */
    public CompletableFuture<ExecResult> run(String script, Deadline deadline)
            throws TransportException, TimeoutException, InterruptedException {
        send(frame.wrap(script), deadline);
        sendEof();
        return result;
    }

    /** What the login shell has printed instead of starting {@code /bin/sh}, for messages; may be empty. */
    public String said() {
        return said;
    }

    private void send(byte[] data, Deadline deadline)
            throws TransportException, TimeoutException, InterruptedException {
        int offset = 0;
        while (offset < data.length) {
            int piece = takeWindow(Math.min(data.length - offset, getRemoteMaxPacketSize()), deadline);
            if (piece == 0) {
                return;
            }
            sendData(Arrays.copyOfRange(data, offset, offset + piece));
            offset += piece;
        }
    }

    /** Waits until the server takes data; returns how much, 0 if it never will. */
    private synchronized int takeWindow(int wanted, Deadline deadline) throws TimeoutException, InterruptedException {
        while (window == 0 && !result.isDone()) {
            if (deadline.isOver()) {
                throw new TimeoutException();
            }
            wait(deadline.millisLeft());
        }
        int taken = result.isDone() ? 0 : (int) Math.min(window, wanted);
        window -= taken;
        return taken;
    }

    /** Asks the server to end the command, and gives the channel up. */
    public void abandonQuietly() {
        try {
            sendRequest(
                    "signal", false, new Buffer.PlainBuffer().putString("TERM").getCompactData());
            sendClose();
        } catch (TransportException e) {
            LOG.debug("the command ended with its connection", e);
        }
    }

    @Override
    public long initialWindow() {
        return WINDOW;
    }

    @Override
    public void onOpen() {
        opened.complete(null);
    }

    @Override
    public void onOpenFailure(OpenFailure failure) {
        whenEnded.accept(false);
        opened.completeExceptionally(failure.toException());
    }

    @Override
    public void onData(byte[] data, int offset, int length) throws SSHException {
        collect(output, data, offset, length);
    }

    @Override
    public void onExtendedData(byte[] data, int offset, int length) throws SSHException {
        collect(error, data, offset, length);
    }

    private void collect(FramedOutput stream, byte[] data, int offset, int length) throws SSHException {
        if (result.isDone()) {
            return;
        }
        stream.add(data, offset, length);
        if (stream.size() > outputLimit + (stream.isComplete() ? 0 : ShellFrame.END_LENGTH)) {
            fail(new ConnectionException("It printed more than " + outputLimit + " bytes, the limit"));
            sendClose();
            return;
        }
        if (!ready.isDone()) {
            said = shown();
            if (output.contains(ShellFrame.READY)) {
                ready.complete(null);
            }
        }
        if (output.isComplete() && error.isComplete()) {
            result.complete(new ExecResult(output.exitCode(), output.content(), error.content()));
            // What the login shell still does does not matter.
            sendClose();
            return;
        }
        unacknowledged += length;
        if (unacknowledged >= WINDOW / 2) {
            sendWindow(unacknowledged);
            unacknowledged = 0;
        }
    }

    private String shown() {
        return TextRules.lastWords(output.noise() + " " + error.noise(), SHOWN);
    }

    @Override
    public void onRequest(String request, SSHPacket arguments) throws SSHException {
        if (request.equals("exit-status")) {
            ending = "with exit code " + arguments.readUInt32();
        } else if (request.equals("exit-signal")) {
            ending = "by signal " + arguments.readString();
        }
    }

    @Override
    public void onRequestReply(boolean success) {
        if (!success) {
            fail(new ConnectionException("The server does not run commands for this user"));
        }
    }

    @Override
    public synchronized void onWindow(long bytes) {
        window += bytes;
        notifyAll();
    }

    @Override
    public void onEof() {}

    @Override
    public void onClose() throws TransportException {
        // First of all: only this tells the server that the session's place is free.
        sendClose();
        whenEnded.accept(true);
        fail(new ConnectionException(
                ready.isDone()
                        ? "Its answer is not complete, and so not known; its shell ended " + ending
                        : ShellFrame.notStarted(said) + ", and ended " + ending));
    }

    @Override
    public void onConnectionLost(SSHException cause) {
        whenEnded.accept(true);
        opened.completeExceptionally(cause);
        fail(cause);
    }

    private void fail(SSHException why) {
        ready.completeExceptionally(why);
        result.completeExceptionally(why);
        synchronized (this) {
            notifyAll();
        }
    }
}
