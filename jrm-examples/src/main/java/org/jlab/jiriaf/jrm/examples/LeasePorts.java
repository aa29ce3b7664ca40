package org.jlab.jiriaf.jrm.examples;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.port.InMemoryPortLeaseStore;
import org.jlab.jiriaf.jrm.port.LeasingPortAllocator;
import org.jlab.jiriaf.jrm.port.PortAllocator;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.port.PortRequest;

/**
 * Leases ports that nobody uses on this host and that nobody else gets while the lease lasts. With the store of a LaunchPad,
 * {@code new MongoWorkflowStore(database).portLeases()}, this holds among all processes that share it.
 */
public final class LeasePorts {

    private LeasePorts() {}

    /**
     * Runs the example.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        lease(new LeasingPortAllocator(new InMemoryPortLeaseStore()), System.out);
    }

    static void lease(PortAllocator ports, PrintStream out) {
        Set<Integer> takenOnLoginNode = Set.of(10000, 10001);
        List<PortLease> leases = ports.allocate(new PortRequest(
                List.of("control-plane", "login33"), "my-service", "kubelet", 3, PortRange.KUBELET, takenOnLoginNode));
        leases.forEach(lease -> out.println("leased " + lease.port() + " until " + lease.expiresAt()));

        ports.renew("my-service", Duration.ofHours(8)).forEach(lease -> out.println("now until " + lease.expiresAt()));

        ports.release(leases);
        out.println(ports.leases().size() + " leases left");
    }
}
