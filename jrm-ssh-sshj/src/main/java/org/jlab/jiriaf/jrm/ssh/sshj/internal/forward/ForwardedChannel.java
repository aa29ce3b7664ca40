package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import net.schmizz.sshj.connection.channel.OpenFailException;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jspecify.annotations.Nullable;

/**
 * A connection that came to a remote forward and goes on from this host. While the forward is being proved it is held: taken,
 * but not connected to the target until its first bytes, or the end of the proof, tell whose it is.
 */
public final class ForwardedChannel extends ForwardChannel {

    /** Finds the target's addresses. */
    interface Targets {
        List<InetSocketAddress> find() throws UnknownHostException;
    }

    private final ForwardedOpen open;
    private final Targets targets;
    private final Queue<InetSocketAddress> untried = new ArrayDeque<>();
    private @Nullable RemoteForwardProbe holder;
    private boolean accepted;

    public ForwardedChannel(RemoteForward forward, SshLink link, ForwardedOpen open) {
        super(forward, link, ForwardedOpen.TYPE);
        this.targets = forward::targets;
        this.open = open;
        onWindow(open.window());
    }

    /** Takes the connection and leaves it to a proof to decide about it. */
    public void hold(RemoteForwardProbe proof) {
        holder = proof;
        try {
            accept();
            proof.arrived(this);
        } catch (TransportException e) {
            abort(e);
        }
    }

    /** Connects to the target. */
    public void connect() {
        holder = null;
        try {
            untried.addAll(targets.find());
            connectNext(new IOException("no address"));
        } catch (IOException e) {
            abort(e);
        }
    }

    private void connectNext(IOException previous) throws IOException {
        IOException failure = previous;
        for (InetSocketAddress address = untried.poll(); address != null; address = untried.poll()) {
            SocketChannel socket = SocketChannel.open();
            try {
                attach(socket);
                if (socket.connect(address)) {
                    connected();
                } else {
                    interest(SelectionKey.OP_CONNECT);
                }
                return;
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
        }
        throw failure;
    }

    @Override
    public void finishConnect() throws IOException {
        SocketChannel socket = socket();
        if (socket == null) {
            return;
        }
        try {
            socket.finishConnect();
        } catch (IOException e) {
            socket.close();
            connectNext(e);
            return;
        }
        connected();
    }

    private void connected() throws IOException {
        accept();
        socketConnected();
    }

    private void accept() throws TransportException {
        if (!accepted) {
            accepted = true;
            accept(open.channel(), open.maxPacket());
        }
    }

    @Override
    public void dataQueued() {
        RemoteForwardProbe proof = holder;
        if (proof != null) {
            proof.dataArrived(this);
        } else {
            super.dataQueued();
        }
    }

    @Override
    public void abort(@Nullable Throwable cause) {
        if (!accepted) {
            accepted = true;
            sendQuietly(() -> connection.sendOpenFailure(
                    open.channel(),
                    OpenFailException.Reason.CONNECT_FAILED,
                    cause == null ? "closed" : SshFailureTranslator.message(cause)));
        }
        super.abort(cause);
    }
}
