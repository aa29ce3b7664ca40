package org.jlab.jiriaf.jrm.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaunchpadChecksTest {

    /** Adds fields to what the server says of itself. */
    private static final class NamedBackend extends MemoryBackend {

        private final Map<String, Object> build;

        NamedBackend(Map<String, Object> build) {
            this.build = build;
        }

        @Override
        public Document handleCommand(Channel channel, String database, String command, Document query) {
            Document answer = super.handleCommand(channel, database, command, query);
            if (command.equalsIgnoreCase("buildInfo")) {
                answer.putAll(build);
            }
            return answer;
        }
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"v1.24.0", "v1.3.0-rc.1"})
    void warnsByNameOfAServerThatChangesADocumentInTwoSteps(String version) throws Exception {
        Finding finding = examine(Map.of("ferretdbVersion", version));

        assertThat(finding.status()).isEqualTo(Status.WARNING);
        assertThat(finding.message()).contains("FerretDB " + version);
    }

    @Test
    void acceptsOtherServers() throws Exception {
        assertThat(examine(Map.of()).status()).isEqualTo(Status.OK);
        assertThat(examine(Map.of("ferretdbVersion", "v2.1.0")).status()).isEqualTo(Status.OK);
    }

    /** What the first check says of the server. */
    private Finding examine(Map<String, Object> build) throws IOException, InterruptedException {
        MongoServer server = new MongoServer(new NamedBackend(build));
        try (Examination examination = new Examination(finding -> {})) {
            int port = server.bind().getPort();
            Path file = Files.writeString(
                    folder.resolve("my_launchpad.yaml"), "host: localhost\nport: " + port + "\nname: jiriaf\n");
            new LaunchpadChecks(LaunchpadConfig.read(file)).run(examination);
            Finding first = examination.findings().get(0);
            assertThat(first.check()).isEqualTo("launchpad");
            return first;
        } finally {
            server.shutdownNow();
        }
    }
}
