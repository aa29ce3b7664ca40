package org.jlab.jiriaf.jrm.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Ranges from which others take ports at any moment, so that a port that is free now is at risk. */
final class EphemeralPorts {

    /** Kubernetes' default {@code --service-node-port-range}. */
    static final PortRange NODE_PORTS = new PortRange(30000, 32767);

    /** Dynamic ports by RFC 6335, section 6; for hosts that do not tell theirs. */
    private static final PortRange DYNAMIC = new PortRange(49152, 65535);

    private static final Path LINUX = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private EphemeralPorts() {}

    static List<PortRange> ofThisHost() {
        return List.of(NODE_PORTS, read(LINUX));
    }

    /** Reads Linux' own file, for example {@code 32768 60999}; see the kernel's ip-sysctl. */
    static PortRange read(Path file) {
        try {
            String[] ends = Files.readString(file).strip().split("\\s+", -1);
            return new PortRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException notLinux) {
            return DYNAMIC;
        }
    }
}
