package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/**
 * A network of hosts that is made of loopback addresses, 127.A.B.0/24: each address plays a host, so that a port can have the
 * same number on all of them, and two runs on one machine never meet.
 *
 * @param a second byte of the addresses
 * @param b third byte of the addresses
 */
record LoopbackNetwork(int a, int b) {

    /** How many compute nodes have an address. */
    static final int MAX_NODES = 200;

    private static final int FIRST_NODE = 10;

    InetAddress controlPlane() {
        return host(1);
    }

    InetAddress loginNode() {
        return host(2);
    }

    InetAddress jumpHost() {
        return host(3);
    }

    /** Where the stand-ins reach the quickstart itself; no host of the site. */
    InetAddress stage() {
        return host(254);
    }

    /**
     * A compute node.
     *
     * @param index number of the node, from 0
     */
    InetAddress computeNode(int index) {
        if (index < 0 || index >= MAX_NODES) {
            throw new IllegalArgumentException("There is no compute node " + index);
        }
        return host(FIRST_NODE + index);
    }

    private InetAddress host(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, (byte) a, (byte) b, (byte) last});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tells whether an address belongs to this network. */
    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 && bytes[0] == 127 && bytes[1] == (byte) a && bytes[2] == (byte) b;
    }

    /**
     * Checks that this machine lets programs listen on such addresses.
     *
     * @throws UncheckedIOException if not
     */
    void requireBindable() {
        InetAddress address = computeNode(0);
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, 0));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot listen on the loopback address " + address.getHostAddress()
                            + ". The quickstart plays one host per address of 127.0.0.0/8, which Linux has and other"
                            + " systems have not; run it on Linux, or in a Linux container",
                    e);
        }
    }

    @Override
    public String toString() {
        return "127." + a + "." + b + ".0/24";
    }
}
