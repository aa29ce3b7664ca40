package org.jlab.jiriaf.jrm.store.mongo.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import com.mongodb.client.MongoClient;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.TestLaunchpad;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LaunchpadConfigTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    @Test
    void readsAPlainFile() {
        LaunchpadConfig config = parse("""
                host: cp01
                port: 27018
                name: jiriaf
                username: jrm
                password: 0123
                logdir: < path to the logs >
                strm_lvl: INFO
                user_indices: []
                wf_user_indices: []
                uri_mode: false
                mongoclient_kwargs: {}
                """);

        MongoClientSettings settings = config.clientSettings();
        assertThat(config.databaseName()).isEqualTo("jiriaf");
        assertThat(settings.getClusterSettings().getHosts()).hasToString("[cp01:27018]");
        MongoCredential credential = Objects.requireNonNull(settings.getCredential());
        assertThat(credential.getUserName()).isEqualTo("jrm");
        assertThat(credential.getSource()).isEqualTo("jiriaf");
        assertThat(credential.getPassword()).isEqualTo("0123".toCharArray());
        assertThat(settings.getClusterSettings().getServerSelectionTimeout(TimeUnit.SECONDS))
                .isEqualTo(10);
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void hasTheDefaultsOfFireWorks() {
        LaunchpadConfig config = parse("host: null\npassword: ~\nusername:\n");

        assertThat(config).hasToString("LaunchPad fireworks at localhost:27017");
        assertThat(config.clientSettings().getCredential()).isNull();
    }

    @Test
    void neverShowsThePassword() {
        LaunchpadConfig plain = parse("host: cp01\nusername: jrm\npassword: hunter2\n");
        LaunchpadConfig uri = parse("host: mongodb://jrm:hunter2@cp01:27018/jiriaf\nuri_mode: true\n");

        assertThat(plain.toString() + uri + uri.host())
                .doesNotContain("hunter2")
                .contains("mongodb://cp01:27018/jiriaf");
    }

    @Test
    void takesAWholeUri() {
        LaunchpadConfig config = parse("""
                host: mongodb://jrm:a%40b@cp01:27018,cp02/jiriaf?replicaSet=rs0
                uri_mode: true
                port: 1
                username: ignored
                mongoclient_kwargs: {serverSelectionTimeoutMS: 2000}
                """);

        MongoClientSettings settings = config.clientSettings();
        assertThat(config.databaseName()).isEqualTo("jiriaf");
        assertThat(settings.getClusterSettings().getHosts()).hasToString("[cp01:27018, cp02:27017]");
        assertThat(settings.getClusterSettings().getRequiredReplicaSetName()).isEqualTo("rs0");
        assertThat(settings.getClusterSettings().getServerSelectionTimeout(TimeUnit.SECONDS))
                .isEqualTo(2);
        assertThat(Objects.requireNonNull(settings.getCredential()).getPassword())
                .isEqualTo("a@b".toCharArray());
    }

    @Test
    void tellsWhenFireWorksVersionsWouldUseDifferentDatabases() {
        LaunchpadConfig config = parse("host: mongodb://cp01/old\nname: new\nuri_mode: true\n");

        assertThat(config.databaseName()).isEqualTo("new");
        assertThat(config.warnings()).singleElement().asString().contains("'new'", "'old'");
    }

    @Test
    void takesAUriWithoutUriMode() {
        LaunchpadConfig config = parse("host: mongodb://cp01:27018\nname: jiriaf\nusername: jrm\npassword: x\n");

        assertThat(config.clientSettings().getClusterSettings().getHosts()).hasToString("[cp01:27018]");
        assertThat(Objects.requireNonNull(config.clientSettings().getCredential())
                        .getSource())
                .isEqualTo("jiriaf");
    }

    @Test
    void passesOptionsOn() {
        MongoClientSettings settings = parse("""
                        host: cp01
                        username: jrm
                        password: x
                        authsource: users
                        mongoclient_kwargs:
                          tls: true
                          appname: other
                          connectTimeoutMS: 1234
                          authMechanism: SCRAM-SHA-256
                        """).clientSettings();

        assertThat(settings.getSslSettings().isEnabled()).isTrue();
        assertThat(settings.getApplicationName()).isEqualTo("other");
        assertThat(settings.getSocketSettings().getConnectTimeout(TimeUnit.MILLISECONDS))
                .isEqualTo(1234);
        MongoCredential credential = Objects.requireNonNull(settings.getCredential());
        assertThat(credential.getSource()).isEqualTo("users");
        assertThat(credential.getMechanism()).isEqualTo("SCRAM-SHA-256");
    }

    @Test
    void takesALoginFromElsewhereWithTheFilesSourceAndMechanism() {
        MongoCredential credential = Objects.requireNonNull(
                parse("host: cp01\nauthsource: users\nmongoclient_kwargs: {authMechanism: SCRAM-SHA-256}\n")
                        .withLogin("jrm", Secret.of("x"))
                        .clientSettings()
                        .getCredential());

        assertThat(credential.getSource()).isEqualTo("users");
        assertThat(credential.getMechanism()).isEqualTo("SCRAM-SHA-256");
        assertThat(parse("host: cp01\nauthsource: users\n")
                        .withLogin("jrm", Secret.of("x"))
                        .clientSettings()
                        .getCredential())
                .extracting(MongoCredential::getSource)
                .isEqualTo("users");
    }

    @Test
    void namesUnknownKeys() {
        assertThat(parse("host: cp01\npasword: x\n").warnings())
                .singleElement()
                .asString()
                .contains("pasword", "password")
                .doesNotContain("x,");
    }

    @Test
    void refusesPlaceholdersByNameAllAtOnce() {
        assertThatThrownBy(() -> parse("""
                        host: localhost
                        logdir: < path to the logs >
                        name: <fireworks database name >
                        password: <fireworks database password>
                        port: abc
                        username: <fireworks database username>
                        """))
                .isInstanceOfSatisfying(
                        LaunchpadConfigException.class,
                        e -> assertThat(e.faults())
                                .hasSize(3)
                                .anyMatch(fault -> fault.startsWith("name: "))
                                .anyMatch(fault -> fault.startsWith("password: "))
                                .anyMatch(fault -> fault.startsWith("username: ")));
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> parse("port: 70000\nuri_mode: maybe\nusername: jrm\n"))
                .isInstanceOfSatisfying(
                        LaunchpadConfigException.class,
                        e -> assertThat(e.faults())
                                .hasSize(3)
                                .anyMatch(fault -> fault.contains("70000"))
                                .anyMatch(fault -> fault.contains("maybe"))
                                .anyMatch(fault -> fault.contains("without password")));
        assertThatThrownBy(() -> parse("host: cp01\nuri_mode: true\n")).hasMessageContaining("no mongodb:// URI");
        assertThatThrownBy(() -> parse("")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> parse("- a")).hasMessageContaining("is no mapping");
        assertThatThrownBy(() -> parse("a: [")).hasMessageContaining("is no YAML");
        assertThatThrownBy(() -> LaunchpadConfig.read(Path.of("does-not-exist.yaml")))
                .hasMessageContaining("does-not-exist.yaml");
    }

    @Test
    void namesATlsFileThatCannotBeRead() {
        LaunchpadConfig config = parse("host: cp01\nssl: true\nssl_ca_certs: /does/not/exist.pem\n");

        assertThatThrownBy(config::clientSettings)
                .isInstanceOf(LaunchpadConfigException.class)
                .hasMessageContaining("/does/not/exist.pem");
    }

    @Test
    void opensAClientThatWorks() {
        int port = LAUNCHPAD.address().getPort();
        try (MongoClient client =
                LaunchpadConfig.of("127.0.0.1", port, "configured").open()) {
            MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase("configured"));
            assertThat(store.add(WorkflowDrafts.oneNode("test", "a"))).isEqualTo(1);
        }
    }

    private static LaunchpadConfig parse(String yaml) {
        return LaunchpadConfig.parse(yaml, "my_launchpad.yaml");
    }
}
