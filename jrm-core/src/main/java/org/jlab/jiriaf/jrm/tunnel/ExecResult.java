package org.jlab.jiriaf.jrm.tunnel;

/**
 * The outcome of a script on the login node.
 *
 * @param exitCode its exit code; 128 + n if it was ended by signal n
 * @param output its standard output, decoded as UTF-8
 * @param error its standard error, decoded as UTF-8
 */
public record ExecResult(int exitCode, String output, String error) {

    /**
     * Tells whether the script succeeded.
     *
     * @return whether the exit code is 0
     */
    public boolean succeeded() {
        return exitCode == 0;
    }

    /**
     * The words of a script that failed, for messages.
     *
     * @return its standard error; if that is blank its standard output; if that is blank, too, its exit code
     */
    public String words() {
        String words = (error.isBlank() ? output : error).strip();
        return words.isEmpty() ? "exit code " + exitCode : words;
    }
}
