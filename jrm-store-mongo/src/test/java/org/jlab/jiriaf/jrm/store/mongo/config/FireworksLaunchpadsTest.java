package org.jlab.jiriaf.jrm.store.mongo.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.store.mongo.FireworksCommands;
import org.jlab.jiriaf.jrm.store.mongo.TestCertificates;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadSamples.Sample;
import org.jlab.jiriaf.jrm.store.mongo.config.OptionLayer.Given;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * jrm reads every launchpad file as FireWorks does: 1.9.7 with pymongo 3.12, and the newest.
 *
 * <p>jrm refuses what both refuse. Of what both take, jrm takes the same; where they differ, as the newer one, but with TLS if
 * either has it, and there is a warning. {@link LaunchpadSamples} has the samples and the exceptions.
 */
@Tag("fireworks")
class FireworksLaunchpadsTest {

    private static final List<String> OF_TLS =
            List.of("tls", "ca", "certificate", "key", "crl", "certificateRequired", "hostNameChecked");

    private static List<Path> files;
    private static List<Document> old;
    private static List<Document> newest;

    @BeforeAll
    static void letFireWorksRead(@TempDir Path folder) throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        certificates.keytool("ca", "-ext", "bc:c");
        certificates.writePem("ca.pem", "ca", null);
        certificates.writePem("c.pem", "ca", null);
        certificates.writePem("ck.pem", "ca", certificates.key("ca"));
        certificates.writeRevocations("ca.crl", "4711");
        Files.writeString(folder.resolve("k.pem"), certificates.key("ca"));
        files = new ArrayList<>();
        for (Sample sample : LaunchpadSamples.ALL) {
            files.add(Files.writeString(
                    folder.resolve(files.size() + ".yaml"), sample.yaml().replace("%s", folder.toString())));
        }
        old = read("JRM_FIREWORKS_197", folder);
        newest = read("JRM_FIREWORKS_NEW", folder);
    }

    private static List<Document> read(String variable, Path folder) {
        return new FireworksCommands(variable, folder, 27017, "unused")
                .readLaunchpads(files)
                .lines()
                .map(Document::parse)
                .toList();
    }

    static Stream<Arguments> samples() {
        return IntStream.range(0, LaunchpadSamples.ALL.size())
                .mapToObj(i -> Arguments.of(
                        i, LaunchpadSamples.ALL.get(i).yaml().replace("\n", " | "), LaunchpadSamples.ALL.get(i)));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("samples")
    void readsAsFireWorks(int number, String name, Sample sample) throws IOException {
        List<Document> accepted = Stream.of(newest.get(number), old.get(number))
                .filter(settings -> !settings.containsKey("refused"))
                .toList();
        LaunchpadConfig config;
        Document settings;
        try {
            config = LaunchpadConfig.read(files.get(number));
            settings = settings(config);
        } catch (LaunchpadConfigException e) {
            assertThat(e.faults()).allSatisfy(LaunchpadSamples::assertThatItIsPlain);
            assertThat(accepted.isEmpty() ? "" : "refused").as(e.getMessage()).isEqualTo(sample.difference());
            return;
        }
        assertThat(config.warnings()).allSatisfy(LaunchpadSamples::assertThatItIsPlain);
        String difference = accepted.isEmpty()
                ? "accepted"
                : String.join(
                        " ", differences(accepted, settings, config.warnings().isEmpty()));
        assertThat(difference).as("%s instead of %s", settings, accepted).isEqualTo(sample.difference());
        assertThat(accepted)
                .allSatisfy(one -> assertThat(settings.getBoolean("tls") || !one.getBoolean("tls"))
                        .isTrue());
    }

    private static List<String> differences(List<Document> accepted, Document settings, boolean silent) {
        Document expected = new Document(accepted.get(0));
        Document last = accepted.get(accepted.size() - 1);
        if (!expected.getBoolean("tls") && last.getBoolean("tls")) {
            OF_TLS.forEach(field -> expected.put(field, last.get(field)));
        }
        List<String> differences = new ArrayList<>();
        for (String field : new TreeSet<>(expected.keySet())) {
            if (!Objects.equals(expected.get(field), settings.get(field))) {
                differences.add(field);
            }
        }
        boolean versionsAgree = accepted.size() == 2 && accepted.get(0).equals(last);
        if (!versionsAgree && silent) {
            differences.add("no-warning");
        }
        return differences;
    }

    private static Document settings(LaunchpadConfig config) {
        MongoClientSettings settings = config.clientSettings();
        MongoCredential credential = settings.getCredential();
        TlsSettings tls = config.tls();
        boolean encrypted = settings.getSslSettings().isEnabled();
        List<String> hosts = config.isSrv()
                ? List.of(Objects.requireNonNull(settings.getClusterSettings().getSrvHost()) + ":27017")
                : settings.getClusterSettings().getHosts().stream()
                        .map(host -> host.getHost() + ":" + host.getPort())
                        .sorted()
                        .toList();
        char[] password = credential == null ? null : credential.getPassword();
        return new Document("hosts", hosts)
                .append("database", config.databaseName())
                .append("user", credential == null ? null : credential.getUserName())
                .append("password", password == null || password.length == 0 ? null : new String(password))
                .append("source", credential == null ? null : credential.getSource())
                .append(
                        "mechanism",
                        credential == null ? null : Objects.requireNonNullElse(credential.getMechanism(), ""))
                .append("tls", encrypted)
                .append("ca", path(tls.ca()))
                .append("certificate", path(tls.certificate()))
                .append("key", path(tls.key()))
                .append("crl", path(tls.crl()))
                .append("certificateRequired", encrypted)
                .append(
                        "hostNameChecked",
                        encrypted && !settings.getSslSettings().isInvalidHostNameAllowed())
                .append("replicaSet", settings.getClusterSettings().getRequiredReplicaSetName())
                .append(
                        "direct",
                        config.clientOptions()
                                .getOrDefault("directConnection", List.of())
                                .contains("true"))
                .append("readPreference", settings.getReadPreference().getName());
    }

    private static @Nullable String path(@Nullable Given file) {
        return file == null ? null : file.value();
    }
}
