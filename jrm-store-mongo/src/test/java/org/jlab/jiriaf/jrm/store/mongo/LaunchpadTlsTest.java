package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.SSLServerSocket;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The TLS keys of {@code my_launchpad.yaml} against a server that speaks TLS and asks for the client's certificate. */
class LaunchpadTlsTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static final String PASSWORD = "changeit";
    private static final String PASSPHRASE = "of the key";

    private static Path folder;
    private static TlsProxy server;

    private final String database = LAUNCHPAD.emptyDatabase().getName();

    @BeforeAll
    static void startServer(@TempDir Path directory) throws Exception {
        folder = directory;
        keytool("ca", "-ext", "bc:c");
        keytool("server", "-signer", "ca", "-ext", "san=ip:127.0.0.1");
        keytool("client", "-signer", "ca");
        keytool("stranger", "-ext", "bc:c");
        writePem("ca.pem", "ca", null);
        writePem("stranger.pem", "stranger", null);
        writePem("server.pem", "server", key("server"));
        writePem("client.pem", "client", null);
        writePem("client-and-key.pem", "client", key("client"));
        Files.writeString(file("client.key"), key("client"));
        Files.writeString(file("client-encrypted.key"), encryptedKey("client"));
        SSLServerSocket listener = (SSLServerSocket) TlsFiles.context(file("ca.pem"), file("server.pem"), null, null)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setNeedClientAuth(true);
        server = new TlsProxy(LAUNCHPAD.address(), listener);
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @Test
    void takesTheKeysOfFireWorks19() {
        assertThatItConnects("""
                ssl: true
                ssl_ca_certs: %1$s/ca.pem
                ssl_certfile: %1$s/client.pem
                ssl_keyfile: %1$s/client.key
                """);
    }

    @Test
    void takesAKeyWithAPassphrase() {
        assertThatItConnects("""
                ssl: true
                ssl_ca_certs: %1$s/ca.pem
                ssl_certfile: %1$s/client.pem
                ssl_keyfile: %1$s/client-encrypted.key
                ssl_pem_passphrase: of the key
                """);
    }

    @Test
    void takesTheOptionsOfPymongo() {
        assertThatItConnects("""
                mongoclient_kwargs:
                  tls: true
                  tlsCAFile: %1$s/ca.pem
                  tlsCertificateKeyFile: %1$s/client-and-key.pem
                """);
    }

    @Test
    void doesNotTalkToAServerThatNobodyVouchesFor() {
        assertThatItIsRefused("""
                mongoclient_kwargs:
                  tls: true
                  tlsCAFile: %1$s/stranger.pem
                  tlsCertificateKeyFile: %1$s/client-and-key.pem
                  serverSelectionTimeoutMS: 1000
                """, "certification path");
    }

    @Test
    void isRefusedWithoutACertificateOfItsOwn() {
        assertThatItIsRefused("""
                mongoclient_kwargs:
                  tls: true
                  tlsCAFile: %1$s/ca.pem
                  serverSelectionTimeoutMS: 1000
                """, "127.0.0.1:" + server.port());
    }

    @Test
    void isRefusedWithoutTls() {
        assertThatItIsRefused("mongoclient_kwargs: {serverSelectionTimeoutMS: 1000}", "127.0.0.1:" + server.port());
    }

    private void assertThatItConnects(String yaml) {
        try (MongoClient client = config(yaml).open()) {
            MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(database));
            int id = store.add(WorkflowDrafts.oneNode("test", "a"));
            assertThat(store.find(id)).isPresent();
        }
    }

    private void assertThatItIsRefused(String yaml, String why) {
        try (MongoClient client = config(yaml).open()) {
            MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(database));
            assertThatThrownBy(() -> store.find(1))
                    .isInstanceOf(WorkflowStoreException.class)
                    .hasMessageContaining(why);
        }
    }

    private LaunchpadConfig config(String yaml) {
        return LaunchpadConfig.parse(
                "host: 127.0.0.1\nport: " + server.port() + "\nname: " + database + "\n" + yaml.formatted(folder),
                "my_launchpad.yaml");
    }

    private static Path file(String name) {
        return folder.resolve(name);
    }

    private static void keytool(String name, String... extra) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-validity",
                "2",
                "-keystore",
                file("keys.p12").toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(extra));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    private static KeyStore keys() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(file("keys.p12").toFile(), PASSWORD.toCharArray());
    }

    private static void writePem(String name, String alias, @Nullable String key)
            throws IOException, GeneralSecurityException {
        String certificate = pem("CERTIFICATE", keys().getCertificate(alias).getEncoded());
        Files.writeString(file(name), key == null ? certificate : certificate + key);
    }

    private static String key(String alias) throws IOException, GeneralSecurityException {
        return pem("PRIVATE KEY", keys().getKey(alias, PASSWORD.toCharArray()).getEncoded());
    }

    private static String encryptedKey(String alias) throws IOException, GeneralSecurityException {
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

    private static String pem(String label, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    /** Ends TLS in front of the server. */
    private static final class TlsProxy extends WireProxy {

        TlsProxy(InetSocketAddress server, ServerSocket listener) {
            super(server, listener);
            start();
        }

        @Override
        byte[] answer(byte[] request, Server server) throws IOException {
            return server.answer(request);
        }
    }
}
