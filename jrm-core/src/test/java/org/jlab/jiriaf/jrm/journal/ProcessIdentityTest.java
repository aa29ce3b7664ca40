package org.jlab.jiriaf.jrm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {

    @Test
    void knowsThatThisProcessLives() {
        assertThat(ProcessIdentity.current("cp01").isKnownDead("cp01")).isFalse();
    }

    @Test
    void knowsThatAProcessEnded() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("true").start();
        long pid = process.pid();
        process.waitFor();

        assertThat(new ProcessIdentity("cp01", pid, Instant.now()).isKnownDead("cp01"))
                .isTrue();
    }

    @Test
    void tellsAProcessFromALaterOneOfTheSameNumber() {
        ProcessIdentity now = ProcessIdentity.current("cp01");
        ProcessIdentity earlier =
                new ProcessIdentity("cp01", now.pid(), now.startedAt().minusSeconds(3600));

        assertThat(earlier.isKnownDead("cp01")).isTrue();
    }

    @Test
    void knowsNothingOfOtherHosts() {
        assertThat(new ProcessIdentity("cp02", 1, Instant.EPOCH).isKnownDead("cp01"))
                .isFalse();
    }
}
