package org.jlab.jiriaf.jrm.app.doctor;

import org.jlab.jiriaf.jrm.internal.TextRules;

/**
 * What one check found.
 *
 * @param check what was checked
 * @param status how it is
 * @param message what was seen and, unless all is well, what to do; one line
 */
public record Finding(String check, Status status, String message) {

    /** How it is. */
    public enum Status {
        /** As it should be. */
        OK,
        /** A deployment works, but somebody should look at it. */
        WARNING,
        /** A deployment will not work. */
        FAILURE,
        /** Could not be checked, because something else failed or is not there. */
        SKIPPED
    }

    /** Makes one line of the message. */
    public Finding {
        message = TextRules.toOneLine(message, Integer.MAX_VALUE);
    }
}
