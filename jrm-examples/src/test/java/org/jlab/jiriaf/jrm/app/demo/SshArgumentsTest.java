package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.junit.jupiter.api.Test;

class SshArgumentsTest {

    @Test
    void readsForwardsDestinationAndTheOptionsThatMatter() {
        SshArguments arguments = SshArguments.parse(List.of(
                "-N",
                "-o",
                "ExitOnForwardFailure=yes",
                "-o",
                "BatchMode=yes",
                "-L",
                "35679:localhost:35679",
                "-R10001:localhost:10001",
                "-R",
                "*:20000:localhost:2221",
                "-p",
                "2222",
                "jrm@login33"));

        assertThat(arguments.destination()).hasToString("jrm@login33");
        assertThat(arguments.exitOnForwardFailure()).isTrue();
        assertThat(arguments.forwards())
                .extracting(Forward::toString)
                .containsExactly(
                        "-L localhost:35679:localhost:35679",
                        "-R localhost:10001:localhost:10001",
                        "-R *:20000:localhost:2221");
    }

    @Test
    void readsFlagsThatAreWrittenTogether() {
        SshArguments arguments = SshArguments.parse(List.of("-NTL", "1:a:2", "login33"));

        assertThat(arguments.exitOnForwardFailure()).isFalse();
        assertThat(arguments.forwards()).hasSize(1);
    }

    @Test
    void refusesWhatSshWouldNotTakeOrTheStandInCannotDo() {
        assertThatThrownBy(() -> SshArguments.parse(List.of("-L", "1:2", "login33")))
                .hasMessageContaining("1:2");
        assertThatThrownBy(() -> SshArguments.parse(List.of("login33", "rm"))).hasMessageContaining("rm");
        assertThatThrownBy(() -> SshArguments.parse(List.of("-L"))).hasMessageContaining("-L");
        assertThatThrownBy(() -> SshArguments.parse(List.of("-N"))).hasMessageContaining("destination");
        assertThatThrownBy(() -> SshArguments.parse(List.of("-Z", "login33"))).hasMessageContaining("-Z");
    }
}
