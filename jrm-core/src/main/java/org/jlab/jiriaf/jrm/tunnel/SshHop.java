package org.jlab.jiriaf.jrm.tunnel;

import org.jlab.jiriaf.jrm.internal.Checks;
import org.jspecify.annotations.Nullable;

/**
 * One SSH server on the way, as a user would name it to {@code ssh}: a host name, an address, or an alias of the SSH
 * configuration.
 *
 * @param host name, address or alias
 * @param user login name, or null to let the SSH configuration decide
 * @param port port, or 0 to let the SSH configuration decide (22 without one)
 */
public record SshHop(String host, @Nullable String user, int port) {

    /** Checks. */
    public SshHop {
        Checks.notBlank(host, "host of an SSH hop");
        if (host.startsWith("-") || host.chars().anyMatch(c -> c <= ' ' || c == 127)) {
            throw new IllegalArgumentException("Not a host name: '" + host + "'");
        }
        if (user != null
                && (user.isBlank() || user.startsWith("-") || user.chars().anyMatch(c -> c <= ' ' || c == 127))) {
            throw new IllegalArgumentException("Not a user name: '" + user + "'");
        }
        if (port != 0) {
            Checks.port(port, "port of an SSH hop");
        }
    }

    /**
     * Reads {@code [user@]host[:port]}; an IPv6 address with a port stands in brackets.
     *
     * @param destination the text
     * @return the hop
     * @throws IllegalArgumentException if the text is none
     */
    public static SshHop parse(String destination) {
        String rest = destination.strip();
        int at = rest.lastIndexOf('@');
        String user = at < 0 ? null : rest.substring(0, at);
        rest = rest.substring(at + 1);
        int port = 0;
        int colon = rest.lastIndexOf(':');
        boolean bracketed = rest.startsWith("[");
        if (colon >= 0 && (bracketed ? colon > rest.indexOf(']') : colon == rest.indexOf(':'))) {
            try {
                port = Checks.port(Integer.parseInt(rest.substring(colon + 1)), "port of '" + destination + "'");
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "Not a port: '" + rest.substring(colon + 1) + "' in " + destination, e);
            }
            rest = rest.substring(0, colon);
        }
        if (bracketed && rest.endsWith("]")) {
            rest = rest.substring(1, rest.length() - 1);
        }
        return new SshHop(rest, user, port);
    }

    /** Prints {@code [user@]host[:port]}. */
    @Override
    public String toString() {
        String name = port != 0 && host.contains(":") ? "[" + host + "]" : host;
        return (user == null ? "" : user + "@") + name + (port == 0 ? "" : ":" + port);
    }
}
