package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.common.SSHRuntimeException;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.PublicKeyBlob;

/**
 * The key of one known_hosts line.
 *
 * @param marker what the line says about the key
 * @param type type of the key, such as {@code ssh-ed25519}
 * @param blob the key in Base64, as {@link #base64} gives it
 * @param place file and line number, such as {@code /home/me/.ssh/known_hosts:3}
 */
record KnownHostKey(Marker marker, String type, String blob, String place) {

    /** What a line says about its key. */
    enum Marker {
        NONE,
        CERT_AUTHORITY,
        REVOKED
    }

    private static final String RSA = KeyType.RSA.toString();

    /** Types that OpenSSH reads and sshj does not, so that no server can show such a key here. */
    private static final Set<String> SECURITY_KEYS =
            Set.of("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com");

    /**
     * Reads the key of a line, or nothing if OpenSSH would pass the line over: an unknown type, no Base64, another type inside.
     *
     * @param marker what the line says about the key
     * @param fields type, key and comment
     * @param place file and line number
     */
    static Optional<KnownHostKey> parse(Marker marker, String fields, String place) {
        String[] parts = fields.split("[ \t]+", 3);
        if (parts.length < 2) {
            return Optional.empty();
        }
        // The name of a signature algorithm stands for the type of its keys.
        String type = parts[0].startsWith("rsa-sha2-") && !isCertificate(parts[0]) ? RSA : parts[0];
        String blob = parts[1].strip();
        try {
            byte[] bytes = Base64.getDecoder().decode(blob);
            boolean whole = Base64.getEncoder().encodeToString(bytes).equals(blob);
            return whole && isKey(type, bytes)
                    ? Optional.of(new KnownHostKey(marker, type, blob, place))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isKey(String type, byte[] bytes) {
        try {
            if (SECURITY_KEYS.contains(type)) {
                return new Buffer.PlainBuffer(bytes).readString().equals(type);
            }
            return KeyType.fromKey(PublicKeyBlob.read(bytes)).toString().equals(type);
        } catch (Buffer.BufferException | RuntimeException e) {
            // sshj throws various unchecked exceptions at bytes that are no key.
            return false;
        }
    }

    static boolean isCertificate(String type) {
        return type.endsWith("-cert-v01@openssh.com");
    }

    /** The key in Base64; of a certificate, the key that it certifies. */
    String plainBlob() {
        if (!isCertificate(type)) {
            return blob;
        }
        try {
            return base64(plain(PublicKeyBlob.read(Base64.getDecoder().decode(blob))));
        } catch (Buffer.BufferException e) {
            throw new SSHRuntimeException(e);
        }
    }

    /** The key that a certificate certifies; any other key itself. */
    static PublicKey plain(PublicKey key) {
        return key instanceof Certificate<?> certificate ? certificate.getKey() : key;
    }

    /** The key as the SSH protocol encodes it (RFC 4253, section 6.6), in Base64. */
    static String base64(PublicKey key) {
        return Base64.getEncoder().encodeToString(encode(key));
    }

    static byte[] encode(PublicKey key) {
        byte[] bytes = new Buffer.PlainBuffer().putPublicKey(key).getCompactData();
        return Arrays.copyOf(bytes, bytes.length);
    }
}
