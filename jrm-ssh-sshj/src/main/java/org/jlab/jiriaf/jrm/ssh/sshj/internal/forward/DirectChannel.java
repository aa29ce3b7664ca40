package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.DirectTcpip;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.TargetProbe;
import org.jspecify.annotations.Nullable;

/** A connection that came to a local forward and goes on from the login node (RFC 4254 section 7.2, direct-tcpip). */
public final class DirectChannel extends ForwardChannel {

    private final @Nullable Trial trial;
    private long requested;
    private boolean abandoned;

    /** A connection that was made to find out who answers at the target. */
    public record Trial(TargetProbe probe, CompletableFuture<ProbeResult> result) {}

    /**
     * @param trial who wants to know how the target answers, or null for an ordinary connection
     */
    public DirectChannel(HeldForward forward, SshLink link, @Nullable Trial trial) {
        super(forward, link, DirectTcpip.TYPE);
        this.trial = trial;
    }

    /** Asks the login node to connect to the target. */
    public void connect(Endpoint target, @Nullable InetSocketAddress originator) throws TransportException {
        requested = System.nanoTime();
        requestOpen(DirectTcpip.openRequest(target, originator));
    }

    @Override
    public void onOpen() {
        link.roundTrip().sample(System.nanoTime() - requested);
        if (trial != null) {
            trial.result().complete(trial.probe().accepted());
        }
        pump.execute(() -> {
            if (abandoned || isFinished()) {
                sendQuietly(this::sendClose);
                return;
            }
            try {
                socketConnected();
            } catch (IOException e) {
                abort(e);
            }
        });
    }

    @Override
    public void onOpenFailure(OpenFailure failure) {
        if (trial != null) {
            trial.result()
                    .complete(
                            failure.isProhibited()
                                    ? trial.probe().notCarried("the server forbids it: " + failure.message())
                                    : trial.probe().failed(failure.message()));
        }
        super.onOpenFailure(failure);
    }

    @Override
    public void abort(@Nullable Throwable cause) {
        // A channel that the server has not confirmed yet cannot be closed; it is closed when the answer comes.
        abandoned = true;
        if (trial != null) {
            trial.result()
                    .complete(trial.probe().notCarried(cause == null ? "closed" : SshFailureTranslator.message(cause)));
        }
        super.abort(cause);
    }
}
