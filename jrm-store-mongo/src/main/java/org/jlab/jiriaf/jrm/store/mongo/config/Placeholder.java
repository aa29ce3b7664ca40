package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.Locale;
import java.util.regex.Pattern;

/** What templates of FireWorks, atomate, mispr and MongoDB leave for the user to replace. */
final class Placeholder {

    private static final Pattern PATTERN =
            Pattern.compile("\\s*(<+[^<>]*>+|\\|[^|\\s][^|]*\\||\\$\\{[^}]*}|\\{\\{[^}]*}}|%[A-Z_]+%|__[A-Z_]+__)\\s*");

    private Placeholder() {}

    static boolean is(String value) {
        return PATTERN.matcher(value).matches();
    }

    /** Says that a value is one; what could be a secret is not shown. */
    static String describe(String key, String value) {
        boolean secret = key.toLowerCase(Locale.ROOT).contains("pass");
        return (secret ? "the value" : "'" + value + "'")
                + " is a placeholder of a template; replace it, or leave it blank if there is none";
    }
}
