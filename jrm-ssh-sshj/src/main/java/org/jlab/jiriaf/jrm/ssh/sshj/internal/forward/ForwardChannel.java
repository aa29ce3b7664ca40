package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.OutboundData;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.ReceiveWindow;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshChannel;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One forwarded connection: a channel of the SSH connection on one side, a socket on the other. Data from the channel is
 * written to the socket by the thread that decrypted it; what the socket does not take is queued, bounded by the window,
 * and written by the pump. Data from the socket is read, encrypted and sent by the pump. Either side can end its direction
 * while the other goes on. All fields without a note belong to the pump's thread.
 */
public abstract class ForwardChannel extends SshChannel implements SocketEventLoop.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(ForwardChannel.class);

    /** Packets that one socket may send before the others have their turn. */
    private static final int BURST = 8;

    protected final SocketEventLoop pump;
    protected final SshLink link;
    private final ReceiveWindow window;
    private final HeldForward forward;

    private @Nullable SelectionKey key;
    private boolean socketEof;
    private boolean finished;

    // Guarded by this: touched by the reader thread and the pump.
    private final Queue<ByteBuffer> toSocket = new ArrayDeque<>();
    private long backlog;
    private @Nullable SocketChannel socket;
    private boolean socketReady;
    private boolean channelEof;
    private boolean aborted;
    private long remoteWindow;

    public ForwardChannel(HeldForward forward, SshLink link, String type) {
        super(link.connection(), type);
        this.forward = forward;
        this.pump = forward.pump;
        this.link = link;
        link.channelOpened();
        this.window = link.newReceiveWindow();
    }

    /** Takes the socket, connected or about to be. */
    public final void attach(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        synchronized (this) {
            socket = channel;
        }
        key = pump.register(channel, 0, this);
    }

    public final @Nullable SocketChannel socket() {
        synchronized (this) {
            return socket;
        }
    }

    /** The socket is connected: what has come in for it goes out. */
    public final void socketConnected() throws IOException {
        synchronized (this) {
            socketReady = true;
        }
        forward.countConnection();
        flush();
        updateInterest();
    }

    public final void interest(int operations) {
        if (key != null && key.isValid()) {
            key.interestOps(operations);
        }
    }

    /** The first bytes that came in and were not written yet, up to {@code length}. */
    public final synchronized byte[] peek(int length) {
        ByteBuffer start = ByteBuffer.allocate((int) Math.min(length, backlog));
        for (ByteBuffer chunk : toSocket) {
            ByteBuffer source = chunk.duplicate();
            source.limit(source.position() + Math.min(source.remaining(), start.remaining()));
            start.put(source);
        }
        return start.array();
    }

    // From the channel; in the reader thread.

    @Override
    public void onOpen() {
        pump.execute(this::updateInterest);
    }

    @Override
    public void onData(byte[] data, int offset, int length) throws SSHException {
        window.received(length);
        boolean toPump = false;
        long written = 0;
        long left;
        synchronized (this) {
            if (aborted) {
                return;
            }
            ByteBuffer buffer = ByteBuffer.wrap(data, offset, length);
            SocketChannel out = socket;
            if (socketReady && out != null && toSocket.isEmpty()) {
                try {
                    written = out.write(buffer);
                } catch (IOException e) {
                    pump.execute(() -> abort(e));
                    return;
                }
            }
            if (buffer.hasRemaining()) {
                toPump = toSocket.isEmpty() || !socketReady;
                backlog += buffer.remaining();
                toSocket.add(ByteBuffer.allocate(buffer.remaining()).put(buffer).flip());
            }
            left = backlog;
        }
        credit(written, left);
        if (toPump) {
            pump.execute(this::dataQueued);
        }
    }

    @Override
    public void onWindow(long bytes) {
        boolean wasEmpty;
        synchronized (this) {
            wasEmpty = remoteWindow == 0;
            remoteWindow += bytes;
        }
        if (wasEmpty) {
            pump.execute(this::updateInterest);
        }
    }

    @Override
    public void onEof() {
        synchronized (this) {
            channelEof = true;
        }
        pump.execute(this::channelEnded);
    }

    @Override
    public void onClose() {
        onEof();
    }

    @Override
    public void onOpenFailure(OpenFailure failure) {
        pump.execute(() -> abort(new IOException(failure.message())));
    }

    @Override
    public void onConnectionLost(SSHException cause) {
        pump.execute(() -> abort(cause));
    }

    @Override
    public final long initialWindow() {
        return ReceiveWindow.INITIAL;
    }

    // In the pump.

    /** Data is waiting in the queue, for the socket or, before there is one, for whoever decides about it. */
    public void dataQueued() {
        updateInterest();
    }

    private void credit(long delivered, long left) {
        if (delivered == 0) {
            return;
        }
        forward.countReceived(delivered);
        long widen = window.delivered(delivered, left);
        if (widen > 0) {
            // Never from the reader thread: a write can block, and then nothing would be read.
            pump.execute(() -> sendQuietly(() -> sendWindow(widen)));
        }
    }

    @Override
    public void ready(SelectionKey ready) throws IOException {
        if (ready.isConnectable()) {
            finishConnect();
            return;
        }
        if (ready.isWritable()) {
            flush();
        }
        if (ready.isValid() && ready.isReadable()) {
            readSocket();
        }
        updateInterest();
    }

    public void finishConnect() throws IOException {
        throw new IllegalStateException("not connecting");
    }

    private void readSocket() throws IOException {
        SocketChannel in = socket();
        if (in == null || socketEof) {
            return;
        }
        for (int i = 0; i < BURST; i++) {
            int limit = sendable();
            if (limit == 0) {
                return;
            }
            OutboundData outbound = pump.outbound();
            int count = outbound.read(in, limit);
            if (count < 0) {
                socketEof = true;
                sendEof();
                closeWhenDone();
                return;
            }
            if (count == 0) {
                return;
            }
            synchronized (this) {
                remoteWindow -= count;
            }
            if (maySend()) {
                send(outbound.toChannel(getRecipient(), count));
                forward.countSent(count);
            }
            if (count < limit) {
                return;
            }
        }
    }

    private int sendable() {
        synchronized (this) {
            return maySend() ? (int) Math.min(remoteWindow, getRemoteMaxPacketSize()) : 0;
        }
    }

    private void flush() throws IOException {
        long written = 0;
        long left;
        synchronized (this) {
            SocketChannel out = socket;
            if (out == null || !socketReady || aborted) {
                return;
            }
            for (ByteBuffer next = toSocket.peek(); next != null; next = toSocket.peek()) {
                written += out.write(next);
                if (next.hasRemaining()) {
                    break;
                }
                toSocket.remove();
            }
            backlog -= written;
            left = backlog;
        }
        credit(written, left);
        if (left == 0) {
            endSocketOutput();
        }
    }

    private void channelEnded() {
        if (isCloseReceived()) {
            sendQuietly(this::sendClose);
        }
        try {
            flush();
            endSocketOutput();
            updateInterest();
        } catch (IOException e) {
            abort(e);
        }
    }

    private void endSocketOutput() throws IOException {
        SocketChannel out;
        synchronized (this) {
            if (!channelEof || backlog > 0 || !socketReady || aborted) {
                return;
            }
            out = socket;
        }
        if (isCloseReceived()) {
            finish();
        } else if (out != null && out.isConnected()) {
            out.shutdownOutput();
            closeWhenDone();
        }
    }

    /** Both directions have ended: the channel has too. */
    private void closeWhenDone() throws TransportException {
        boolean done;
        synchronized (this) {
            done = socketEof && channelEof && backlog == 0;
        }
        if (done) {
            sendClose();
        }
    }

    public final void updateInterest() {
        int operations = 0;
        boolean connected;
        synchronized (this) {
            connected = socketReady && !aborted;
            if (connected && backlog > 0) {
                operations |= SelectionKey.OP_WRITE;
            }
        }
        if (!connected || finished) {
            return;
        }
        if (!socketEof && !isCloseReceived() && sendable() > 0) {
            operations |= SelectionKey.OP_READ;
        }
        interest(operations);
    }

    /** Ends the connection at once; the socket's peer sees a reset, not an end that looks like a complete stream. */
    @Override
    public void abort(@Nullable Throwable cause) {
        SocketChannel out;
        synchronized (this) {
            aborted = true;
            out = socket;
            toSocket.clear();
            backlog = 0;
        }
        if (finished) {
            return;
        }
        if (cause != null) {
            LOG.debug("{} aborted: {}", this, cause.toString());
        }
        if (out != null) {
            try {
                out.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                LOG.trace("{}: no reset", this, e);
            }
        }
        finish();
    }

    private void finish() {
        if (finished) {
            return;
        }
        finished = true;
        sendQuietly(this::sendClose);
        SocketChannel out = socket();
        if (out != null) {
            try {
                out.close();
            } catch (IOException e) {
                LOG.trace("{}: closing its socket failed", this, e);
            }
        }
        window.close();
        link.channelFinished();
        forward.remove(this);
    }

    public final boolean isFinished() {
        return finished;
    }

    /** What is sent to close or credit a channel is of no use any more once its connection is lost. */
    public final void sendQuietly(Send send) {
        try {
            send.run();
        } catch (TransportException e) {
            LOG.debug("{}: {}", this, e.toString());
        }
    }

    interface Send {
        void run() throws TransportException;
    }

    @Override
    public String toString() {
        return getType() + " channel " + getID();
    }
}
