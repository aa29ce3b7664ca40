package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A host of the LaunchPad, as pymongo reads it.
 *
 * @param host name or address in small letters, IPv6 without brackets
 * @param port from 1 to 65535
 */
record HostPort(String host, int port) {

    static final int DEFAULT_PORT = 27017;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*)");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?");

    /**
     * Reads {@code host[:port],host[:port]...}. A port behind a host counts more than the other.
     *
     * @param place of the text in the file, for messages
     */
    static List<HostPort> list(String text, int port, String place, Findings findings) {
        List<HostPort> hosts = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            if (Placeholder.is(item)) {
                findings.fault(place + ": " + Placeholder.describe("host", item));
            } else if (item.contains("@")) {
                findings.fault(place + ": a host holds '@'; a login stands in username and password");
            } else if (item.isEmpty()) {
                findings.fault(place + ": there is an empty host, or a comma too many");
            } else {
                int end = item.startsWith("[") ? item.indexOf(']') + 1 : 0;
                int colon = item.indexOf(':', end);
                String host = colon < 0 ? item : item.substring(0, colon);
                String own = colon < 0 ? "" + port : item.substring(colon + 1);
                add(hosts, host, own, item, place, findings);
            }
        }
        return hosts;
    }

    private static void add(
            List<HostPort> hosts, String host, String port, String item, String place, Findings findings) {
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        String bare = brackets ? host.substring(1, host.length() - 1) : host;
        if (item.contains("%2F") || item.endsWith(".sock")) {
            findings.fault(place + ": '" + item + "' is a Unix socket; jrm connects through TCP only");
        } else if (!brackets && item.chars().filter(c -> c == ':').count() > 1) {
            findings.fault(place + ": '" + item + "' holds several colons; an IPv6 address stands in [ ]");
        } else if (!(brackets ? IPV6 : NAME).matcher(bare).matches()) {
            findings.fault(place + ": '" + item + "' is no host name and no address");
        } else if (!isPort(port)) {
            findings.fault(place + ": '" + port + "' in '" + item + "' is no port; expected a number from 1 to 65535");
        } else {
            hosts.add(new HostPort(bare.toLowerCase(Locale.ROOT), Integer.parseInt(port)));
        }
    }

    static boolean isPort(String text) {
        return text.matches("\\d{1,5}") && Integer.parseInt(text) > 0 && Integer.parseInt(text) < 65536;
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
