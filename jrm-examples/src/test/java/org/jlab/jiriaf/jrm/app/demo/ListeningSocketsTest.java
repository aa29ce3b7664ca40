package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.jlab.jiriaf.jrm.app.demo.ListeningSockets.Listener;
import org.junit.jupiter.api.Test;

class ListeningSocketsTest {

    private static final LoopbackNetwork NETWORK = new LoopbackNetwork(78, 9);

    @Test
    void findsExactlyWhatListensOnTheNetwork() throws IOException {
        try (ServerSocket here = listen(NETWORK);
                ServerSocket elsewhere = listen(new LoopbackNetwork(78, 10))) {
            assertThat(elsewhere.isBound()).isTrue();
            assertThat(ListeningSockets.of(NETWORK))
                    .containsExactly(new Listener(NETWORK.computeNode(3), here.getLocalPort()));
        }
        assertThat(ListeningSockets.of(NETWORK)).isEmpty();
    }

    @Test
    void readsIpv4AndMappedIpv6Entries() {
        assertThat(Listener.parse("0A094E7F:0050")).hasToString("127.78.9.10:80");
        assertThat(Listener.parse("0000000000000000FFFF00000A094E7F:0050")).hasToString("127.78.9.10:80");
    }

    private static ServerSocket listen(LoopbackNetwork network) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(network.computeNode(3), 0));
        return socket;
    }
}
