package org.jlab.jiriaf.jrm.ssh.sshj;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/** A forward that listens on the login node. */
final class RemoteForward extends HeldForward {

    private volatile @Nullable PortProof proof;

    RemoteForward(Forward forward, DataPump pump, Consumer<HeldForward> whenChanged) {
        super(forward, pump, whenChanged);
    }

    /** Starts to treat what comes in as a possible proof. */
    PortProof expectProof() {
        PortProof expected = new PortProof(forward(), pump);
        proof = expected;
        return expected;
    }

    /** Starts the proof that is expected. */
    void startProof(SshLink link) {
        PortProof expected = proof;
        if (expected != null) {
            expected.start(link);
        }
    }

    /** A connection came in on the login node. In the pump's thread. */
    void opened(SshLink link, ForwardedOpen open) {
        ForwardedChannel[] self = new ForwardedChannel[1];
        ForwardedChannel channel = new ForwardedChannel(link, pump, open, this::targets, () -> remove(self[0]));
        self[0] = channel;
        add(channel);
        PortProof pending = proof;
        if (pending != null && pending.isPending()) {
            channel.hold(pending);
        } else {
            channel.connect();
        }
    }

    private List<InetSocketAddress> targets() throws UnknownHostException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (InetAddress address : InetAddress.getAllByName(forward().target().host())) {
            addresses.add(new InetSocketAddress(address, forward().target().port()));
        }
        return addresses;
    }

    TunnelException failure(Reason reason, String message, @Nullable Throwable cause) {
        return new TunnelException(reason, forward(), message, cause);
    }

    @Override
    void closeListener() {
        // It is the login node that listens.
    }
}
