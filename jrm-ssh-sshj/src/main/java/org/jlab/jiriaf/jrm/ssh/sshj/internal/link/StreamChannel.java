package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.transport.TransportException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection from a jump host to the next hop, as the pair of blocking streams on which sshj builds the next connection. */
public final class StreamChannel extends SshChannel {

    private static final Logger LOG = LoggerFactory.getLogger(StreamChannel.class);

    /** The next hop's own windows bound the memory; this one only must not be the bottleneck. */
    private static final long WINDOW = 32 * 1024 * 1024;

    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final Queue<byte[]> received = new ArrayDeque<>();
    private final LastHeard lastHeard;
    private byte @Nullable [] current;
    private int currentOffset;
    private long unacknowledged;
    private long remoteWindow;
    private boolean eof;
    private @Nullable IOException lost;

    public StreamChannel(Connection connection, LastHeard lastHeard) {
        super(connection, DirectTcpip.TYPE);
        this.lastHeard = lastHeard;
    }

    /** Completes when the jump host has connected to the next hop, exceptionally if it could not. */
    public CompletableFuture<Void> opened() {
        return opened;
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
        opened.completeExceptionally(failure.toException());
    }

    @Override
    public synchronized void onData(byte[] data, int offset, int length) {
        byte[] copy = new byte[length];
        System.arraycopy(data, offset, copy, 0, length);
        received.add(copy);
        lastHeard.now();
        notifyAll();
    }

    @Override
    public synchronized void onWindow(long bytes) {
        remoteWindow += bytes;
        notifyAll();
    }

    @Override
    public synchronized void onEof() {
        eof = true;
        notifyAll();
    }

    @Override
    public synchronized void onClose() {
        eof = true;
        lost = new ConnectionException("The jump host closed the connection to the next host");
        notifyAll();
    }

    @Override
    public void onConnectionLost(SSHException cause) {
        opened.completeExceptionally(cause);
        synchronized (this) {
            eof = true;
            lost = cause;
            notifyAll();
        }
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return length == 0 ? 0 : take(target, offset, length);
            }

            @Override
            public void close() {
                closeQuietly();
            }
        };
    }

    private void closeQuietly() {
        try {
            sendClose();
        } catch (TransportException e) {
            LOG.trace("the connection to the jump host is gone already", e);
        }
    }

    private int take(byte[] target, int offset, int length) throws IOException {
        int count;
        long widen = 0;
        synchronized (this) {
            while (current == null) {
                current = received.poll();
                currentOffset = 0;
                if (current == null) {
                    if (eof) {
                        return -1;
                    }
                    await();
                }
            }
            count = Math.min(length, current.length - currentOffset);
            System.arraycopy(current, currentOffset, target, offset, count);
            currentOffset += count;
            if (currentOffset == current.length) {
                current = null;
            }
            unacknowledged += count;
            if (unacknowledged >= WINDOW / 4) {
                widen = unacknowledged;
                unacknowledged = 0;
            }
        }
        if (widen > 0) {
            sendWindow(widen);
        }
        return count;
    }

    @SuppressWarnings("WaitNotInLoop") // its callers loop
    private void await() throws InterruptedIOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading through the jump host");
        }
    }

    @Override
    public OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                put(source, offset, length);
            }

            @Override
            public void close() {
                closeQuietly();
            }
        };
    }

    private void put(byte[] source, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            int count = claim(left);
            send(new SSHPacket(Message.CHANNEL_DATA)
                    .putUInt32FromInt(getRecipient())
                    .putBytes(source, from, count));
            from += count;
            left -= count;
        }
    }

    private synchronized int claim(int wanted) throws IOException {
        while (remoteWindow == 0 && lost == null) {
            await();
        }
        if (lost != null || !maySend()) {
            throw new TransportException("The connection through the jump host is closed", lost);
        }
        int count = (int) Math.min(Math.min(wanted, remoteWindow), getRemoteMaxPacketSize());
        remoteWindow -= count;
        return count;
    }
}
