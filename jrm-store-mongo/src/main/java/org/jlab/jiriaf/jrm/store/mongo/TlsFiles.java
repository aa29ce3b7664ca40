package org.jlab.jiriaf.jrm.store.mongo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS from PEM files, as pymongo takes them. */
final class TlsFiles {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");

    /** {@code SEQUENCE {version 0, {rsaEncryption, NULL}, OCTET STRING}} without its lengths, RFC 5208 and RFC 3447. */
    private static final byte[] RSA_HEADER = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private TlsFiles() {}

    /**
     * Makes a context.
     *
     * @param ca certificates to trust, or null for those of the Java runtime
     * @param certificate the client's certificate and, unless {@code key} is given, its key; or null
     * @param key the client's key if it is in a file of its own
     * @param passphrase of the key, or null
     */
    static SSLContext context(
            @Nullable Path ca, @Nullable Path certificate, @Nullable Path key, @Nullable String passphrase)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                certificate == null ? null : keyManagers(certificate, key == null ? certificate : key, passphrase),
                ca == null ? null : trustManagers(ca),
                null);
        return context;
    }

    private static TrustManager[] trustManagers(Path ca) throws IOException, GeneralSecurityException {
        KeyStore trusted = emptyStore();
        int count = 0;
        for (Certificate each : certificates(ca)) {
            trusted.setCertificateEntry("ca" + count++, each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keyManagers(Path certificate, Path key, @Nullable String passphrase)
            throws IOException, GeneralSecurityException {
        KeyStore own = emptyStore();
        char[] none = new char[0];
        own.setKeyEntry(
                "client",
                privateKey(key, passphrase),
                none,
                certificates(certificate).toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, none);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        String pem = Files.readString(file, StandardCharsets.US_ASCII);
        // A key in the same file would confuse the factory.
        String only = KEY.matcher(pem).replaceAll("").replaceAll("(?m)^ ?[A-Z ]*PRIVATE KEY-----$", "");
        Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(only.getBytes(StandardCharsets.US_ASCII)));
        if (certificates.isEmpty()) {
            throw new InvalidKeySpecException("there is no certificate in " + file);
        }
        return certificates;
    }

    private static PrivateKey privateKey(Path file, @Nullable String passphrase)
            throws IOException, GeneralSecurityException {
        Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new InvalidKeySpecException("there is no unencrypted or PKCS#8 private key in " + file);
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
        KeySpec spec = switch (pem.group(1).trim()) {
            case "" -> new PKCS8EncodedKeySpec(der);
            case "RSA" -> new PKCS8EncodedKeySpec(wrapRsa(der));
            case "ENCRYPTED" -> decrypt(der, passphrase, file);
            default ->
                throw new InvalidKeySpecException("the private key in " + file + " is of kind "
                        + pem.group(1).trim());
        };
        InvalidKeySpecException last = null;
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // The JDK does not tell from the key which algorithm it is for.
                last = e;
            }
        }
        throw new InvalidKeySpecException("the private key in " + file + " is neither RSA, EC nor EdDSA", last);
    }

    private static KeySpec decrypt(byte[] der, @Nullable String passphrase, Path file)
            throws IOException, GeneralSecurityException {
        if (passphrase == null) {
            throw new InvalidKeyException("the private key in " + file + " needs a passphrase");
        }
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
        // For PBES2 the JDK names the full algorithm only in its parameters.
        String algorithm = info.getAlgParameters().toString();
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(passphrase.toCharArray())),
                info.getAlgParameters());
        return info.getKeySpec(cipher);
    }

    private static byte[] wrapRsa(byte[] pkcs1) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(RSA_HEADER);
        content.write(element(0x04, pkcs1));
        return element(0x30, content.toByteArray());
    }

    private static byte[] element(int tag, byte[] content) throws IOException {
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        int length = content.length;
        if (length < 0x80) {
            element.write(length);
        } else {
            int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            element.write(0x80 | bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                element.write(length >> shift);
            }
        }
        element.write(content);
        return element.toByteArray();
    }
}
