package org.jlab.jiriaf.jrm.store.mongo.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.jlab.jiriaf.jrm.store.mongo.TestCertificates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchpadConfigFuzzTest {

    @TempDir
    private Path folder = Path.of("unset");

    @Test
    void launchpadFiles() {
        ParserFuzz.feed(
                List.of("""
                        host: h1.example:27017,[::1]:27018
                        port: 27017
                        name: fws
                        username: u
                        password: p
                        authsource: admin
                        ssl: true
                        ssl_ca_certs: /no/ca.pem
                        mongoclient_kwargs: {replicaSet: rs, tls: true, serverSelectionTimeoutMS: 1000}
                        """, """
                        host: mongodb://u1:p%401@h1.example:27017/fws?tls=true&authSource=admin&authMechanism=MONGODB-X509
                        uri_mode: true
                        name: fws
                        ssl: false
                        port: null
                        """),
                input -> LaunchpadConfig.read(Files.write(folder.resolve("my_launchpad.yaml"), input))
                        .clientSettings(),
                LaunchpadConfigException.class);
    }

    @Test
    void tlsFiles() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        certificates.keytool("client");
        certificates.writePem("both.pem", "client", certificates.key("client"));
        Path file = folder.resolve("tls.pem");
        Path config = Files.writeString(folder.resolve("my_launchpad.yaml"), """
                host: h1.example
                name: fws
                ssl: true
                ssl_ca_certs: %1$s
                ssl_certfile: %1$s
                """.formatted(file));
        ParserFuzz.feed(
                List.of(Files.readString(folder.resolve("both.pem"))),
                input -> {
                    Files.write(file, input);
                    LaunchpadConfig.read(config).clientSettings();
                },
                LaunchpadConfigException.class);
    }
}
