package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfigException;
import org.jlab.jiriaf.jrm.store.mongo.config.TlsFiles;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The TLS keys of {@code my_launchpad.yaml} against a server that speaks TLS and asks for the client's certificate. */
class LaunchpadTlsTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private static Path folder;
    private static TlsProxy server;

    private final String database = LAUNCHPAD.emptyDatabase().getName();

    @BeforeAll
    static void startServer(@TempDir Path directory) throws Exception {
        folder = directory;
        TestCertificates files = new TestCertificates(directory);
        files.keytool("ca", "-ext", "bc:c");
        files.keytool("server", "-signer", "ca", "-ext", "san=ip:127.0.0.1");
        files.keytool("client", "-signer", "ca");
        files.keytool("stranger", "-ext", "bc:c");
        files.writePem("ca.pem", "ca", null);
        files.writePem("stranger.pem", "stranger", null);
        files.writePem("server.pem", "server", files.key("server"));
        files.writePem("client.pem", "client", null);
        files.writePem("client-and-key.pem", "client", files.key("client"));
        files.writeRevocations("others.crl", "4711");
        files.writeRevocations("server.crl", files.serial("server"));
        Files.writeString(files.file("client.key"), files.key("client"));
        Files.writeString(files.file("client-encrypted.key"), files.encryptedKey("client"));
        SSLServerSocket listener = (SSLServerSocket)
                serverContext().getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setNeedClientAuth(true);
        server = new TlsProxy(LAUNCHPAD.address(), listener);
    }

    private static SSLContext serverContext() {
        return TlsFiles.of(
                LaunchpadConfig.parse(
                                "host: 127.0.0.1\nmongoclient_kwargs: {tlsCAFile: %1$s/ca.pem, tlsCertificateKeyFile: %1$s/server.pem}"
                                        .formatted(folder),
                                "server")
                        .tls(),
                "server");
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
    void takesTheFilesOfAUri() {
        try (MongoClient client = LaunchpadConfig.parse(
                        "uri_mode: true\nname: %s\nssl: false\nhost: mongodb://127.0.0.1:%d/?tlsCAFile=%s/ca.pem&tlsCertificateKeyFile=%s/client-and-key.pem"
                                .formatted(database, server.port(), folder, folder),
                        "my_launchpad.yaml")
                .open()) {
            assertThat(new MongoWorkflowStore(client.getDatabase(database)).find(1))
                    .isEmpty();
        }
    }

    @Test
    void takesAListOfRevokedCertificates() {
        assertThatItConnects("""
                mongoclient_kwargs:
                  tlsCAFile: %1$s/ca.pem
                  tlsCertificateKeyFile: %1$s/client-and-key.pem
                  tlsCRLFile: %1$s/others.crl
                """);
    }

    @Test
    void doesNotTalkToAServerWhoseCertificateIsRevoked() {
        assertThatItIsRefused("""
                mongoclient_kwargs:
                  tlsCAFile: %1$s/ca.pem
                  tlsCertificateKeyFile: %1$s/client-and-key.pem
                  tlsCRLFile: %1$s/server.crl
                  serverSelectionTimeoutMS: 1000
                """, "127.0.0.1:" + server.port());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tlsCAFile: %s/missing.pem",
                "tlsCAFile: %s",
                "tlsCAFile: %s/client.key",
                "tlsCAFile: %s/keys.p12",
                "tlsCAFile: /dev/zero",
                "tlsCRLFile: %s/ca.pem",
                "tlsCertificateKeyFile: %s/client.pem",
                "tlsCertificateKeyFile: %s/client.key",
                "tlsCertificateKeyFile: %s/missing.pem"
            })
    void namesTheKeyAndTheFileThatCannotBeUsed(String option) {
        LaunchpadConfig config = config("mongoclient_kwargs:\n  " + option.replace("%s", "%1$s") + "\n");

        assertThatThrownBy(config::clientSettings)
                .isInstanceOfSatisfying(
                        LaunchpadConfigException.class,
                        e -> assertThat(e.faults())
                                .singleElement()
                                .asString()
                                .contains("mongoclient_kwargs." + option.split(":", 2)[0] + " (line 5): '"
                                        + option.split(": ", 2)[1].formatted(folder) + "'")
                                .doesNotContain("Exception", "null"));
    }

    @Test
    void saysThatAPassphraseIsWrongAndNotWhichItIs() {
        LaunchpadConfig config = config("""
                ssl: true
                ssl_certfile: %1$s/client.pem
                ssl_keyfile: %1$s/client-encrypted.key
                ssl_pem_passphrase: wrong one
                """);

        assertThatThrownBy(config::clientSettings)
                .hasMessageContaining("ssl_keyfile (line 6): '" + folder + "/client-encrypted.key'")
                .hasMessageNotContaining("wrong one");
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
