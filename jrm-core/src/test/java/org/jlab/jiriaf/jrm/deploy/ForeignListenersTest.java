package org.jlab.jiriaf.jrm.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What others listen on, on the control plane and on the login node, in both ranges: never taken, never disturbed, named. */
class ForeignListenersTest {

    private final World world = new World(1);
    private final World.Launcher process = world.processes.get(0);

    static Stream<PortRange> ranges() {
        return Stream.of(World.KUBELET, World.CUSTOM);
    }

    @ParameterizedTest
    @MethodSource("ranges")
    void areNeverTakenNeverDisturbedAndNamed(PortRange range) {
        int onLoginNode = range.last() - 1;
        int free = range.last();
        for (int port = range.first(); port < onLoginNode; port++) {
            world.network.listen(process.host, port, SimulatedNetwork.FOREIGN);
        }
        world.network.listen(World.LOGIN, onLoginNode, SimulatedNetwork.FOREIGN);

        world.deploy(process, 1, null, null);
        assertThat(world.store.portLeases().list())
                .extracting(PortLease::port)
                .filteredOn(range::contains)
                .containsExactly(free);

        Optional<JrmException> refused = process.run(
                null,
                jrm -> jrm.deploy(
                        DeployRequest.of(TestSites.site(1, 6443, 2221)).withTimeout(World.TIMEOUT)));
        assertThat(refused)
                .get()
                .extracting(Throwable::getMessage)
                .asString()
                .contains(
                        "22 are in use on this host",
                        String.valueOf(range.first()),
                        "1 are in use on " + World.LOGIN + " (" + onLoginNode + ")",
                        "1 are leased (1 by test_jrm-test-");

        world.delete(process, 0, null);
        assertThat(world.network.listeners())
                .hasSize(range.size() - 1)
                .containsEntry(new Endpoint(World.LOGIN, onLoginNode), SimulatedNetwork.FOREIGN)
                .doesNotContainKey(new Endpoint(process.host, free));
    }
}
