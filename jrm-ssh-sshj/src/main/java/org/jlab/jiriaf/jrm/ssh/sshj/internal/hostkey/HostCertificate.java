package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.signature.Signature;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.PublicKeyBlob;
import org.jspecify.annotations.Nullable;

/** Checks a host certificate as OpenSSH does it (PROTOCOL.certkeys; ssh-keygen(1), CERTIFICATES). */
final class HostCertificate {

    private static final long TYPE_HOST = 2;
    private static final int LENGTH_FIELD = 4;

    /** OpenSSH's default for {@code CASignatureAlgorithms}, as far as sshj has them: nothing with SHA-1. */
    private static final Set<String> AUTHORITY_ALGORITHMS = Set.of(
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "rsa-sha2-512",
            "rsa-sha2-256");

    private final Certificate<?> certificate;

    HostCertificate(Certificate<?> certificate) {
        this.certificate = certificate;
    }

    /** The key that signed it, in Base64. */
    String authority() {
        return Base64.getEncoder().encodeToString(certificate.getSignatureKey());
    }

    /**
     * Why the certificate does not count for a host, or null if it does.
     *
     * @param name host name or its alias, without a port
     * @param now time at which it must be valid
     */
    @Nullable
    String fault(String name, Instant now) {
        if (certificate.getType() != TYPE_HOST) {
            return "it is not a host certificate";
        }
        if (now.isBefore(certificate.getValidAfter().toInstant())) {
            return "it is valid only from " + certificate.getValidAfter().toInstant();
        }
        if (!now.isBefore(certificate.getValidBefore().toInstant())) {
            return "it was valid until " + certificate.getValidBefore().toInstant();
        }
        List<String> principals = certificate.getValidPrincipals();
        if (!principals.isEmpty() && !principals.contains(name)) {
            return "it is for " + String.join(", ", principals) + ", not for " + name;
        }
        if (!certificate.getCritOptions().isEmpty()) {
            return "it has critical options, which no host certificate can have: "
                    + String.join(", ", certificate.getCritOptions().keySet());
        }
        return signatureFault();
    }

    private @Nullable String signatureFault() {
        try {
            byte[] signed = KnownHostKey.encode(certificate);
            byte[] signature = certificate.getSignature();
            String algorithm = new Buffer.PlainBuffer(signature).readString();
            if (!AUTHORITY_ALGORITHMS.contains(algorithm)) {
                return "its authority signed it with " + algorithm + ", which is not allowed";
            }
            Signature verifier = Factory.Named.Util.create(KeyType.CertUtils.ALL_SIGNATURES, algorithm);
            PublicKey authority = PublicKeyBlob.read(certificate.getSignatureKey());
            verifier.initVerify(authority);
            verifier.update(signed, 0, signed.length - signature.length - LENGTH_FIELD);
            return verifier.verify(signature) ? null : "its signature is wrong";
        } catch (Buffer.BufferException | RuntimeException e) {
            // sshj throws various unchecked exceptions at bytes that are no key or signature.
            return "its signature cannot be checked: " + e.getMessage();
        }
    }
}
