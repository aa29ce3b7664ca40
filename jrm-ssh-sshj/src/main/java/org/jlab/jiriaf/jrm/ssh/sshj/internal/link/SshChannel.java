package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.LoggerFactory;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.connection.channel.Channel;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.ChannelRefusedException;

/**
 * One channel of an SSH connection (RFC 4254 section 5), driven by its events instead of by blocking streams as sshj's own
 * channels are. The {@code on…} methods are called by sshj's reader thread and must not block: while one waits, nothing of
 * the connection is read.
 */
public abstract class SshChannel implements Channel {

    /** The largest packet of data that we accept; what OpenSSH uses as well. */
    public static final int MAX_PACKET = 32 * 1024;

    /** Room that the SSH packet header needs before the message. */
    public static final int PACKET_HEADER = 5;

    private static final int OPEN_ADMINISTRATIVELY_PROHIBITED = 1;

    protected final Connection connection;
    private final String type;
    private final int id;
    private int recipient;
    private int remoteMaxPacket;
    private boolean open;
    private boolean closeSent;
    private boolean closeReceived;

    public SshChannel(Connection connection, String type) {
        this.connection = connection;
        this.type = type;
        this.id = connection.nextID();
    }

    /** Why a peer refused to open a channel. */
    public record OpenFailure(long code, String message) {
        public boolean isProhibited() {
            return code == OPEN_ADMINISTRATIVELY_PROHIBITED;
        }

        ChannelRefusedException toException() {
            return new ChannelRefusedException(
                    message.isBlank() ? "refused (code " + code + ")" : message, isProhibited());
        }
    }

    // What the peer says.

    public abstract void onOpen();

    public abstract void onOpenFailure(OpenFailure failure);

    /** Data arrived; it lies in the packet only until this returns. */
    public abstract void onData(byte[] data, int offset, int length) throws SSHException;

    /** Data of another stream arrived, such as standard error. */
    public void onExtendedData(byte[] data, int offset, int length) throws SSHException {
        onData(data, offset, length);
    }

    public abstract void onWindow(long bytes);

    public abstract void onEof();

    /** The channel is closed by the peer; nothing more arrives. */
    public abstract void onClose() throws TransportException;

    /** The connection is lost. */
    public abstract void onConnectionLost(SSHException cause);

    public void onRequest(String request, SSHPacket arguments) throws SSHException {
        // Requests such as keepalive@openssh.com need no action; a reply, where wanted, is sent by the caller of this.
    }

    public void onRequestReply(boolean success) {}

    /** How much the peer may send before it is told of more. */
    public abstract long initialWindow();

    // What we say. All of these can block while the connection takes no more data.

    /** Asks the peer to open the channel. */
    public void requestOpen(byte[] typeSpecific) throws TransportException {
        connection.attach(this);
        send(new SSHPacket(Message.CHANNEL_OPEN)
                .putString(type)
                .putUInt32FromInt(id)
                .putUInt32(initialWindow())
                .putUInt32(MAX_PACKET)
                .putRawBytes(typeSpecific));
    }

    /** Takes a channel that the peer asked for. */
    public void accept(int peerChannel, int peerMaxPacket) throws TransportException {
        synchronized (this) {
            recipient = peerChannel;
            remoteMaxPacket = peerMaxPacket;
            open = true;
        }
        connection.attach(this);
        send(new SSHPacket(Message.CHANNEL_OPEN_CONFIRMATION)
                .putUInt32FromInt(peerChannel)
                .putUInt32FromInt(id)
                .putUInt32(initialWindow())
                .putUInt32(MAX_PACKET));
    }

    public void sendWindow(long bytes) throws TransportException {
        if (maySend()) {
            send(message(Message.CHANNEL_WINDOW_ADJUST).putUInt32(bytes));
        }
    }

    public void sendEof() throws TransportException {
        if (maySend()) {
            send(message(Message.CHANNEL_EOF));
        }
    }

    public void sendRequest(String request, boolean wantReply, byte[] arguments) throws TransportException {
        if (maySend()) {
            send(message(Message.CHANNEL_REQUEST)
                    .putString(request)
                    .putBoolean(wantReply)
                    .putRawBytes(arguments));
        }
    }

    /** Sends a small amount of data, for which the window is known to suffice. */
    public void sendData(byte[] data) throws TransportException {
        if (maySend()) {
            send(message(Message.CHANNEL_DATA).putBytes(data));
        }
    }

