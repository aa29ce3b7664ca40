package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.schmizz.sshj.common.Buffer;
import org.jlab.jiriaf.jrm.internal.BoundedFile;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.PublicKeyBlob;

/**
 * A public key as the protocol writes it (RFC 4253 section 6.6). Found without the passphrase of the private one.
 *
 * @param base64 its encoding in base64
 */
record PublicHalf(String base64) {

    private static final Pattern PUBLIC_LINE = Pattern.compile("(?m)^(?:ssh|ecdsa|sk)-\\S+[ \\t]+([A-Za-z0-9+/=]+)");
    private static final Pattern PRIVATE_BODY =
            Pattern.compile("-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");
    private static final int MOST_BYTES = 1 << 20;
    private static final byte[] PRIVATE_MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);

    static PublicHalf of(byte[] bytes) {
        return new PublicHalf(Base64.getEncoder().encodeToString(bytes));
    }

    byte[] bytes() {
        return Base64.getDecoder().decode(base64);
    }

    static PublicHalf of(PublicKey key) {
        return of(new Buffer.PlainBuffer().putPublicKey(key).getCompactData());
    }

    /** The public half of an identity file: in the file itself, be it private or public, or beside it in {@code FILE.pub}. */
    static Optional<PublicHalf> beside(Path file) {
        return in(file).or(() -> in(Path.of(file + ".pub")));
    }

    /** The key that a file holds or tells the public half of; empty if there is none, or nobody can read it. */
    static Optional<PublicHalf> in(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            byte[] bytes = BoundedFile.read(file, MOST_BYTES).orElse(new byte[0]);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            Matcher body = PRIVATE_BODY.matcher(text);
            if (body.find()) {
                return ofPrivate(Base64.getMimeDecoder().decode(body.group(1)));
            }
            Matcher line = PUBLIC_LINE.matcher(text);
            return line.find() ? Optional.of(of(Base64.getDecoder().decode(line.group(1)))) : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            // Whether it matters is said where the key itself cannot be read.
            return Optional.empty();
        }
    }

    /** OpenSSH's own format keeps it outside of what the passphrase protects (PROTOCOL.key). */
    private static Optional<PublicHalf> ofPrivate(byte[] file) throws IOException {
        Buffer.PlainBuffer rest = new Buffer.PlainBuffer(file);
        byte[] magic = new byte[PRIVATE_MAGIC.length];
        rest.readRawBytes(magic);
        if (!Arrays.equals(magic, PRIVATE_MAGIC)) {
            return Optional.empty();
        }
        rest.readString(); // cipher
        rest.readString(); // how the passphrase becomes a key
        rest.readBytes(); // its options
        rest.readUInt32(); // how many keys: one
        return Optional.of(of(rest.readBytes()));
    }

    /** The certificate in a file, or empty if it holds none. */
    static Optional<Certificate<?>> certificate(Path file) {
        Optional<PublicHalf> half = in(file);
        if (half.isEmpty()) {
            return Optional.empty();
        }
        try {
            PublicKey key = PublicKeyBlob.read(half.get().bytes());
            return key instanceof Certificate<?> certificate ? Optional.of(certificate) : Optional.empty();
        } catch (Buffer.BufferException | RuntimeException e) {
            // A damaged key: sshj throws various unchecked exceptions at one.
            return Optional.empty();
        }
    }
}
