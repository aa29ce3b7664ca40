package org.jlab.jiriaf.jrm.batch;

import org.jlab.jiriaf.jrm.tunnel.SshHop;

/** The site's own {@code ssh}, as scripts call it to reach the login node. */
record SshCommand(SshHop login) {

    /**
     * No shell and no questions; end if a forward cannot be had or the peer is silent for 45 s. Never a connection that is
     * shared by ControlMaster: forwards of one JRM would live and die with another's.
     */
    static final String OPTIONS = "-N -T -a -x -o BatchMode=yes -o ExitOnForwardFailure=yes -o ConnectTimeout=20"
            + " -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o ControlMaster=no -o ControlPath=none"
            + " -o GatewayPorts=no";

    /** {@code [user@]host}, one shell word. */
    String quotedDestination() {
        return ShellQuote.quote(login.user() == null ? login.host() : login.user() + "@" + login.host());
    }

    /** {@code -p PORT} and a blank, or nothing. */
    String portOption() {
        return login.port() == 0 ? "" : "-p " + login.port() + " ";
    }
}
