package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The first field of a known_hosts line, compared with a host name as OpenSSH does it (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT;
 * ssh_config(5), PATTERNS). It is a list of patterns or one hashed name.
 */
final class HostNamePatterns {

    /** The result of a comparison. */
    enum Match {
        YES,
        NO,
        /** A negated pattern matches: the line says nothing about the host, whatever else is in the list. */
        EXCLUDED,
        /** The hashed name cannot be read. */
        BROKEN
    }

    private static final String HASH_MAGIC = "|1|";
    private static final int HASH_BYTES = 20;

    /** OpenSSH gives up a list at a pattern of this length. */
    private static final int LONGEST_PATTERN = 1023;

    private HostNamePatterns() {}

    /**
     * Compares.
     *
     * @param field the field, such as {@code *.example.org,!bad.example.org} or {@code |1|salt|hash}
     * @param name host name as ssh looks it up, such as {@code [host]:2222}
     */
    static Match match(String field, String name) {
        if (field.startsWith("|")) {
            return matchHash(field, name);
        }
        String lowerCase = name.toLowerCase(Locale.ROOT);
        Match result = Match.NO;
        for (String item : field.split(",", -1)) {
            boolean negated = item.startsWith("!");
            String pattern = (negated ? item.substring(1) : item).toLowerCase(Locale.ROOT);
            if (pattern.length() >= LONGEST_PATTERN) {
                return Match.NO;
            }
            if (glob(pattern, lowerCase)) {
                if (negated) {
                    return Match.EXCLUDED;
                }
                result = Match.YES;
            }
        }
        return result;
    }

    /** Whether a pattern with {@code *} and {@code ?} matches a whole text. The time is the product of both lengths at most. */
    private static boolean glob(String pattern, String text) {
        int at = 0;
        int star = -1;
        int starText = 0;
        for (int i = 0; i < text.length(); ) {
            char next = at < pattern.length() ? pattern.charAt(at) : '\0';
            if (next == '*') {
                star = at++;
                starText = i;
            } else if (next == '?' || next == text.charAt(i)) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++starText;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }

    private static Match matchHash(String field, String name) {
        int end = field.indexOf('|', HASH_MAGIC.length());
        if (!field.startsWith(HASH_MAGIC) || end < 0) {
            return Match.BROKEN;
        }
        try {
            byte[] salt = Base64.getDecoder().decode(field.substring(HASH_MAGIC.length(), end));
            if (salt.length != HASH_BYTES) {
                return Match.BROKEN;
            }
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(salt, "HmacSHA1"));
            byte[] hash = mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash).equals(field.substring(end + 1)) ? Match.YES : Match.NO;
        } catch (IllegalArgumentException e) {
            return Match.BROKEN;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has HmacSHA1", e);
        }
    }
}
