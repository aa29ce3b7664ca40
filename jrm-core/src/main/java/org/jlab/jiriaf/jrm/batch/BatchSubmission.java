package org.jlab.jiriaf.jrm.batch;

import java.nio.charset.StandardCharsets;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jspecify.annotations.Nullable;

/**
 * A job to be submitted.
 *
 * @param folder absolute path of the folder at the site that the job works in; it has to exist
 * @param script the batch script; it asks for resources by directives, its name and comment are set from here
 * @param name name of the job
 * @param token a text that no other submission has; by it a job is found again whose submission brought no answer
 */
public record BatchSubmission(String folder, String script, String name, String token) {

    /** Name of the script in the folder, as FireWorks has it. */
    public static final String SCRIPT_FILE = "FW_submit.script";

    /** Checks. */
    public BatchSubmission {
        check("folder", folder, TextRules.absolutePath(folder));
        check("name", name, TextRules.argument(name));
        check("token", token, TextRules.argument(token));
    }

    private static void check(String field, String value, @Nullable String expected) {
        if (expected != null) {
            throw new IllegalArgumentException(
                    "Cannot submit a job with " + field + " '" + value + "', expected " + expected);
        }
    }

    /**
     * The script's path at the site.
     *
     * @return absolute path
     */
    public String scriptPath() {
        return folder + "/" + SCRIPT_FILE;
    }

    /**
     * The script as it is written there.
     *
     * @return its bytes
     */
    public byte[] scriptBytes() {
        return script.getBytes(StandardCharsets.UTF_8);
    }
}
