package org.jlab.jiriaf.jrm.port;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * Probes by binding: a port is free if it can be bound on all addresses of this host at once, IPv4 and IPv6, and on each
 * address that a tunnel will listen on. A listener on any single address, or a connection that uses the port as its own,
 * makes it taken. Never listens, so nobody can connect by mistake. Thread-safe.
 */
public final class SocketPortProbe implements PortProbe {

    private final List<InetAddress> bindAddresses;

    /** Probes the wildcard address, which stands for every address of this host. */
    public SocketPortProbe() {
        this(List.of());
    }

    /**
     * Probes the wildcard address and some more, for hosts where a bind to the wildcard succeeds beside a listener on one
     * address.
     *
     * @param bindAddresses addresses of this host on which tunnels will listen
     */
    public SocketPortProbe(List<InetAddress> bindAddresses) {
        this.bindAddresses = List.copyOf(bindAddresses);
    }

    @Override
    public boolean isFree(int port) {
        if (!canBind(new InetSocketAddress(port))) {
            return false;
        }
        for (InetAddress address : bindAddresses) {
            if (!canBind(new InetSocketAddress(address, port))) {
                requireOwn(address);
                return false;
            }
        }
        return true;
    }

    /** An address that is not this host's refuses every port; taking that for ports in use would end as a full range. */
    private static void requireOwn(InetAddress address) {
        if (!canBind(new InetSocketAddress(address, 0))) {
            throw new PortAllocationException(
                    "Cannot listen on " + address.getHostAddress()
                            + ": it is not an address of this host, or its interface is down. Choose a bind address that `ip"
                            + " address` shows here",
                    null,
                    false);
        }
    }

    private static boolean canBind(InetSocketAddress address) {
        // The dual-stack socket that this opens where there is IPv6 covers the IPv4 addresses too.
        try (SocketChannel socket = SocketChannel.open()) {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            socket.bind(address);
            return true;
        } catch (BindException e) {
            return false;
        } catch (IOException e) {
            throw new PortAllocationException(
                    "Cannot find out whether port " + address.getPort() + " of this host is free: " + e.getMessage()
                            + ". If that is about open files, raise `ulimit -n`",
                    e,
                    true);
        }
    }
}
