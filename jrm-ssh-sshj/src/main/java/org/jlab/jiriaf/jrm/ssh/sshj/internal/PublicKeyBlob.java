package org.jlab.jiriaf.jrm.ssh.sshj.internal;

import java.security.PublicKey;
import net.schmizz.sshj.common.Buffer;

/** Reads public keys as the SSH protocol encodes them (RFC 4253, section 6.6), from bytes of unknown origin. */
public final class PublicKeyBlob {

    private static final String ED25519 = "ssh-ed25519";
    private static final int ED25519_BYTES = 32;

    private PublicKeyBlob() {}

    /**
     * Reads a key or certificate.
     *
     * @param bytes the encoded key and nothing else
     * @throws Buffer.BufferException if the bytes are no key
     * @throws RuntimeException if the bytes are no key; sshj throws various kinds
     */
    public static PublicKey read(byte[] bytes) throws Buffer.BufferException {
        checkEd25519(new Buffer.PlainBuffer(bytes));
        Buffer.PlainBuffer buffer = new Buffer.PlainBuffer(bytes);
        PublicKey key = buffer.readPublicKey();
        if (buffer.available() > 0) {
            throw new Buffer.BufferException(buffer.available() + " bytes follow the key");
        }
        return key;
    }

    /** Checks the length of an Ed25519 key, since sshj allocates as many bytes as the field claims. */
    private static void checkEd25519(Buffer.PlainBuffer buffer) throws Buffer.BufferException {
        String type = buffer.readString();
        if (!type.startsWith(ED25519)) {
            return;
        }
        if (type.length() > ED25519.length()) {
            buffer.readBytes(); // the nonce of a certificate
        }
        long length = buffer.readUInt32();
        if (length != ED25519_BYTES) {
            throw new Buffer.BufferException("an Ed25519 key has " + ED25519_BYTES + " bytes, not " + length);
        }
    }
}
