package org.jlab.jiriaf.jrm.port;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * Hands out ports so that no two holders get the same one. A port is given only if nobody has leased it on any of the
 * hosts it is wanted for and nothing listens on it on this host.
 *
 * <p>Implementations are thread-safe, and safe among processes that share a store.
 */
public interface PortAllocator {

    /**
     * Leases ports: all that are asked for, or none.
     *
     * @param request how many, where and for whom
     * @return as many leases as asked for, with different ports
     * @throws PortAllocationException if the range does not hold enough free ports, or the store cannot be reached
     */
    List<PortLease> allocate(PortRequest request);

    /**
     * Extends all leases of an owner that have not expired. Leases that somebody else has taken over meanwhile are left
     * alone.
     *
     * @param owner the owner
     * @param validity how long from now
     * @return the leases of that owner as they stand now
     * @throws PortAllocationException if the store cannot be reached
     */
    List<PortLease> renew(String owner, Duration validity);

    /**
     * Leases ports for an owner that uses them already and has lost their leases, as they expired while nobody renewed them.
     * The ports are not tried out. Those which somebody else has leased meanwhile are left alone.
     *
     * @param hosts hosts that the leases cover
     * @param ports the ports
     * @param owner the owner
     * @param purpose what for
     * @return the leases taken, possibly fewer than there are ports
     * @throws PortAllocationException if the store cannot be reached
     */
    List<PortLease> reclaim(List<String> hosts, List<Integer> ports, String owner, String purpose);

    /**
     * Gives leases back. A lease frees exactly what it stands for: if its port has been leased anew since (other owner or
     * other token), nothing happens to the new lease. Giving back twice is harmless.
     *
     * @param leases what to give back
     * @throws PortAllocationException if the store cannot be reached; the leases then expire by themselves
     */
    void release(Collection<PortLease> leases);

    /**
     * Lists the leases that have not expired.
     *
     * @return the leases of all owners, by port
     * @throws PortAllocationException if the store cannot be reached
     */
    List<PortLease> leases();

    /**
     * Finds out which ports something on this host uses now, jrm's own forwards included. Tries every port of the range, which
     * takes about a second for 30,000.
     *
     * @param range the ports
     * @return those in use, in order
     * @throws PortAllocationException if it cannot be found out
     */
    List<Integer> inUse(PortRange range);
}
