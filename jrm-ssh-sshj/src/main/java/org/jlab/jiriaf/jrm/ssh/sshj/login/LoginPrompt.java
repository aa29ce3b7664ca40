package org.jlab.jiriaf.jrm.ssh.sshj.login;

import java.util.Optional;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.tunnel.SshHop;

/** Answers the questions of a server at login (RFC 4256, keyboard-interactive). Called by the threads that connect. */
@FunctionalInterface
public interface LoginPrompt {

    /**
     * Answers one question. A one-time code is sent once: the same answer to the same server again counts as none, so
     * that a repaired connection does not use up attempts with an old code.
     *
     * @param hop the server that asks
     * @param text its question, such as {@code Password + OTP:}
     * @param echo whether the answer may be shown while it is typed
     * @return the answer, or empty for none
     */
    Optional<Secret> answer(SshHop hop, String text, boolean echo);
}
