package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.KnownHostKey.Marker;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshjConfig;
import org.jspecify.annotations.Nullable;

/**
 * Checks the host key of one server against known_hosts files, with the verdict that ssh would give. Remembers why it refused,
 * for the message.
 */
public final class HostKeys implements HostKeyVerifier {

    private static final int DEFAULT_PORT = 22;

    /** OpenSSH's default for {@code HostKeyAlgorithms} begins with the certificates of this type. */
    private static final String PREFERRED_TYPE = KeyType.ED25519.toString();

    private final ResolvedHop hop;
    private final String host;
    private final @Nullable String portName;
    private final KnownHosts known;
    private @Nullable HostKeyFinding finding;
    private @Nullable String refusal;
    private @Nullable String accepted;

    public HostKeys(ResolvedHop hop) {
        this.hop = hop;
        String alias = hop.hostKeyName();
        this.host = (alias == null ? hop.host() : alias).toLowerCase(Locale.ROOT);
        this.portName = alias != null || hop.port() == DEFAULT_PORT ? null : "[" + host + "]:" + hop.port();
        this.known = KnownHosts.read(hop.knownHosts());
    }

    private String name() {
        return portName == null ? host : portName;
    }

    @Override
    public synchronized boolean verify(String hostname, int port, PublicKey key) {
        String blob = KnownHostKey.base64(key);
        if (blob.equals(accepted)) {
            // Keys are exchanged anew in the same connection.
            return true;
        }
        HostKeyFinding found = new HostKeySearch(known, host, portName, key).find();
        finding = found;
        refusal = judge(found, KnownHostKey.plain(key));
        if (refusal == null) {
            accepted = blob;
        }
        return refusal == null;
    }

    private @Nullable String judge(HostKeyFinding found, PublicKey key) {
        String description = KeyType.fromKey(key) + " key " + fingerprint(key);
        String remarks = found.remarks().isEmpty() ? "" : ". Note: " + String.join("; ", found.remarks());
        return switch (found.verdict()) {
            case TRUSTED -> null;
            case REVOKED ->
                "its " + description + ", or the authority that certified it, is marked as revoked in " + place(found);
            case CHANGED ->
                "its " + description + " is not the one that " + place(found) + " has for " + name()
                        + ". Either the host was installed anew, or somebody is in between: ask its administrators, and only"
                        + " then remove the old key (ssh-keygen -R '" + name() + "')" + remarks;
            case UNKNOWN ->
                hop.acceptNew()
                        ? remember(key)
                        : "it is not in " + files() + " (name " + name() + ", " + description
                                + "). Compare the fingerprint with the one that the site publishes and log in once with ssh,"
                                + " or choose to accept new hosts" + remarks;
        };
    }

    private String place(HostKeyFinding found) {
        KnownHostKey entry = found.entry();
        return entry == null ? files() : entry.place();
    }

    /** Stores a key; says why that is not possible. */
    private @Nullable String remember(PublicKey key) {
        if (hop.knownHosts().isEmpty()) {
            return null;
        }
        Path file = hop.knownHosts().get(0).toAbsolutePath();
        try {
            Path folder = file.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            String line = (endsInsideLine(file) ? "\n" : "") + name() + " " + KeyType.fromKey(key) + " "
                    + KnownHostKey.base64(key) + "\n";
            Files.write(
                    file,
                    line.getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND);
            return null;
        } catch (IOException e) {
            return "it is new and cannot be stored in " + file + ": " + e;
        }
    }

    private static boolean endsInsideLine(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) == 0) {
            return false;
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            bytes.seek(bytes.length() - 1);
            return bytes.read() != '\n';
        }
    }

    /**
     * The algorithms that the server should use if it can, so that it shows a key that is known. As in ssh, there is no
     * preference if a key of the preferred type is known; and only the name with the port counts.
     */
    @Override
    public List<String> findExistingAlgorithms(String hostname, int port) {
        List<KnownHostKey> keys = known.of(name()).keys();
        if (isKnown(keys, PREFERRED_TYPE)) {
            return List.of();
        }
        boolean authority = keys.stream().anyMatch(entry -> entry.marker() == Marker.CERT_AUTHORITY);
        return SshjConfig.hostKeyAlgorithms().stream()
                .filter(algorithm ->
                        (authority && KnownHostKey.isCertificate(algorithm)) || isKnown(keys, plainType(algorithm)))
                .toList();
    }

    private static String plainType(String algorithm) {
        return algorithm.startsWith("rsa-sha2-")
                ? KeyType.RSA.toString()
                : algorithm.replace("-cert-v01@openssh.com", "");
    }

    /** Whether the first key of a type is there and not revoked. */
    private static boolean isKnown(List<KnownHostKey> keys, String type) {
        return keys.stream()
                .filter(entry -> entry.marker() == Marker.NONE && entry.type().equals(type))
                .findFirst()
                .filter(entry -> HostKeySearch.revoking(keys, Set.of(entry.plainBlob())) == null)
                .isPresent();
    }

    /** What was found about the key that the server showed last, or null before it showed one. */
    synchronized @Nullable HostKeyFinding finding() {
        return finding;
    }

    /** Why the key was refused, or null if it was not. */
    public synchronized @Nullable String refusal() {
        return refusal;
    }

    private String files() {
        return String.join(" or ", hop.knownHosts().stream().map(Path::toString).toList());
    }

    private static String fingerprint(PublicKey key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(KnownHostKey.encode(key));
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
