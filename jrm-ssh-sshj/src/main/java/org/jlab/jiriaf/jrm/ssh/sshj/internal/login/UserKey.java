package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.userauth.keyprovider.KeyProvider;
import net.schmizz.sshj.userauth.password.PasswordFinder;
import net.schmizz.sshj.userauth.password.Resource;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.PublicKeyBlob;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * A private key file, with its certificate if there is one.
 *
 * @param file the private key
 * @param certificate the certificate's file, or null without one
 * @param provider the key as sshj wants it
 * @param validFrom when the certificate becomes valid, or null without one
 * @param validUntil when it expires, or null without one
 * @param version the times at which the files were last written
 */
public record UserKey(
        Path file,
        @Nullable Path certificate,
        KeyProvider provider,
        @Nullable Instant validFrom,
        @Nullable Instant validUntil,
        String version) {

    /** Reads a key file; its passphrase is asked for if it has one. */
    public static UserKey load(
            SSHClient client, ResolvedHop hop, Path file, Function<Path, Optional<Secret>> passphrases) {
        if (!Files.isReadable(file)) {
            throw SshFailureTranslator.failure(
                    Reason.CONFIGURATION,
                    "The key file " + file + " for " + hop + (Files.exists(file) ? " cannot be read" : " is missing")
                            + ". Name one that is there: ssh.ssh_key of the site file, or IdentityFile of the SSH configuration",
                    null);
        }
        Passphrase passphrase = new Passphrase(file, passphrases);
        try {
            Optional<PublicHalf> half = PublicHalf.in(file);
            if (half.isPresent()) {
                PublicKeyBlob.read(half.get().bytes()); // refuses what sshj would allocate memory for
            }
            KeyProvider provider = client.loadKeys(file.toString(), passphrase);
            provider.getPrivate();
            UserKey key = new UserKey(file, null, provider, null, null, version(file, null));
            if (provider.getPublic() instanceof Certificate<?> certificate) {
                key = key.with(beside(file), certificate);
            }
            for (Path candidate : hop.certificateFiles()) {
                Optional<Certificate<?>> certificate = PublicHalf.certificate(candidate);
                if (certificate.isPresent()
                        && PublicHalf.of(certificate.get().getKey()).equals(key.publicHalf())) {
                    return key.with(candidate, certificate.get());
                }
            }
            return key;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // sshj allocates as much memory as a damaged PEM file claims to need.
            String why = passphrase.missing
                    ? "it is encrypted and there is no passphrase for it. Say where passphrases come from, or use an agent"
                    : SshFailureTranslator.message(e);
            throw SshFailureTranslator.failure(
                    Reason.CONFIGURATION, "The key file " + file + " for " + hop + " cannot be used: " + why, e);
        }
    }

    /** The same key with a certificate. */
    UserKey with(Path certificateFile, Certificate<?> issued) {
        return new UserKey(
                file,
                certificateFile,
                new Shown(provider, issued),
                issued.getValidAfter().toInstant(),
                issued.getValidBefore().toInstant(),
                version(file, certificateFile));
    }

    /** The certificate, or null without one. */
    @Nullable
    Certificate<?> certified() {
        return shown() instanceof Certificate<?> present ? present : null;
    }

    /** The key without its certificate. */
    KeyProvider plain() {
        Certificate<?> present = certified();
        return present == null ? provider : new Shown(provider, present.getKey());
    }

    /** The public key, without the certificate. */
    PublicHalf publicHalf() {
        Certificate<?> present = certified();
        return PublicHalf.of(present == null ? shown() : present.getKey());
    }

    private PublicKey shown() {
        try {
            return provider.getPublic();
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file + " again", e);
        }
    }

    /** Tells whether the files have been written since; also whether a certificate has come to lie beside the key. */
    public boolean isRenewed() {
        return Files.isReadable(file) && !version(file, certificate).equals(version);
    }

    private static String version(Path file, @Nullable Path certificate) {
        return time(file) + " " + time(certificate == null ? beside(file) : certificate);
    }

    private static @Nullable FileTime time(Path file) {
        try {
            return Files.exists(file) ? Files.getLastModifiedTime(file) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Path beside(Path file) {
        return Path.of(file + "-cert.pub");
    }

    /** What is wrong with the certificate at a moment, or null. */
    @Nullable
    String invalidity(Instant now) {
        if (validUntil != null && now.isAfter(validUntil)) {
            return "the certificate " + certificate + " was valid until " + validUntil
                    + ". Get a new one from the site";
        }
        if (validFrom != null && now.isBefore(validFrom)) {
            return "the certificate " + certificate + " is valid only from " + validFrom
                    + ". Check the clock of this host";
        }
        return null;
    }

    @Override
    public String toString() {
        return "key " + file + (certificate == null ? "" : " with certificate " + certificate);
    }

    /** A private key that shows itself with this certificate, or without one. */
    private record Shown(KeyProvider key, PublicKey shown) implements KeyProvider {
        @Override
        public PrivateKey getPrivate() throws IOException {
            return key.getPrivate();
        }

        @Override
        public PublicKey getPublic() {
            return shown;
        }

        @Override
        public KeyType getType() {
            return KeyType.fromKey(shown);
        }
    }

    /** Hands sshj the passphrase once. */
    private static final class Passphrase implements PasswordFinder {
        private final Path file;
        private final Function<Path, Optional<Secret>> source;
        private boolean missing;

        Passphrase(Path file, Function<Path, Optional<Secret>> source) {
            this.file = file;
            this.source = source;
        }

        @Override
        public char[] reqPassword(Resource<?> resource) {
            Optional<Secret> passphrase = source.apply(file);
            missing = passphrase.isEmpty();
            return passphrase.map(secret -> secret.reveal().toCharArray()).orElse(new char[0]);
        }

        @Override
        public boolean shouldRetry(Resource<?> resource) {
            return false;
        }
    }
}
