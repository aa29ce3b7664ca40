package org.jlab.jiriaf.jrm.tunnel;

import org.jlab.jiriaf.jrm.internal.Checks;

/**
 * A host and a TCP port.
 *
 * @param host name or address; where something listens, {@code *} means every address of the host
 * @param port port from 1 to 65535
 */
public record Endpoint(String host, int port) {

    /** Checks. */
    public Endpoint {
        Checks.notBlank(host, "host of an endpoint");
        Checks.port(port, "port of an endpoint");
    }

    /**
     * Makes an endpoint on the loopback interface, by the name {@code localhost}.
     *
     * @param port the port
     * @return the endpoint
     */
    public static Endpoint localhost(int port) {
        return new Endpoint("localhost", port);
    }

    @Override
    public String toString() {
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}
