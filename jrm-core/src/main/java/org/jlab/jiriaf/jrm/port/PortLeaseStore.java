package org.jlab.jiriaf.jrm.port;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * Where leases are kept: the atomic part of port allocation, shared by all processes that use the same store. It knows
 * nothing of sockets; {@code LeasingPortAllocator} adds that.
 *
 * <p>Implementations are thread-safe, and atomic among processes. Time is that of the caller's clock.
 */
public interface PortLeaseStore {

    /**
     * Leases up to {@code count} of the ports, in the order given, skipping those which are leased on any of the hosts.
     * Never waits. An expired lease does not count as leased and is replaced.
     *
     * @param hosts hosts that the lease covers
     * @param ports candidates, best first
     * @param count how many at most
     * @param owner who holds them
     * @param purpose what for
     * @param validity how long from now
     * @return the leases taken, possibly fewer than asked for, possibly none
     * @throws PortAllocationException if the store cannot be reached; then nothing has been taken, or it expires
     */
    List<PortLease> acquire(
            List<String> hosts, List<Integer> ports, int count, String owner, String purpose, Duration validity);

    /**
     * Extends all unexpired leases of an owner.
     *
     * @param owner the owner
     * @param validity how long from now
     * @return the leases as they stand now
     * @throws PortAllocationException if the store cannot be reached
     */
    List<PortLease> renew(String owner, Duration validity);

    /**
     * Removes leases, each only if owner and token are still the same.
     *
     * @param leases what to remove
     * @throws PortAllocationException if the store cannot be reached
     */
    void release(Collection<PortLease> leases);

    /**
     * Lists unexpired leases.
     *
     * @return the leases of all owners, by port
     * @throws PortAllocationException if the store cannot be reached
     */
    List<PortLease> list();
}
