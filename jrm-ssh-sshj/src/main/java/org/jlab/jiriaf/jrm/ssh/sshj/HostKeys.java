package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import net.schmizz.sshj.transport.verification.OpenSSHKnownHosts;
import net.schmizz.sshj.transport.verification.OpenSSHKnownHosts.KnownHostEntry;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Checks the host key of one server against known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain and hashed names,
 * patterns, ports, {@code @cert-authority}, {@code @revoked}. Remembers why it refused, for the message.
 */
final class HostKeys implements HostKeyVerifier {

    private static final String REVOKED = "@revoked ";

    private final ResolvedHop hop;
    private final String name;
    private final List<KnownHostEntry> entries = new ArrayList<>();
    private @Nullable String refusal;

    HostKeys(ResolvedHop hop) {
        this.hop = hop;
        String plain = (hop.hostKeyName() == null ? hop.host() : hop.hostKeyName()).toLowerCase(Locale.ROOT);
        this.name = hop.hostKeyName() != null || hop.port() == 22 ? plain : "[" + plain + "]:" + hop.port();
        for (Path file : hop.knownHosts()) {
            load(file.toFile());
        }
    }

    private void load(File file) {
        try {
            entries.addAll(new OpenSSHKnownHosts(file, new QuietLoggers()).entries());
        } catch (IOException e) {
            throw new TunnelException(
                    Reason.CONFIGURATION, null, "Cannot read known hosts from " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized boolean verify(String hostname, int port, PublicKey key) {
        try {
            return check(key);
        } catch (IOException e) {
            refusal = "its key cannot be compared with " + files() + ": " + e.getMessage();
            return false;
        }
    }

    private boolean check(PublicKey key) throws IOException {
        boolean known = false;
        boolean matches = false;
        for (KnownHostEntry entry : entries) {
            if (!entry.appliesTo(name)) {
                continue;
            }
            if (entry.getLine().startsWith(REVOKED)) {
                if (isSameKey(entry, key)) {
                    refusal = "its key " + fingerprint(key) + " is marked as revoked in " + files();
                    return false;
                }
                continue;
            }
            known |= entry.getType() == KeyType.fromKey(key);
            matches |= entry.appliesTo(KeyType.fromKey(key), name) && entry.verify(key);
        }
        if (matches) {
            return true;
        }
        if (known) {
            refusal = "its " + KeyType.fromKey(key) + " key " + fingerprint(key) + " is not the one that " + files()
                    + " has for " + name + ". Either the host was installed anew, or somebody is in between: ask its"
                    + " administrators, and only then remove the old key (ssh-keygen -R '" + name + "')";
            return false;
        }
        if (hop.acceptNew()) {
            remember(key);
            return true;
        }
        refusal = "it is not in " + files() + " (name " + name + ", " + KeyType.fromKey(key) + " key "
                + fingerprint(key) + "). Compare the fingerprint with the one that the site publishes and log in once"
                + " with ssh, or choose to accept new hosts";
        return false;
    }

    private static boolean isSameKey(KnownHostEntry revoked, PublicKey key) {
        // sshj's own comparison says no to every revoked entry.
        return List.of(revoked.getLine().split("\\s+", -1)).contains(base64(key));
    }

    private void remember(PublicKey key) throws IOException {
        Path file = hop.knownHosts().get(0).toAbsolutePath();
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        String line = name + " " + KeyType.fromKey(key) + " " + base64(key) + "\n";
        Files.write(
                file,
                line.getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND);
    }

    /** The algorithms of the keys that are known, so that the server shows one of those. */
    @Override
    public List<String> findExistingAlgorithms(String hostname, int port) {
        List<String> algorithms = new ArrayList<>();
        try {
            for (KnownHostEntry entry : entries) {
                if (!entry.appliesTo(name) || entry.getLine().startsWith(REVOKED)) {
                    continue;
                }
                if (entry.getLine().startsWith("@cert-authority ")) {
                    for (KeyType type : KeyType.values()) {
                        if (type.getParent() != null) {
                            addAlgorithms(algorithms, type);
                        }
                    }
                } else {
                    addAlgorithms(algorithms, entry.getType());
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return algorithms;
    }

    private static void addAlgorithms(List<String> algorithms, KeyType type) {
        if (type == KeyType.RSA) {
            algorithms.addAll(List.of("rsa-sha2-512", "rsa-sha2-256"));
        } else if (type == KeyType.RSA_CERT) {
            algorithms.addAll(List.of("rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"));
        }
        algorithms.add(type.toString());
    }

    /** Why the key was refused, or null if it was not. */
    synchronized @Nullable String refusal() {
        return refusal;
    }

    private String files() {
        return String.join(" or ", hop.knownHosts().stream().map(Path::toString).toList());
    }

    private static String base64(PublicKey key) {
        return Base64.getEncoder()
                .encodeToString(new Buffer.PlainBuffer().putPublicKey(key).getCompactData());
    }

    private static String fingerprint(PublicKey key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(new Buffer.PlainBuffer().putPublicKey(key).getCompactData());
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
