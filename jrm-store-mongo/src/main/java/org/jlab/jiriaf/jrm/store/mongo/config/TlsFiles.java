package org.jlab.jiriaf.jrm.store.mongo.config;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CRL;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.X509CertSelector;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jlab.jiriaf.jrm.store.mongo.config.OptionLayer.Given;
import org.jspecify.annotations.Nullable;

/** TLS from PEM files, as pymongo takes them. */
public final class TlsFiles {

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
     * @param source where the settings came from, for messages
     * @throws LaunchpadConfigException if a file cannot be used
     */
    public static SSLContext of(TlsSettings tls, String source) {
        Given certificate = tls.certificate();
        Given key = tls.key() == null ? certificate : tls.key();
        if (certificate == null && (tls.key() != null || tls.passphrase() != null)) {
            throw fault(
                    source,
                    String.valueOf(tls.key() == null ? tls.passphrase() : tls.key()),
                    "it is for a client certificate, and there is none; add" + " tlsCertificateKeyFile (ssl_certfile)");
        }
        TrustManager[] trust = tls.ca() == null && tls.crl() == null ? null : trust(tls.ca(), tls.crl(), source);
        KeyManager[] own = certificate == null || key == null ? null : own(certificate, key, tls.passphrase(), source);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no TLS", e);
        }
    }

    private static TrustManager @Nullable [] trust(@Nullable Given ca, @Nullable Given crl, String source) {
        KeyStore trusted = use(ca, source, file -> authorities(file));
        return crl == null
                ? use(ca, source, file -> managers(trusted, null))
                : use(crl, source, file -> managers(trusted, revocations(file)));
    }

    private static KeyManager[] own(Given certificate, Given key, @Nullable Given passphrase, String source) {
        Collection<? extends Certificate> chain = use(certificate, source, TlsFiles::certificates);
        String secret = passphrase == null ? null : passphrase.value();
        return use(key, source, file -> keyManagers(chain, privateKey(file, secret)));
    }

    private interface Use<T> {
        T of(@Nullable String file) throws IOException, GeneralSecurityException;
    }

    /** Every failure is told with the key and the file that it is about. */
    private static <T> T use(@Nullable Given given, String source, Use<T> use) {
        String file = given == null ? null : given.value();
        try {
            return use.of(file);
        } catch (IOException e) {
            throw fault(source, given + ": '" + file + "'", SmallFile.reason(e));
        } catch (InvalidKeySpecException | InvalidKeyException e) {
            throw fault(source, given + ": '" + file + "'", String.valueOf(e.getMessage()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw fault(
                    source, given + ": '" + file + "'", "it is damaged or of another kind, or the passphrase is wrong");
        }
    }

    private static LaunchpadConfigException fault(String source, String place, String text) {
        return new LaunchpadConfigException(
                source,
                List.of(place + " cannot be used: " + text + ". Expected a PEM file; a private key as PKCS#8 or RSA"));
    }

    private static KeyStore authorities(@Nullable String file) throws IOException, GeneralSecurityException {
        KeyStore trusted = emptyStore();
        int count = 0;
        for (Certificate each : file == null ? List.of(systemAuthorities()) : certificates(file)) {
            trusted.setCertificateEntry("ca" + count++, each);
        }
        return trusted;
    }

    private static Certificate[] systemAuthorities() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init((KeyStore) null);
        return ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers();
    }

    /** As OpenSSL's VERIFY_CRL_CHECK_LEAF, which pymongo sets: the server's own certificate must not be revoked. */
    private static TrustManager[] managers(KeyStore trusted, @Nullable CertStore revocations)
            throws GeneralSecurityException {
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(trusted, new X509CertSelector());
        parameters.setRevocationEnabled(revocations != null);
        if (revocations != null) {
            PKIXRevocationChecker checker =
                    (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
            checker.setOptions(EnumSet.of(Option.ONLY_END_ENTITY, Option.PREFER_CRLS, Option.NO_FALLBACK));
            parameters.addCertPathChecker(checker);
            parameters.addCertStore(revocations);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        return factory.getTrustManagers();
    }

    private static CertStore revocations(@Nullable String file) throws IOException, GeneralSecurityException {
        Collection<? extends CRL> crls =
                CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(bytes(file)));
        if (crls.isEmpty()) {
            throw new InvalidKeySpecException("it holds no list of revoked certificates");
        }
        return CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls));
    }

    private static KeyManager[] keyManagers(Collection<? extends Certificate> chain, PrivateKey key)
            throws IOException, GeneralSecurityException {
        PublicKey owner = chain.iterator().next().getPublicKey();
        if (!owner.getAlgorithm().equals(key.getAlgorithm())) {
            throw new InvalidKeySpecException("it holds a key for another certificate");
        }
        KeyStore own = emptyStore();
        char[] none = new char[0];
        own.setKeyEntry("client", key, none, chain.toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, none);
        return factory.getKeyManagers();
    }

    private static byte[] bytes(@Nullable String file) throws IOException {
        return file == null ? new byte[0] : SmallFile.read(file);
    }

    private static String text(@Nullable String file) throws IOException {
        return new String(bytes(file), StandardCharsets.ISO_8859_1);
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(@Nullable String file)
            throws IOException, GeneralSecurityException {
        String pem = text(file);
        // A key in the same file would confuse the factory.
        String only = KEY.matcher(pem).replaceAll("").replaceAll("(?m)^ ?[A-Z ]*PRIVATE KEY-----$", "");
        if (!only.contains("-----BEGIN ")) {
            throw new InvalidKeySpecException("it holds no certificate");
        }
        Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(only.getBytes(StandardCharsets.US_ASCII)));
        if (certificates.isEmpty()) {
            throw new InvalidKeySpecException("it holds no certificate");
        }
        return certificates;
    }

    private static PrivateKey privateKey(@Nullable String file, @Nullable String passphrase)
            throws IOException, GeneralSecurityException {
        Matcher pem = KEY.matcher(text(file));
        if (!pem.find()) {
            throw new InvalidKeySpecException("it holds no private key, or one that is neither PKCS#8 nor unencrypted");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
        KeySpec spec = switch (pem.group(1).trim()) {
            case "" -> new PKCS8EncodedKeySpec(der);
            case "RSA" -> new PKCS8EncodedKeySpec(wrapRsa(der));
            case "ENCRYPTED" -> decrypt(der, passphrase);
            default ->
                throw new InvalidKeySpecException(
                        "it holds a private key of kind " + pem.group(1).trim());
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
        throw new InvalidKeySpecException("it holds a private key that is neither RSA, EC nor EdDSA", last);
    }

    private static KeySpec decrypt(byte[] der, @Nullable String passphrase)
            throws IOException, GeneralSecurityException {
        if (passphrase == null) {
            throw new InvalidKeyException(
                    "it holds a private key that needs a passphrase: tlsCertificateKeyFilePassword, or ssl_pem_passphrase");
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
