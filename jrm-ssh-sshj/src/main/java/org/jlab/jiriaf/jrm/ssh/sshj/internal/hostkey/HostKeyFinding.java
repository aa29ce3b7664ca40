package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The verdict of known_hosts files on the key that a server showed.
 *
 * @param verdict the outcome
 * @param entry the line that decided, or null if there is none
 * @param remarks why lines or a certificate do not count, for the message
 */
record HostKeyFinding(Verdict verdict, @Nullable KnownHostKey entry, List<String> remarks) {

    /** Outcome of a search. */
    enum Verdict {
        TRUSTED,
        /** No line has a key for the host. */
        UNKNOWN,
        /** The lines have other keys for the host. */
        CHANGED,
        REVOKED
    }

    boolean isTrusted() {
        return verdict == Verdict.TRUSTED;
    }
}
