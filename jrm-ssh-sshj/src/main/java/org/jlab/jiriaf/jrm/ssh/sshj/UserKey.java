package org.jlab.jiriaf.jrm.ssh.sshj;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.userauth.keyprovider.KeyProvider;
import net.schmizz.sshj.userauth.password.PasswordFinder;
import net.schmizz.sshj.userauth.password.Resource;
import org.jlab.jiriaf.jrm.site.Secret;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * A private key file, with the certificate beside it if there is one.
 *
 * @param file the private key
 * @param provider the key as sshj wants it
 * @param validFrom when the certificate becomes valid, or null without one
 * @param validUntil when it expires, or null without one
 * @param version the times at which the files were last written
 */
record UserKey(
        Path file,
        KeyProvider provider,
        @Nullable Instant validFrom,
        @Nullable Instant validUntil,
        String version) {

    /** Reads a key file; its passphrase is asked for if it has one. */
    static UserKey load(SSHClient client, ResolvedHop hop, Path file, Function<Path, Optional<Secret>> passphrases) {
        if (!Files.isReadable(file)) {
            throw Failures.failure(
                    Reason.CONFIGURATION,
                    "The key file " + file + " for " + hop + (Files.exists(file) ? " cannot be read" : " is missing"),
                    null);
        }
        Passphrase passphrase = new Passphrase(file, passphrases);
        try {
            String version = version(file);
            KeyProvider provider = client.loadKeys(file.toString(), passphrase);
            PublicKey key = provider.getPublic();
            provider.getPrivate();
            return key instanceof Certificate<?> certificate
                    ? new UserKey(
                            file,
                            provider,
                            certificate.getValidAfter().toInstant(),
                            certificate.getValidBefore().toInstant(),
                            version)
                    : new UserKey(file, provider, null, null, version);
        } catch (IOException | RuntimeException e) {
            String why = passphrase.missing
                    ? "it is encrypted and there is no passphrase for it. Say where passphrases come from, or use an agent"
                    : Failures.message(e);
            throw Failures.failure(
                    Reason.CONFIGURATION, "The key file " + file + " for " + hop + " cannot be used: " + why, e);
        }
    }

    /** Tells whether the files have been written since. */
    boolean isRenewed() {
        return Files.isReadable(file) && !version(file).equals(version);
    }

    private static String version(Path file) {
        return time(file) + " " + time(certificate(file));
    }

    private static @Nullable FileTime time(Path file) {
        try {
            return Files.exists(file) ? Files.getLastModifiedTime(file) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Path certificate(Path file) {
        return Path.of(file + "-cert.pub");
    }

    /** What is wrong with the certificate at a moment, or null. */
    @Nullable
    String invalidity(Instant now) {
        if (validUntil != null && now.isAfter(validUntil)) {
            return "the certificate " + certificate(file) + " was valid until " + validUntil
                    + ". Get a new one from the site";
        }
        if (validFrom != null && now.isBefore(validFrom)) {
            return "the certificate " + certificate(file) + " is valid only from " + validFrom
                    + ". Check the clock of this host";
        }
        return null;
    }

    @Override
    public String toString() {
        return "key " + file + (validUntil == null ? "" : " with its certificate");
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
