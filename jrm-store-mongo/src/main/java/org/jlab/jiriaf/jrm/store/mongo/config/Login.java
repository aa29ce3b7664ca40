package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.List;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/**
 * As whom jrm logs in, by the rules of pymongo.
 *
 * @param username null if the certificate or the surroundings tell it
 * @param password null if the mechanism needs none
 * @param source the database that knows the user; null if DNS may tell it
 * @param mechanism null to let the server choose
 */
record Login(
        @Nullable String username,
        @Nullable Secret password,
        @Nullable String source,
        @Nullable String mechanism) {

    private static final String EXTERNAL = "$external";
    private static final List<String> WITHOUT_USER = List.of("MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC");
    private static final List<String> WITHOUT_PASSWORD = List.of("MONGODB-X509", "GSSAPI", "PLAIN", "MONGODB-OIDC");
    private static final List<String> EXTERNAL_ONLY = List.of("MONGODB-X509", "GSSAPI", "MONGODB-AWS", "MONGODB-OIDC");

    /**
     * Decides on the login.
     *
     * @param source as given; null if it is not
     * @param otherwise the database to ask if none is given; null if DNS may tell it
     * @return the login; without user name and mechanism if there is none
     */
    static Login of(
            @Nullable String username,
            @Nullable Secret password,
            @Nullable String source,
            @Nullable String otherwise,
            @Nullable String mechanism,
            Findings findings) {
        String user = username == null || username.isEmpty() ? null : username;
        String how = mechanism == null || mechanism.equals("DEFAULT") ? null : mechanism;
        if (user == null && how == null) {
            if (password != null) {
                findings.warn("password: given without username; jrm does not log in, nor does FireWorks");
            }
            return new Login(null, null, source == null ? otherwise : source, null);
        }
        if (how != null && EXTERNAL_ONLY.contains(how)) {
            return external(user, password, source, how, findings);
        }
        if (user != null && password == null && (how == null || !WITHOUT_PASSWORD.contains(how))) {
            findings.fault("username: '" + user + "' is given without password; give both or none");
        }
        return new Login(user, password, source == null ? otherwise : source, how);
    }

    /** Whether jrm does not log in at all. */
    boolean isNone() {
        return username == null && mechanism == null;
    }

    /** Whether the login is still to be given: a program may take it from elsewhere than the file. */
    boolean lacksUsername() {
        return username == null && mechanism != null && !WITHOUT_USER.contains(mechanism);
    }

    private static Login external(
            @Nullable String user,
            @Nullable Secret password,
            @Nullable String source,
            String mechanism,
            Findings findings) {
        if (source != null && !source.equals(EXTERNAL)) {
            findings.fault("authsource: '" + source + "' is not where authMechanism " + mechanism
                    + " has its users; expected $external (authSource=$external in a URI)");
        }
        if (password != null && mechanism.equals("MONGODB-X509")) {
            findings.fault("password: authMechanism MONGODB-X509 takes none; remove it");
        } else if (password == null && user != null && !WITHOUT_PASSWORD.contains(mechanism)) {
            findings.fault("username: '" + user + "' is given without password; give both or none");
        }
        return new Login(user, password, EXTERNAL, mechanism);
    }
}
