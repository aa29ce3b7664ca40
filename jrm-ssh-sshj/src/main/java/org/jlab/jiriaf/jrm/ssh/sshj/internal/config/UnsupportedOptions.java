package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a host's SSH configuration asks for beyond OpenSSH's defaults and jrm does not do.
 *
 * @param refused what cannot be left out: it says how the host is reached or whom to trust
 * @param ignored what is left out
 */
public record UnsupportedOptions(List<String> refused, List<String> ignored) {

    /** What jrm does as {@code ssh} does. */
    private static final Set<String> DONE = Set.of(
            "canonicaldomains",
            "canonicalizefallbacklocal",
            "canonicalizehostname",
            "canonicalizemaxdots",
            "canonicalizepermittedcnames",
            "certificatefile",
            "globalknownhostsfile",
            "host",
            "hostkeyalias",
            "hostname",
            "identitiesonly",
            "identityagent",
            "identityfile",
            "port",
            "proxycommand",
            "proxyjump",
            "stricthostkeychecking",
            "user",
            "userknownhostsfile");

    /** What has no bearing on a connection without terminal, or has a setting of jrm's own. */
    private static final Set<String> WITHOUT_BEARING = Set.of(
            "addkeystoagent",
            "batchmode",
            "checkhostip",
            "clearallforwardings",
            "compression",
            "connectionattempts",
            "connecttimeout",
            "controlmaster",
            "controlpath",
            "controlpersist",
            "enableescapecommandline",
            "enablesshkeysign",
            "escapechar",
            "exitonforwardfailure",
            "fingerprinthash",
            "forkafterauthentication",
            "forwardagent",
            "forwardx11",
            "forwardx11timeout",
            "forwardx11trusted",
            "gatewayports",
            "hashknownhosts",
            "ipqos",
            "localcommand",
            "loglevel",
            "logverbose",
            "nohostauthenticationforlocalhost",
            "numberofpasswordprompts",
            "obscurekeystroketiming",
            "permitlocalcommand",
            "preferredauthentications",
            "permitremoteopen",
            "rekeylimit",
            "remotecommand",
            "requesttty",
            "sendenv",
            "serveralivecountmax",
            "serveraliveinterval",
            "sessiontype",
            "setenv",
            "stdinnull",
            "streamlocalbindmask",
            "streamlocalbindunlink",
            "syslogfacility",
            "tag",
            "tcpkeepalive",
            "tunnel",
            "tunneldevice",
            "updatehostkeys",
            "visualhostkey",
            "xauthlocation");

    private static final Set<String> REFUSED =
            Set.of("knownhostscommand", "pkcs11provider", "proxyusefdpass", "revokedhostkeys");

    /**
     * Finds them.
     *
     * @param options what {@code ssh -G} says about the host
     * @param defaults what it says without any configuration
     */
    public static UnsupportedOptions of(Map<String, List<String>> options, Map<String, List<String>> defaults) {
        List<String> refused = new ArrayList<>();
        List<String> ignored = new ArrayList<>();
        options.forEach((name, values) -> {
            boolean matters = !DONE.contains(name) && !WITHOUT_BEARING.contains(name) && !name.startsWith("gssapi");
            // Passes a socket from a ProxyCommand, if there is one.
            matters &= !name.equals("proxyusefdpass") || options.containsKey("proxycommand");
            if (matters && !values.equals(defaults.get(name))) {
                (REFUSED.contains(name) ? refused : ignored).add(name + " " + String.join(" ", values));
            }
        });
        return new UnsupportedOptions(
                refused.stream().sorted().toList(), ignored.stream().sorted().toList());
    }
}
