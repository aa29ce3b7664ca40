package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.regex.Pattern;

/** Names that MongoDB takes for a database. */
final class DatabaseName {

    static final String EXPECTED = "is no name of a database; it must not hold blanks or any of . $ / \\ \"";

    private static final Pattern VALID = Pattern.compile("[^ .$/\\\\\"\\x00]+");

    private DatabaseName() {}

    static boolean isValid(String name) {
        return VALID.matcher(name).matches();
    }
}
