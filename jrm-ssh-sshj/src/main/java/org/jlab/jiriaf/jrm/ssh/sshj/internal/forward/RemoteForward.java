package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.TargetProbe;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/** A forward that listens on the login node. */
public final class RemoteForward extends HeldForward {

    private final ReentrantLock proving = new ReentrantLock();
    private volatile @Nullable RemoteForwardProbe proof;

    public RemoteForward(
            Forward forward,
            SocketEventLoop pump,
            Consumer<HeldForward> whenChanged,
            Supplier<@Nullable SshLink> link) {
        super(forward, pump, whenChanged, link);
    }

    /** Starts to treat what comes in as a possible proof. */
    public RemoteForwardProbe expectProof() {
        RemoteForwardProbe expected = new RemoteForwardProbe(forward(), pump);
        proof = expected;
        return expected;
    }

    /** Starts the proof that is expected. */
    public void startProof(SshLink link) {
        RemoteForwardProbe expected = proof;
        if (expected != null) {
            expected.start(link);
        }
    }

    /** A connection came in on the login node. In the pump's thread. */
    public void opened(SshLink link, ForwardedOpen open) {
        ForwardedChannel channel = new ForwardedChannel(this, link, open);
        add(channel);
        RemoteForwardProbe pending = proof;
        if (pending != null && pending.isPending()) {
            channel.hold(pending);
        } else {
            channel.connect();
        }
    }

    public List<InetSocketAddress> targets() throws UnknownHostException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (InetAddress address : InetAddress.getAllByName(forward().target().host())) {
            addresses.add(new InetSocketAddress(address, forward().target().port()));
        }
        return addresses;
    }

    /** Proves the way from the login node to this process, and then connects to the target as this process does. */
    @Override
    public ProbeResult probe(SshLink current, TargetProbe probe, Deadline deadline) throws InterruptedException {
        if (!proving.tryLock(deadline.millisLeft(), TimeUnit.MILLISECONDS)) {
            return probe.notCarried("another trial is under way");
        }
        RemoteForwardProbe expected = expectProof();
        boolean proved = false;
        try {
            expected.start(current);
            expected.await(deadline);
            proved = true;
        } catch (TunnelException e) {
            return probe.notCarried(String.valueOf(e.getMessage()));
        } finally {
            expected.end(proved);
            proving.unlock();
        }
        return probe.connect(deadline);
    }

    public TunnelException failure(Reason reason, String message, @Nullable Throwable cause) {
        return new TunnelException(reason, forward(), message, cause);
    }

    @Override
    public void closeListener() {
        // It is the login node that listens.
    }
}
