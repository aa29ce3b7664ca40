package org.jlab.jiriaf.jrm.script;

import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/**
 * The site's own {@code ssh}, as scripts call it to reach the login node.
 *
 * @param login the login node
 * @param askpass the program that gives the password, a word of a script; null where no password is needed
 */
record SshCommand(SshHop login, @Nullable String askpass) {

    /** No shell; end if a forward cannot be had or the peer is silent for 45 s. */
    private static final String OPTIONS =
            " -o ExitOnForwardFailure=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o GatewayPorts=no";

    static SshCommand of(BatchJob job) {
        SshHop login = job.site().ssh().route().login();
        return new SshCommand(login, job.site().ssh().nodePassword() ? NodePassword.askpass(job.name()) : null);
    }

    /**
     * Options of {@code ssh}, all but those of ControlMaster. Never a connection that the user shares by it: forwards of one JRM
     * would live and die with another's.
     *
     * <p>No questions, but for the password where there is one: once, since sites lock accounts.
     */
    String options() {
        String questions = askpass == null
                ? "-o BatchMode=yes"
                : "-o StrictHostKeyChecking=yes -o NumberOfPasswordPrompts=1"
                        + " -o PreferredAuthentications=publickey,password,keyboard-interactive";
        return "-N -T -a -x " + questions + OPTIONS;
    }

    /** What stands before the command: variables of its environment, and a blank. Before OpenSSH 8.4 a display has to be named. */
    String environment() {
        return askpass == null
                ? ""
                : "SSH_ASKPASS=" + askpass + " SSH_ASKPASS_REQUIRE=force DISPLAY=\"${DISPLAY:-none}\" ";
    }

    /** Where its errors go, and a blank: into a file where they are looked at. */
    String redirect(String file) {
        return askpass == null ? "" : "2>" + file + " ";
    }

    /** Lines for the end of ssh in the function that starts it again and again: sites lock accounts after a few wrong passwords. */
    String endIfRefused(String file) {
        return askpass == null ? "" : """
                        cat FILE >&2
                        case $(cat FILE) in
                        *'Permission denied'*) denied=$((${denied:-0} + 1)) ;;
                        *) denied=0 ;;
                        esac
                        if [ "$denied" -ge 3 ]; then
                            echo "the login node refuses the password; trying no more, since sites lock accounts" >&2
                            return
                        fi
                """.replace("FILE", file);
    }

    /** {@code [user@]host}, one shell word. */
    String quotedDestination() {
        return ShellQuote.quote(login.user() == null ? login.host() : login.user() + "@" + login.host());
    }

    /** {@code -p PORT} and a blank, or nothing. */
    String portOption() {
        return login.port() == 0 ? "" : "-p " + login.port() + " ";
    }
}
