package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.site.KubeconfigUser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {

    private static final FileTime T0 = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

    private final MutableClock clock = new MutableClock();
    private final Path file;
    private final TokenFile tokenFile;

    TokenFileTest(@TempDir Path folder) {
        file = folder.resolve("token");
        tokenFile = new TokenFile(new KubeconfigUser("user 'us'", null, file, null, null, null, null), file, clock);
    }

    @BeforeEach
    void writeFirst() throws IOException {
        write("one\n", T0);
        assertThat(tokenFile.token()).isEqualTo("one");
    }

    private void write(String token, FileTime modified) throws IOException {
        Files.writeString(file, token);
        Files.setLastModifiedTime(file, modified);
    }

    @Test
    void aChangedModificationTimeBringsTheNewToken() throws IOException {
        write("two", FileTime.from(T0.toInstant().plusSeconds(1)));

        assertThat(tokenFile.token()).isEqualTo("two");
    }

    @Test
    void theFileIsNotReadForEachRequestButAfterAMinute() throws IOException {
        write("two", T0);

        assertThat(tokenFile.token()).isEqualTo("one");
        clock.advance(Duration.ofSeconds(61));
        assertThat(tokenFile.token()).isEqualTo("two");
    }

    @Test
    void aRefusedTokenIsReadAgain() throws IOException {
        write("two", T0);
        tokenFile.refused();

        assertThat(tokenFile.token()).isEqualTo("two");
    }

    @Test
    void aFileThatIsBeingReplacedDoesNotEndWhatWorked() throws IOException {
        Files.delete(file);
        assertThat(tokenFile.token()).isEqualTo("one");
        Files.createFile(file);
        assertThat(tokenFile.token()).isEqualTo("one");
        Files.writeString(file, "a\nb");
        assertThat(tokenFile.token()).isEqualTo("one");
        Files.write(file, new byte[2_000_000]);
        assertThat(tokenFile.token()).isEqualTo("one");
        Files.writeString(file, "two");
        assertThat(tokenFile.token()).isEqualTo("two");
    }

    @Test
    void aFileThatNeverHeldATokenFailsTheRequest() throws IOException {
        TokenFile fresh =
                new TokenFile(new KubeconfigUser("user 'us'", null, file, null, null, null, null), file, clock);
        write("", T0);

        assertThatThrownBy(fresh::token).isInstanceOf(NodeException.class).hasMessageContaining("user 'us': tokenFile");
    }
}
