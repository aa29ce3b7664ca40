package org.jlab.jiriaf.jrm.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketPortProbeTest {

    private final SocketPortProbe probe = new SocketPortProbe();

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.7", "0.0.0.0", "::1", "::"})
    void refusesPortThatIsInUseOnAnyAddress(String address) throws IOException {
        assumeThat(hasIpv6() || !address.contains(":")).isTrue();
        int port;
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getAllByName(address)[0])) {
            port = listener.getLocalPort();
            assertThat(probe.isFree(port)).isFalse();
            assertThat(new SocketPortProbe(List.of(InetAddress.getLoopbackAddress())).isFree(port))
                    .isFalse();
        }
        // An ephemeral port: for a moment it may be that of somebody else's connection.
        await().until(() -> probe.isFree(port));
    }

    @Test
    void refusesPortWhoseListenerAllowsReuse() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertThat(probe.isFree(listener.socket().getLocalPort())).isFalse();
        }
    }

    @Test
    void refusesPortThatAConnectionUses() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            assertThat(probe.isFree(client.getLocalPort())).isFalse();
        }
    }

    @Test
    void namesABindAddressThatIsNotThisHosts() throws IOException {
        int port;
        try (ServerSocket listener = new ServerSocket(0)) {
            port = listener.getLocalPort();
        }
        SocketPortProbe elsewhere = new SocketPortProbe(List.of(InetAddress.getByName("192.0.2.1")));

        assertThatExceptionOfType(PortAllocationException.class)
                .isThrownBy(() -> elsewhere.isFree(port))
                .withMessageContaining("192.0.2.1")
                .withMessageContaining("not an address of this host");
    }

    private static boolean hasIpv6() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getAllByName("::1")[0], 0));
            return true;
        } catch (SocketException noIpv6) {
            return false;
        }
    }
}
