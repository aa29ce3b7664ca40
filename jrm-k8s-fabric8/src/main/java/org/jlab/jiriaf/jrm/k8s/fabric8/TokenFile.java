package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jlab.jiriaf.jrm.internal.BoundedFile;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.site.KubeconfigUser;
import org.jspecify.annotations.Nullable;

/**
 * The bearer token in a file that another program replaces now and then. It is read again when the file's modification time
 * changes, after a minute as client-go does, and after the API server has refused the token. Thread-safe.
 */
final class TokenFile {

    private static final Duration VALIDITY = Duration.ofMinutes(1);

    /** Tokens are far smaller. */
    private static final int MAX_BYTES = 1_000_000;

    private final KubeconfigUser user;
    private final Path file;
    private final Clock clock;
    private @Nullable String token; // guarded by this
    private @Nullable FileTime modified; // guarded by this
    private Instant readAgain = Instant.MIN; // guarded by this

    TokenFile(KubeconfigUser user, Path file, Clock clock) {
        this.user = user;
        this.file = file;
        this.clock = clock;
    }

    /**
     * The token. A file that is just being replaced does not end what worked until now.
     *
     * @throws NodeException if the file has never held a token, and the kubeconfig has none beside it
     */
    synchronized String token() {
        try {
            FileTime now = Files.getLastModifiedTime(file);
            if (!now.equals(modified) || !clock.instant().isBefore(readAgain)) {
                read(now);
            }
        } catch (IOException e) {
            if (token == null && user.token() != null) {
                return user.token().reveal();
            }
        }
        if (token == null) {
            throw new NodeException(
                    user.place() + ": tokenFile " + file + " cannot be read, or holds no token", null, false);
        }
        return token;
    }

    /** The time was taken before, so that a change since is seen. */
    private void read(FileTime before) throws IOException {
        String text = BoundedFile.read(file, MAX_BYTES)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
                .orElse("");
        if (!text.isEmpty() && KubeconfigUser.isHeader(text)) {
            token = text;
            modified = before;
            readAgain = clock.instant().plus(VALIDITY);
        }
    }

    /** The next request reads the file. */
    synchronized void refused() {
        readAgain = Instant.MIN;
    }
}
