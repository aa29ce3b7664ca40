package org.jlab.jiriaf.jrm.tunnel;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult.Outcome;

/** Finds out who answers at the target of a forward, and says it in the same words for every backend. */
public record TargetProbe(Endpoint target, long start) {

    /** Starts the clock. */
    public static TargetProbe of(Endpoint target) {
        return new TargetProbe(target, System.nanoTime());
    }

    /** Connects from this host, to each address of the target's host until one accepts. Blocks. */
    public ProbeResult connect(Deadline deadline) {
        try {
            return connect(InetAddress.getAllByName(target.host()), deadline);
        } catch (UnknownHostException e) {
            return failed("unknown host");
        }
    }

    /** Connects from this host, to each of these addresses until one accepts. Blocks. */
    public ProbeResult connect(InetAddress[] addresses, Deadline deadline) {
        IOException failure = new IOException("no address");
        for (InetAddress address : addresses) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, target.port()), deadline.millisLeft());
                return accepted();
            } catch (IOException e) {
                failure = refused(failure) ? failure : e;
            }
        }
        return failed(String.valueOf(failure.getMessage()));
    }

    private static boolean refused(IOException failure) {
        return failure instanceof ConnectException && isRefusal(String.valueOf(failure.getMessage()));
    }

    private static boolean isRefusal(String reason) {
        return reason.toLowerCase(Locale.ROOT).contains("refused");
    }

    /** The target accepted the connection. */
    public ProbeResult accepted() {
        return result(Outcome.ACCEPTED, target + " accepted the connection");
    }

    /** The host that connects to the target could not, for the reason that its system gave. */
    public ProbeResult failed(String reason) {
        return isRefusal(reason)
                ? result(Outcome.REFUSED, "Nothing listens on " + target + ": " + reason)
                : result(Outcome.NO_ANSWER, "Nobody answers at " + target + ": " + reason);
    }

    /** The target was not got at. */
    public ProbeResult notCarried(String reason) {
        return result(Outcome.NOT_CARRIED, "No connection was carried to " + target + ": " + reason);
    }

    private ProbeResult result(Outcome outcome, String message) {
        return new ProbeResult(outcome, message, Duration.ofNanos(System.nanoTime() - start));
    }
}
