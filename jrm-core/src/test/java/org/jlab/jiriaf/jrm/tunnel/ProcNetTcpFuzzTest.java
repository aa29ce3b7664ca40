package org.jlab.jiriaf.jrm.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.junit.jupiter.api.Test;

class ProcNetTcpFuzzTest {

    @Test
    void tables() {
        ParserFuzz.feed(
                List.of(
                        ProcNetTcpTest.HEADING + ProcNetTcpTest.LISTENER + ProcNetTcpTest.CONNECTION,
                        ProcNetTcpTest.HEADING
                                + ProcNetTcpTest.REMEMBERED
                                + ProcNetTcpTest.HEADING6
                                + ProcNetTcpTest.LISTENER6),
                input -> ProcNetTcp.read(new String(input, StandardCharsets.UTF_8), "login04")
                        .listeningPorts(),
                TunnelException.class);
    }
}
