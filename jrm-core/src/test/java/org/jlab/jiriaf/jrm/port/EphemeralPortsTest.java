package org.jlab.jiriaf.jrm.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EphemeralPortsTest {

    @Test
    void readsLinuxOwnRange(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("ip_local_port_range"), "32768\t60999\n");

        assertThat(EphemeralPorts.read(file)).isEqualTo(new PortRange(32768, 60999));
    }

    @Test
    void takesTheDynamicRangeWhereTheHostTellsNone(@TempDir Path folder) throws IOException {
        Path odd = Files.writeString(folder.resolve("odd"), "none\n");

        assertThat(EphemeralPorts.read(odd)).isEqualTo(new PortRange(49152, 65535));
        assertThat(EphemeralPorts.read(folder.resolve("missing"))).isEqualTo(new PortRange(49152, 65535));
    }

    @Test
    void countsNodePortsAmongThem() {
        assertThat(EphemeralPorts.ofThisHost()).hasSize(2).contains(new PortRange(30000, 32767));
    }
}
