package org.jlab.jiriaf.jrm.store.mongo.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A {@code mongodb://} or {@code mongodb+srv://} URI, read as pymongo reads it. No message quotes the login.
 *
 * @param database the one in the URI, which knows the user unless authSource says otherwise; null if there is none
 */
record LaunchpadUri(
        boolean srv,
        List<HostPort> hosts,
        @Nullable String username,
        @Nullable Secret password,
        @Nullable String database,
        OptionLayer options) {

    private static final String PLAIN = "mongodb://";
    static final String SRV = "mongodb+srv://";
    private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private static final String ESCAPE =
            "the URI's login cannot be told from its hosts; write the characters @ : / ? # % + of user"
                    + " and password as %40 %3A %2F %3F %23 %25 %2B";

    static boolean is(String host) {
        return host.startsWith(PLAIN) || host.startsWith(SRV);
    }

    /**
     * Reads a URI.
     *
     * @param port for hosts without one
     * @param place key and line, for messages
     */
    static LaunchpadUri parse(String uri, int port, String place, Findings findings) {
        boolean srv = uri.startsWith(SRV);
        String rest = uri.substring(srv ? SRV.length() : PLAIN.length());
        int question = rest.indexOf('?');
        String before = question < 0 ? rest : rest.substring(0, question);
        int slash = before.indexOf('/');
        String authority = slash < 0 ? before : before.substring(0, slash);
        String database = slash < 0 ? "" : before.substring(slash + 1);
        OptionLayer options = new OptionLayer(findings);
        if (isTorn(rest, before, authority)) {
            findings.fault(place + ": " + ESCAPE);
            return new LaunchpadUri(srv, List.of(), null, null, null, options);
        }
        int at = authority.lastIndexOf('@');
        String login = at < 0 ? null : authority.substring(0, at);
        List<HostPort> hosts = hosts(authority.substring(at + 1), srv, port, place, findings);
        if (question >= 0) {
            readOptions(rest.substring(question + 1), options, place, findings);
        }
        String username = login == null ? null : decode(login.split(":", 2)[0], place, findings);
        String password = login == null || !login.contains(":") ? "" : decode(login.split(":", 2)[1], place, findings);
        checkLogin(login, username, password, place, findings);
        return new LaunchpadUri(
                srv,
                hosts,
                username,
                password.isEmpty() ? null : Secret.of(password),
                database.isEmpty() ? null : database(database, place, findings),
                options);
    }

    /** Whether a '/' or '?' within a password was taken for the end of the hosts. */
    private static boolean isTorn(String rest, String before, String authority) {
        if (before.lastIndexOf('@') >= authority.length()) {
            return true;
        }
        Findings scratch = new Findings();
        HostPort.list(authority, HostPort.DEFAULT_PORT, "", scratch);
        return !authority.contains("@")
                && rest.contains("@")
                && !scratch.faults().isEmpty();
    }

    private static List<HostPort> hosts(String text, boolean srv, int port, String place, Findings findings) {
        if (text.isEmpty()) {
            findings.fault(place + ": the URI names no host; expected mongodb://HOST:PORT/DATABASE");
            return List.of();
        }
        if (srv && (text.contains(",") || text.contains(":"))) {
            findings.fault(place + ": a mongodb+srv URI takes one host name without port, not '" + text + "'");
            return List.of();
        }
        return HostPort.list(text, port, place, findings);
    }

    private static void checkLogin(
            @Nullable String login, @Nullable String username, String password, String place, Findings findings) {
        if (login == null || username == null) {
            return;
        }
        if (login.contains("@") || login.indexOf(':') != login.lastIndexOf(':')) {
            findings.fault(place + ": " + ESCAPE);
        } else if (username.isEmpty()) {
            findings.fault(
                    place + ": the URI has an empty user name in front of '@'; expected USER:PASSWORD@, or nothing");
        } else if (Placeholder.is(username) || Placeholder.is(password)) {
            findings.fault(place
                    + ": the URI's login is a placeholder of a template; replace it, or leave it out with the '@'");
        }
    }

    private static String database(String text, String place, Findings findings) {
        String name = decode(text, place, findings).split("\\.", 2)[0];
        if (Placeholder.is(name)) {
            findings.fault(place + ": " + Placeholder.describe("database", name));
        } else if (!DatabaseName.isValid(name)) {
            findings.fault(place + ": the URI's database '" + name + "' " + DatabaseName.EXPECTED);
        }
        return name;
    }

    private static void readOptions(String text, OptionLayer options, String place, Findings findings) {
        if (text.contains("&") && text.contains(";")) {
            findings.fault(place + ": the URI separates options by '&' and by ';'; use '&'");
            return;
        }
        for (String option : text.isEmpty() ? new String[0] : text.split("[&;]", -1)) {
            String[] pair = option.split("=", -1);
            if (pair.length != 2 || pair[0].isEmpty()) {
                findings.fault(place + ": the URI's option " + pair[0]
                        + " is not of the form NAME=VALUE; write '=' in values as %3D");
            } else {
                options.readParameter(pair[0], decode(pair[1], place, findings), place);
            }
        }
    }

    private static String decode(String text, String place, Findings findings) {
        if (BAD_ESCAPE.matcher(text).find()) {
            findings.fault(place + ": the URI holds a '%' without two hexadecimal digits behind it; write '%' as %25");
            return "";
        }
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    String scheme() {
        return srv ? SRV : PLAIN;
    }

    @Override
    public String toString() {
        return scheme() + hosts + "/" + database;
    }
}
