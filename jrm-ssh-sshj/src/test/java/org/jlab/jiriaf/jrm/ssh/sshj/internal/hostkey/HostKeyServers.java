package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jlab.jiriaf.jrm.ssh.sshj.OpenSshServer;

/** Keys, certificates and one sshd for each set of them, made when they are first asked for. Thread-safe. */
final class HostKeyServers implements AutoCloseable {

    /** Options of {@code ssh-keygen -s} for each certificate. */
    private static final Map<String, List<String>> CERTIFICATES = Map.ofEntries(
            Map.entry("cert", List.of("-h", "-n", "node.example.org,alias")),
            Map.entry("cert-any", List.of("-h")),
            Map.entry("cert-other", List.of("-h", "-n", "other.example.org")),
            Map.entry("cert-wildcard", List.of("-h", "-n", "*.example.org")),
            Map.entry("cert-case", List.of("-h", "-n", "Node.Example.Org")),
            Map.entry("cert-port", List.of("-h", "-n", "[node.example.org]:2222")),
            Map.entry("cert-expired", List.of("-h", "-n", "node.example.org", "-V", "20200101:20210101")),
            Map.entry("cert-future", List.of("-h", "-n", "node.example.org", "-V", "20900101:20910101")),
            Map.entry("cert-user", List.of("-n", "node.example.org")),
            Map.entry("cert-critical", List.of("-h", "-n", "node.example.org", "-O", "critical:unheard@of=1")),
            Map.entry("cert-rsa", List.of("-h", "-n", "node.example.org")),
            Map.entry("cert-by-rsa", List.of("-h", "-n", "node.example.org")),
            Map.entry("cert-by-sha1", List.of("-h", "-n", "node.example.org", "-t", "ssh-rsa")));

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^}]+)}");

    private final Path folder;
    private final Map<String, OpenSshServer> servers = new HashMap<>();
    private final Map<String, Path> keys = new HashMap<>();

    HostKeyServers(Path folder) {
        this.folder = folder;
    }

    /** A private key: its name begins with its type, {@code ca} and {@code other} are of ed25519. */
    private Path key(String name) {
        return keys.computeIfAbsent(name, n -> {
            Path file = folder.resolve(n);
            String type = n.startsWith("rsa") ? "rsa" : n.startsWith("ecdsa") ? "ecdsa" : "ed25519";
            OpenSshServer.generateKey(file, type);
            return file;
        });
    }

    /** The server with these keys, such as {@code ed25519+rsa} or {@code cert}. */
    synchronized OpenSshServer server(String kind) {
        OpenSshServer present = servers.get(kind);
        if (present == null) {
            List<String> options = new ArrayList<>();
            if (CERTIFICATES.containsKey(kind)) {
                Path key = key(kind.equals("cert-rsa") ? "rsa" : "ed25519");
                options.addAll(List.of("HostKey " + key, "HostCertificate " + certify(kind, key)));
            } else {
                List.of(kind.split("\\+", -1)).forEach(name -> options.add("HostKey " + key(name)));
            }
            present = OpenSshServer.withHostKeys(folder.resolve("sshd-" + kind), options);
            servers.put(kind, present);
        }
        return present;
    }

    private Path certify(String kind, Path key) {
        Path copy = folder.resolve(kind);
        try {
            Files.copy(OpenSshServer.publicKey(key), OpenSshServer.publicKey(copy));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Path authority = key(kind.startsWith("cert-by") ? "rsa-ca" : "ca");
        List<String> command = new ArrayList<>(List.of("ssh-keygen", "-q", "-s", authority.toString(), "-I", kind));
        command.addAll(CERTIFICATES.get(kind));
        command.add(OpenSshServer.publicKey(copy).toString());
        OpenSshServer.run(command);
        return folder.resolve(kind + "-cert.pub");
    }

    /**
     * Fills placeholders in: <code>{NAME}</code> is type and key, <code>{blob NAME}</code> the key alone,
     * <code>{hash HOST}</code> a hashed host name.
     */
    synchronized String fill(String text) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        return matcher.replaceAll(match -> Matcher.quoteReplacement(value(match)));
    }

    private String value(MatchResult match) {
        String[] words = match.group(1).split(" ", -1);
        return switch (words[0]) {
            case "hash" -> hash(words[1]);
            case "blob" -> publicKey(words[1])[1];
            default -> publicKey(words[0])[0] + " " + publicKey(words[0])[1];
        };
    }

    private String[] publicKey(String name) {
        Path file = CERTIFICATES.containsKey(name)
                ? folder.resolve(name + "-cert.pub")
                : OpenSshServer.publicKey(key(name));
        try {
            return Files.readString(file).strip().split(" ", -1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String host) {
        try {
            byte[] salt = "salt of twenty bytes".getBytes(StandardCharsets.US_ASCII);
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(salt, "HmacSHA1"));
            Base64.Encoder encoder = Base64.getEncoder();
            return "|1|" + encoder.encodeToString(salt) + "|"
                    + encoder.encodeToString(mac.doFinal(host.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized void close() {
        servers.values().forEach(OpenSshServer::close);
    }
}
