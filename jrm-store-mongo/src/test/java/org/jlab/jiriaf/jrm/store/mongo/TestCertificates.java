package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Certificates and keys of a test, in a folder of its own. */
public final class TestCertificates {

    private static final String PASSWORD = "changeit";
    static final String PASSPHRASE = "of the key";

    private final Path folder;

    public TestCertificates(Path folder) {
        this.folder = folder;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    public void keytool(String name, String... extra) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("-genkeypair", "-alias", name, "-dname", "CN=" + name, "-keyalg", "RSA", "-keysize", "2048"));
        arguments.addAll(List.of("-validity", "2"));
        arguments.addAll(List.of(extra));
        keytool(arguments);
    }

    /** Writes a list of what the ca has revoked. */
    public void writeRevocations(String name, String serial) throws Exception {
        keytool(List.of(
                "-gencrl",
                "-alias",
                "ca",
                "-id",
                serial,
                "-rfc",
                "-file",
                file(name).toString()));
    }

    String serial(String alias) throws IOException, GeneralSecurityException {
        return ((X509Certificate) keys().getCertificate(alias))
                .getSerialNumber()
                .toString();
    }

    private void keytool(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(arguments);
        command.addAll(List.of("-keystore", file("keys.p12").toString(), "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    KeyStore keys() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(file("keys.p12").toFile(), PASSWORD.toCharArray());
    }

    public void writePem(String name, String alias, @Nullable String key) throws IOException, GeneralSecurityException {
        String certificate = pem("CERTIFICATE", keys().getCertificate(alias).getEncoded());
        Files.writeString(file(name), key == null ? certificate : certificate + key);
    }

    public String key(String alias) throws IOException, GeneralSecurityException {
        return pem("PRIVATE KEY", keys().getKey(alias, PASSWORD.toCharArray()).getEncoded());
    }

    String encryptedKey(String alias) throws IOException, GeneralSecurityException {
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        Key passphrase =
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSPHRASE.toCharArray()));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.ENCRYPT_MODE, passphrase);
        byte[] encrypted =
                cipher.doFinal(keys().getKey(alias, PASSWORD.toCharArray()).getEncoded());
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
        parameters.init(cipher.getParameters().getEncoded());
        return pem("ENCRYPTED PRIVATE KEY", new EncryptedPrivateKeyInfo(parameters, encrypted).getEncoded());
    }

    String pem(String label, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }
}
