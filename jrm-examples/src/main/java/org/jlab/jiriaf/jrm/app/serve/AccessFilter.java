package org.jlab.jiriaf.jrm.app.serve;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Decides who comes in. A page of another site cannot: a browser tells where a request comes from ({@code Origin},
 * {@code Sec-Fetch-Site}), and a name that an attacker points at this host is none that this service answers to ({@code Host}).
 */
final class AccessFilter {

    private static final String BEARER = "bearer ";
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");

    private final Set<String> names;
    private final @Nullable Secret token;

    /**
     * Makes a gate.
     *
     * @param names names of this host, in lower case, beside {@code localhost} and every address
     * @param token what a client has to show, or null
     */
    AccessFilter(Set<String> names, @Nullable Secret token) {
        this.names = Set.copyOf(names);
        this.token = token;
    }

    /** Refuses requests that a page of another site may have caused. */
    void checkSource(HttpServerRequest request) {
        String host = request.getHeader("Host");
        if (host == null || request.headers().getAll("Host").size() > 1 || !isOurs(hostName(host))) {
            throw new Problem(
                    403,
                    "This service is not called '" + host + "'. Use its address or localhost, or name it with"
                            + " --allow-host when it is started");
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw new Problem(403, "Pages of other sites may not use this service");
        }
        String origin = request.getHeader("Origin");
        if (origin != null && !host.equalsIgnoreCase(authority(origin))) {
            throw new Problem(403, "Pages of '" + origin + "' may not use this service");
        }
    }

    /** Refuses requests without the token, if there is one. */
    void checkToken(MultiMap headers) {
        if (!isAuthorised(headers)) {
            throw new Problem(401, "This needs the service's token: Authorization: Bearer TOKEN")
                    .withHeader("WWW-Authenticate", "Bearer realm=\"jrm\"");
        }
    }

    boolean isAuthorised(MultiMap headers) {
        if (token == null) {
            return true;
        }
        String header = headers.get("Authorization");
        return header != null
                && header.toLowerCase(Locale.ROOT).startsWith(BEARER)
                && Secret.of(header.substring(BEARER.length()).strip()).equals(token);
    }

    private boolean isOurs(String host) {
        return host.equals("localhost")
                || names.contains(host)
                || IPV4.matcher(host).matches()
                || IPV6.matcher(host).matches();
    }

    private static String hostName(String host) {
        return host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
    }

    private static @Nullable String authority(String origin) {
        try {
            return new URI(origin).getAuthority();
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
