package org.jlab.jiriaf.jrm.journal;

import java.time.Instant;

/**
 * A process, told from every other one, also from a later one with the same number.
 *
 * @param host name of its host
 * @param pid its process id
 * @param startedAt when it was started, to the millisecond
 */
public record ProcessIdentity(String host, long pid, Instant startedAt) {

    /**
     * This process.
     *
     * @param host name of this host
     * @return its identity
     */
    public static ProcessIdentity current(String host) {
        return of(host, ProcessHandle.current());
    }

    /**
     * Tells whether the process is known to have ended. Of a process on another host nothing is known.
     *
     * @param thisHost name of this host
     * @return true if it ran on this host and does not any more
     */
    public boolean isKnownDead(String thisHost) {
        return host.equals(thisHost)
                && ProcessHandle.of(pid)
                        .filter(handle -> handle.isAlive() && of(host, handle).equals(this))
                        .isEmpty();
    }

    private static ProcessIdentity of(String host, ProcessHandle handle) {
        long millis = handle.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
        return new ProcessIdentity(host, handle.pid(), Instant.ofEpochMilli(millis));
    }
}
