package org.jlab.jiriaf.jrm.site;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of an API server. {@link java.net.URI} knows no host with an underscore, which DNS and kubectl do.
 *
 * @param scheme http or https
 * @param host name or address, IPv6 in brackets
 * @param port with its colon, or empty
 * @param path from the first slash, or empty
 */
record KubeconfigServer(String scheme, String host, String port, String path) {

    private static final Pattern ADDRESS = Pattern.compile(
            "(?:(https?)://)?(\\[[0-9a-f:.%]+]|[^\\s\\[\\]:/?#@\\\\]+)(:[0-9]{1,5})?(/[^?#\\p{Cntrl}]*)?",
            Pattern.CASE_INSENSITIVE);
    private static final Set<String> LOOPBACK = Set.of("localhost", "[::1]");
    private static final int MAX_PORT = 65_535;

    /** Takes an address apart; null if it is none. As for kubectl, one without a scheme is of http. */
    static @Nullable KubeconfigServer parse(String text) {
        Matcher address = ADDRESS.matcher(text);
        if (!address.matches()) {
            return null;
        }
        String scheme = address.group(1) == null ? "http" : address.group(1).toLowerCase(Locale.ROOT);
        String port = address.group(3) == null ? "" : address.group(3);
        if (!port.isEmpty() && Integer.parseInt(port.substring(1)) > MAX_PORT) {
            return null;
        }
        String path = address.group(4) == null ? "" : address.group(4).replace(" ", "%20");
        try {
            return new KubeconfigServer(
                    scheme, address.group(2), port, new URI(path.equals("/") ? "" : path).toString());
        } catch (URISyntaxException e) {
            return null;
        }
    }

    boolean isLoopback() {
        return LOOPBACK.contains(host) || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    boolean isHttps() {
        return scheme.equals("https");
    }

    @Override
    public String toString() {
        return scheme + "://" + host + port + path;
    }
}
