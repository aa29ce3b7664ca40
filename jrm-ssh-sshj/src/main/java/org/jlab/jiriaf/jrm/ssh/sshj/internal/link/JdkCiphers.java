package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import com.hierynomus.sshj.transport.cipher.GcmCipher;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.common.SSHRuntimeException;
import net.schmizz.sshj.transport.cipher.BlockCipher;
import net.schmizz.sshj.transport.cipher.Cipher;

/**
 * AES from the JVM's own providers, which run it on the processor's AES instructions. sshj would take it from BouncyCastle,
 * five to seven times slower, unless told otherwise for the whole JVM; an application that embeds jrm may have its own
 * wishes there, so only these ciphers go another way.
 */
final class JdkCiphers {

    private static final int IV_LENGTH_GCM = 12;
    private static final int TAG_LENGTH = 16;
    private static final int BLOCK = 16;

    private JdkCiphers() {}

    /** The ciphers, fastest first. */
    static List<Factory.Named<Cipher>> factories() {
        return List.of(gcm(128), gcm(256), ctr(128), ctr(192), ctr(256));
    }

    private static Factory.Named<Cipher> gcm(int bits) {
        return named("aes" + bits + "-gcm@openssh.com", () -> new Gcm(bits / 8));
    }

    private static Factory.Named<Cipher> ctr(int bits) {
        return named("aes" + bits + "-ctr", () -> new Ctr(bits / 8));
    }

    private static Factory.Named<Cipher> named(String name, Factory<Cipher> factory) {
        return new Factory.Named<>() {
            @Override
            public String getName() {
                return name;
            }

            @Override
            public Cipher create() {
                return factory.create();
            }
        };
    }

    private static javax.crypto.Cipher cipher(String transformation) {
        try {
            return javax.crypto.Cipher.getInstance(transformation);
        } catch (GeneralSecurityException e) {
            throw new SSHRuntimeException(e);
        }
    }

    private static final class Gcm extends GcmCipher {
        Gcm(int keyLength) {
            super(IV_LENGTH_GCM, TAG_LENGTH, keyLength, "AES", "AES/GCM/NoPadding");
        }

        @Override
        public void init(Mode mode, byte[] key, byte[] iv) {
            try {
                cipher = cipher("AES/GCM/NoPadding");
                initCipher(cipher, mode, Arrays.copyOf(key, getBlockSize()), Arrays.copyOf(iv, IV_LENGTH_GCM));
            } catch (GeneralSecurityException e) {
                throw new SSHRuntimeException(e);
            }
        }
    }

    private static final class Ctr extends BlockCipher {
        Ctr(int keyLength) {
            super(BLOCK, keyLength, "AES", "AES/CTR/NoPadding");
        }

        @Override
        public void init(Mode mode, byte[] key, byte[] iv) {
            try {
                cipher = cipher("AES/CTR/NoPadding");
                initCipher(cipher, mode, Arrays.copyOf(key, getBlockSize()), Arrays.copyOf(iv, BLOCK));
            } catch (GeneralSecurityException e) {
                throw new SSHRuntimeException(e);
            }
        }
    }
}
