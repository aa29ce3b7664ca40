package org.jlab.jiriaf.jrm.batch.slurm;

import java.util.regex.Pattern;

/** What Slurm's own words say about whether a retry can help. */
final class SlurmErrors {

    private static final Pattern TRANSIENT = Pattern.compile(
            "Unable to contact slurm controller|Socket timed out|Connection (refused|reset|timed out)|Zero Bytes were"
                    + " transmitted|temporarily (unable|unavailable)|Resource temporarily",
            Pattern.CASE_INSENSITIVE);

    private SlurmErrors() {}

    static boolean isTransient(String words) {
        return TRANSIENT.matcher(words).find();
    }
}
