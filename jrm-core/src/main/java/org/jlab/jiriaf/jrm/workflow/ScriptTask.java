package org.jlab.jiriaf.jrm.workflow;

import java.nio.charset.StandardCharsets;

/**
 * A FireWorks {@code ScriptTask} with one command, run by {@code /bin/sh -c}.
 *
 * @param script the command; FireWorks hands it to the shell as one argument, which Linux limits to 131,071 bytes
 */
public record ScriptTask(String script) {

    /** How long a script may be, in bytes of UTF-8. */
    public static final int MAX_BYTES = 131_070;

    /** Checks. */
    public ScriptTask {
        if (isTooLong(script)) {
            throw new IllegalArgumentException("A task script of " + script.getBytes(StandardCharsets.UTF_8).length
                    + " bytes cannot be run: the limit is " + MAX_BYTES);
        }
    }

    /**
     * Tells whether a command is too long to be run as a task.
     *
     * @param script the command
     * @return whether it has more than {@link #MAX_BYTES}
     */
    public static boolean isTooLong(String script) {
        return script.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES;
    }
}
