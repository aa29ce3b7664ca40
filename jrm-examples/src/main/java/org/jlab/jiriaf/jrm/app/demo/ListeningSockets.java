package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The listening sockets of a network, read from the kernel.
 *
 * @see <a href="https://docs.kernel.org/networking/proc_net_tcp.html">/proc/net/tcp</a>
 */
final class ListeningSockets {

    private static final String LISTEN = "0A";
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

    private ListeningSockets() {}

    /** Everything that listens on an address of the network. */
    static Set<Listener> of(LoopbackNetwork network) {
        Set<Listener> listeners = new TreeSet<>();
        for (Path table : TABLES) {
            try (Stream<String> lines = Files.lines(table)) {
                lines.skip(1)
                        .map(line -> line.strip().split("\\s+", -1))
                        .filter(columns -> columns[3].equals(LISTEN))
                        .map(columns -> Listener.parse(columns[1]))
                        .filter(listener -> network.contains(listener.address()))
                        .forEach(listeners::add);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + table, e);
            }
        }
        return listeners;
    }

    /**
     * One listening socket.
     *
     * @param address its address; IPv4 also where the socket is an IPv6 one
     * @param port its port
     */
    record Listener(InetAddress address, int port) implements Comparable<Listener> {

        /** Reads an entry such as {@code 0100007F:1F90}: groups of four bytes in the order of an x86 or ARM processor. */
        static Listener parse(String entry) {
            String[] parts = entry.split(":", -1);
            byte[] reversed = HexFormat.of().parseHex(parts[0]);
            byte[] bytes = new byte[reversed.length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = reversed[i / 4 * 4 + 3 - i % 4];
            }
            try {
                return new Listener(InetAddress.getByAddress(bytes), Integer.parseInt(parts[1], 16));
            } catch (UnknownHostException e) {
                throw new IllegalStateException("Not an address: " + entry, e);
            }
        }

        @Override
        public int compareTo(Listener other) {
            return Comparator.comparing((Listener each) -> each.address().getHostAddress())
                    .thenComparing(Listener::port)
                    .compare(this, other);
        }

        @Override
        public String toString() {
            return new InetSocketAddress(address, port).toString().substring(1);
        }
    }
}
