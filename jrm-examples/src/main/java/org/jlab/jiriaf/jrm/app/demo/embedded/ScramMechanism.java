package org.jlab.jiriaf.jrm.app.demo.embedded;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The arithmetic of SCRAM (RFC 5802, RFC 7677) with MongoDB's own idea of the password.
 *
 * @see <a href="https://github.com/mongodb/specifications/blob/master/source/auth/auth.md">MongoDB authentication</a>
 */
enum ScramMechanism {
    /** The only one of FireWorks' older drivers. */
    SHA_1("SCRAM-SHA-1", "SHA-1", "HmacSHA1", "PBKDF2WithHmacSHA1", 160, 10_000) {
        @Override
        String prepare(String username, String password) {
            byte[] digest = digest("MD5", (username + ":mongo:" + password).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        }
    },
    /** What drivers choose when they may. */
    SHA_256("SCRAM-SHA-256", "SHA-256", "HmacSHA256", "PBKDF2WithHmacSHA256", 256, 15_000) {
        @Override
        String prepare(String username, String password) {
            return Normalizer.normalize(password, Normalizer.Form.NFKC);
        }
    };

    final String wireName;
    final int iterations;
    private final String hash;
    private final String mac;
    private final String derivation;
    private final int keyBits;

    ScramMechanism(String wireName, String hash, String mac, String derivation, int keyBits, int iterations) {
        this.wireName = wireName;
        this.hash = hash;
        this.mac = mac;
        this.derivation = derivation;
        this.keyBits = keyBits;
        this.iterations = iterations;
    }

    /** The password as the mechanism derives its keys from it. */
    abstract String prepare(String username, String password);

    byte[] saltedPassword(String prepared, byte[] salt) {
        try {
            PBEKeySpec spec = new PBEKeySpec(prepared.toCharArray(), salt, iterations, keyBits);
            return SecretKeyFactory.getInstance(derivation).generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime lacks " + derivation, e);
        }
    }

    byte[] hmac(byte[] key, String text) {
        try {
            Mac instance = Mac.getInstance(mac);
            instance.init(new SecretKeySpec(key, mac));
            return instance.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime lacks " + mac, e);
        }
    }

    byte[] hash(byte[] bytes) {
        return digest(hash, bytes);
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime lacks " + algorithm, e);
        }
    }
}
