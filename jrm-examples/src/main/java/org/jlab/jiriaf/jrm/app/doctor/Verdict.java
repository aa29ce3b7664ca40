package org.jlab.jiriaf.jrm.app.doctor;

import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;

/** How a check ends, for who knows its name. */
record Verdict(Status status, String message) {

    static Verdict ok(String message) {
        return new Verdict(Status.OK, message);
    }

    static Verdict warning(String message) {
        return new Verdict(Status.WARNING, message);
    }

    static Verdict failure(String message) {
        return new Verdict(Status.FAILURE, message);
    }

    static Verdict skipped(String message) {
        return new Verdict(Status.SKIPPED, message);
    }
}
