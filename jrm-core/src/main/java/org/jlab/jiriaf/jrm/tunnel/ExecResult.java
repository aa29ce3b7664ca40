package org.jlab.jiriaf.jrm.tunnel;

/**
 * What a command on the login node did.
 *
 * @param exitCode its exit code; −1 if it was ended by a signal
 * @param output its standard output, decoded as UTF-8
 * @param error its standard error, decoded as UTF-8
 */
public record ExecResult(int exitCode, String output, String error) {

    /**
     * Tells whether the command succeeded.
     *
     * @return whether the exit code is 0
     */
    public boolean succeeded() {
        return exitCode == 0;
    }
}
