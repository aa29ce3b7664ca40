package org.jlab.jiriaf.jrm.store.mongo.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
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
}
