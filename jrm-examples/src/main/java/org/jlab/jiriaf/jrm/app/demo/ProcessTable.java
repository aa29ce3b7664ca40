package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Finds the processes of a run by their environment, which they keep whatever becomes of their parents.
 *
 * @param run a variable with a value that only processes of this run have, such as {@code NAME=value}
 */
record ProcessTable(String run) {

    /** All processes of the run. */
    List<ProcessHandle> all() {
        return ProcessHandle.allProcesses().filter(process -> has(process, run)).toList();
    }

    /** The processes of one job. */
    List<ProcessHandle> ofJob(String id) {
        return all().stream()
                .filter(process -> has(process, "SLURM_JOB_ID=" + id))
                .toList();
    }

    private static boolean has(ProcessHandle process, String variable) {
        try {
            String environment = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1);
            return ("\0" + environment).contains("\0" + variable + "\0");
        } catch (IOException e) {
            // Another user's, or over meanwhile.
            return false;
        }
    }
}
