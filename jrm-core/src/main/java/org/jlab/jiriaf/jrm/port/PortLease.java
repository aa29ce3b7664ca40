package org.jlab.jiriaf.jrm.port;

import java.time.Instant;
import java.util.List;
import org.jlab.jiriaf.jrm.internal.Checks;

/**
 * The right to use one port on some hosts until it expires.
 *
 * @param hosts hosts on which the port is leased
 * @param port the port
 * @param owner who holds it, usually the name of a deployment
 * @param purpose what for
 * @param token fencing token: every later lease of the same store has a higher one, so a holder that was away can be
 *     told from the present one
 * @param expiresAt when the lease ends unless it is renewed
 */
public record PortLease(List<String> hosts, int port, String owner, String purpose, long token, Instant expiresAt) {

    /**
     * How the names of owners begin that are no deployments, such as a tool that wants a port for a while. Clean-up frees what is
     * leased for a deployment that does not exist, but leaves the leases of these to expire.
     */
    public static final String NO_DEPLOYMENT = "~";

    /** Checks and copies. */
    public PortLease {
        hosts = List.copyOf(hosts);
        Checks.port(port, "leased port");
    }
}