    /** Ends the channel; once is enough, more does no harm. */
    public void sendClose() throws TransportException {
        synchronized (this) {
            if (!open || closeSent) {
                return;
            }
            closeSent = true;
        }
        send(message(Message.CHANNEL_CLOSE));
    }

    public final void send(SSHPacket packet) throws TransportException {
        connection.getTransport().write(packet);
    }

    private SSHPacket message(Message message) {
        return new SSHPacket(message).putUInt32FromInt(getRecipient());
    }

    public final synchronized boolean maySend() {
        return open && !closeSent;
    }

    public final synchronized boolean isCloseReceived() {
        return closeReceived;
    }

    // sshj's side of it.

    @Override
    public void handle(Message message, SSHPacket packet) throws SSHException {
        try {
            switch (message) {
                case CHANNEL_OPEN_CONFIRMATION -> opened(packet);
                case CHANNEL_OPEN_FAILURE -> {
                    connection.forget(this);
                    onOpenFailure(new OpenFailure(packet.readUInt32(), packet.readString()));
                }
                case CHANNEL_DATA -> data(packet, false);
                case CHANNEL_EXTENDED_DATA -> {
                    packet.readUInt32();
                    data(packet, true);
                }
                case CHANNEL_WINDOW_ADJUST -> onWindow(packet.readUInt32());
                case CHANNEL_EOF -> onEof();
                case CHANNEL_CLOSE -> {
                    synchronized (this) {
                        closeReceived = true;
                    }
                    connection.forget(this);
                    onClose();
                }
                case CHANNEL_REQUEST -> request(packet);
                case CHANNEL_SUCCESS -> onRequestReply(true);
                case CHANNEL_FAILURE -> onRequestReply(false);
                default -> throw new ConnectionException("Unexpected message " + message + " on a channel");
            }
        } catch (Buffer.BufferException e) {
            throw new ConnectionException(e);
        }
    }

    private void opened(SSHPacket packet) throws Buffer.BufferException {
        long window;
        synchronized (this) {
            recipient = (int) packet.readUInt32();
            window = packet.readUInt32();
            remoteMaxPacket = (int) Math.min(packet.readUInt32(), MAX_PACKET);
            open = true;
        }
        onWindow(window);
        onOpen();
    }

    private void data(SSHPacket packet, boolean extended) throws SSHException {
        int length = packet.readUInt32AsInt();
        if (length < 0 || length > packet.available()) {
            throw new ConnectionException("Channel data claims a length of " + length);
        }
        if (extended) {
            onExtendedData(packet.array(), packet.rpos(), length);
        } else {
            onData(packet.array(), packet.rpos(), length);
        }
    }

    private void request(SSHPacket packet) throws SSHException {
        String request = packet.readString();
        boolean wantReply = packet.readBoolean();
        onRequest(request, packet);
        if (wantReply && maySend()) {
            send(message(Message.CHANNEL_FAILURE));
        }
    }

    @Override
    public void notifyError(SSHException error) {
        onConnectionLost(error);
    }

    @Override
    public int getID() {
        return id;
    }

    @Override
    public String getType() {
        return type;
    }

    @Override
    public synchronized int getRecipient() {
        return recipient;
    }

    @Override
    public synchronized int getRemoteMaxPacketSize() {
        return remoteMaxPacket;
    }

    @Override
    public synchronized boolean isOpen() {
        return open && !closeSent && !closeReceived;
    }

    @Override
    public void close() throws TransportException {
        sendClose();
    }

    @Override
    public int getLocalMaxPacketSize() {
        return MAX_PACKET;
    }

    @Override
    public long getLocalWinSize() {
        return initialWindow();
    }

    @Override
    public long getRemoteWinSize() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean getAutoExpand() {
        return false;
    }

    @Override
    public void setAutoExpand(boolean autoExpand) {
        throw new UnsupportedOperationException();
    }

    @Override
    public InputStream getInputStream() {
        throw new UnsupportedOperationException();
    }

    @Override
    public OutputStream getOutputStream() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Charset getRemoteCharset() {
        return StandardCharsets.UTF_8;
    }

    @Override
    public LoggerFactory getLoggerFactory() {
        return connection.getTransport().getConfig().getLoggerFactory();
    }

    @Override
    public boolean isEOF() {
        return isCloseReceived();
    }

    @Override
    public void join() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void join(long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }
}
