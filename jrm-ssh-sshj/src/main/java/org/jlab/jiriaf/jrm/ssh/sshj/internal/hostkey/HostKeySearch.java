package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.HostKeyFinding.Verdict;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.KnownHostKey.Marker;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the key of a server in known_hosts in the order in which ssh does it: the certificate under the name with the
 * port, everything under the name without it, the plain key. A certificate that does not count leaves its plain key to be
 * looked for. Not thread-safe; made for one search.
 */
final class HostKeySearch {

    private final KnownHosts known;
    private final String host;
    private final @Nullable String portName;
    private final PublicKey key;
    private final Set<String> remarks = new LinkedHashSet<>();
    private @Nullable KnownHostKey revoked;

    /**
     * Prepares a search.
     *
     * @param known the files
     * @param host host name or its alias
     * @param portName the name with the port, such as {@code [host]:2222}, or null if only the other counts
     * @param key what the server showed
     */
    HostKeySearch(KnownHosts known, String host, @Nullable String portName, PublicKey key) {
        this.known = known;
        this.host = host;
        this.portName = portName;
        this.key = key;
    }

    HostKeyFinding find() {
        HostKeyFinding found = find(portName == null ? host : portName);
        if (found.verdict() == Verdict.UNKNOWN && revoked != null) {
            return new HostKeyFinding(Verdict.REVOKED, revoked, found.remarks());
        }
        return found;
    }

    private HostKeyFinding find(String name) {
        KnownHosts.Entries entries = known.of(name);
        remarks.addAll(entries.remarks());
        if (key instanceof Certificate<?> certificate) {
            HostKeyFinding found = certified(entries.keys(), certificate);
            if (found.verdict() == Verdict.UNKNOWN) {
                found = withoutPort(name, found);
            }
            if (found.isTrusted() || found.verdict() == Verdict.REVOKED) {
                return found;
            }
        }
        HostKeyFinding found = plain(entries.keys());
        return found.verdict() == Verdict.UNKNOWN ? withoutPort(name, found) : found;
    }

    /** ssh takes from a search without the port only that the host is known. */
    private HostKeyFinding withoutPort(String name, HostKeyFinding withPort) {
        if (!name.equals(portName)) {
            return withPort;
        }
        HostKeyFinding bare = find(host);
        if (bare.verdict() == Verdict.REVOKED) {
            revoked = bare.entry();
        }
        return bare.isTrusted() ? bare : withPort;
    }

    private HostKeyFinding certified(List<KnownHostKey> keys, Certificate<?> certificate) {
        HostCertificate hostCertificate = new HostCertificate(certificate);
        String authority = hostCertificate.authority();
        KnownHostKey revoking = revoking(keys, Set.of(KnownHostKey.base64(certificate.getKey()), authority));
        if (revoking != null) {
            return finding(Verdict.REVOKED, revoking);
        }
        for (KnownHostKey entry : keys) {
            if (entry.marker() == Marker.CERT_AUTHORITY && entry.plainBlob().equals(authority)) {
                String fault = hostCertificate.fault(host, Instant.now());
                if (fault == null) {
                    return finding(Verdict.TRUSTED, entry);
                }
                remarks.add("its certificate by the authority of " + entry.place() + " does not count: " + fault);
                // Not unknown: the name without the port is not tried.
                return finding(Verdict.CHANGED, entry);
            }
        }
        return finding(Verdict.UNKNOWN, null);
    }

    private HostKeyFinding plain(List<KnownHostKey> keys) {
        String blob = KnownHostKey.base64(KnownHostKey.plain(key));
        KnownHostKey revoking = revoking(keys, Set.of(blob));
        if (revoking != null) {
            return finding(Verdict.REVOKED, revoking);
        }
        KnownHostKey other = null;
        for (KnownHostKey entry : keys) {
            if (entry.marker() == Marker.NONE) {
                if (entry.blob().equals(blob)) {
                    return finding(Verdict.TRUSTED, entry);
                }
                other = entry;
            }
        }
        return finding(other == null ? Verdict.UNKNOWN : Verdict.CHANGED, other);
    }

    static @Nullable KnownHostKey revoking(List<KnownHostKey> keys, Set<String> blobs) {
        return keys.stream()
                .filter(entry -> entry.marker() == Marker.REVOKED && blobs.contains(entry.plainBlob()))
                .findFirst()
                .orElse(null);
    }

    private HostKeyFinding finding(Verdict verdict, @Nullable KnownHostKey entry) {
        return new HostKeyFinding(verdict, entry, new ArrayList<>(remarks));
    }
}
