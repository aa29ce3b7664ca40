package org.jlab.jiriaf.jrm.app.serve;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a service listens.
 *
 * @param address an address of this host
 * @param port the port; 0 lets the system choose
 */
public record ServiceAddress(InetAddress address, int port) {

    /** The port if none is named. */
    public static final int DEFAULT_PORT = 8888;

    private static final Pattern FORM = Pattern.compile("(\\[[^]]+]|[^:\\[\\]]+)?(?::([0-9]{1,5}))?");

    /**
     * Reads an address.
     *
     * @param text {@code HOST}, {@code HOST:PORT} or {@code :PORT}; an IPv6 address stands in brackets; without a host it is the
     *     loopback address, without a port it is 8888
     * @return the address
     * @throws IllegalArgumentException if it is none, or its host has no address
     */
    public static ServiceAddress parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new IllegalArgumentException(
                    "Not an address to listen on: '" + text + "'; expected HOST, HOST:PORT or [IPV6]:PORT");
        }
        String host = matcher.group(1) == null ? "127.0.0.1" : matcher.group(1);
        int port = matcher.group(2) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(2));
        if (port > 65535) {
            throw new IllegalArgumentException("Not a port to listen on: " + port + "; expected 0 to 65535");
        }
        try {
            return new ServiceAddress(InetAddress.getAllByName(host.replaceAll("[\\[\\]]", ""))[0], port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("There is no address for '" + host + "'", e);
        }
    }

    InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(address, port);
    }

    /**
     * The address of a service that listens here.
     *
     * @param actualPort the port that it got
     * @return the URL
     */
    String url(int actualPort) {
        String host = address.getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + actualPort;
    }
}
