package org.jlab.jiriaf.jrm.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.jlab.jiriaf.jrm.tunnel.ProcNetTcp.Listener;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcNetTcpTest {

    static final String HEADING =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    static final String HEADING6 =
            "  sl  local_address                         remote_address                        st"
                    + " tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    static final String LISTENER =
            "   0: 0100007F:6989 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 25341 1"
                    + " 0000000000000000 100 0 0 10 0\n";
    static final String CONNECTION =
            "  13: 0100007F:B3C4 0100007F:6989 01 00000000:00000000 02:000A7214 00000000     0        0 25999 2"
                    + " 0000000000000000 20 4 30 10 -1\n";
    static final String REMEMBERED =
            "  14: 0100007F:B3C6 0100007F:6989 06 00000000:00000000 03:00001555 00000000     0        0 0 3"
                    + " 0000000000000000\n";
    static final String LISTENER6 =
            "   0: 00000000000000000000000001000000:FFFF 00000000000000000000000000000000:0000 0A 00000000:00000000"
                    + " 00:00000000 00000000 4294967295        0 25342 1 0000000000000000 100 0 0 10 0\n";

    private static ProcNetTcp read(String tables) {
        return ProcNetTcp.read(tables, "login04");
    }

    @Test
    void readsBothTables() {
        ProcNetTcp tables = read(HEADING + LISTENER + CONNECTION + REMEMBERED + HEADING6 + LISTENER6);

        assertThat(tables.listeners())
                .containsExactly(new Listener(27017, 1000, 25341), new Listener(65535, 4294967295L, 25342));
        assertThat(tables.listeningPorts()).containsExactlyInAnyOrder(27017, 65535);
        assertThat(tables.connectedPorts()).containsExactlyInAnyOrder(0xB3C4, 0xB3C6);
    }

    @Test
    void aTableCanBeEmpty() {
        assertThat(read(HEADING).listeningPorts()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "   0: 0100007F:FFFFF 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 25341 1 0\n",
                "   0: 0100007F:69G9 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 25341 1 0\n",
                "   0: 0100007F:-989 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 25341 1 0\n",
                "   0: 0100007F: 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 25341 1 0\n",
                "   0: 0100007F:6989 00000000:0000 0A 00000000:00000000 00:00000000 00000000  root        0 25341 1 0\n",
                "   0: 0100007F:6989 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 x 1 0\n",
                "   0: 0100007F:6989 00000000:0000 A 00000000:00000000 00:00000000 00000000  1000        0 25341 1 0\n",
                "   0: 0100007F:6989 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 25341\n",
                "   0: 0100007F:6989 00000000:0000 0A 00000000:000\n",
                "   0: 0100007F:6989 00000000:0000\n",
                "   0: 0100007F\n",
                "   0:\n",
                "\n",
                "cat: read error: Input/output error\n"
            })
    void aRowThatCannotBeReadLeavesEveryPortUnknown(String row) {
        assertUnreadable(HEADING + CONNECTION + row + LISTENER);
    }

    @Test
    void aTableThatIsCutOffLeavesEveryPortUnknown() {
        String table = HEADING + CONNECTION + LISTENER;
        for (int length = 0; length < table.length(); length++) {
            String cut = table.substring(0, length);
            if (!cut.equals(HEADING) && !cut.equals(HEADING + CONNECTION)) {
                assertUnreadable(cut);
            }
        }
    }

    @Test
    void aTableWithoutItsHeadingIsNone() {
        assertUnreadable(LISTENER);
    }

    @Test
    void theMessageNamesHostAndRow() {
        assertThatExceptionOfType(TunnelException.class)
                .isThrownBy(() -> read(HEADING + LISTENER.replace("6989", "FFFFF")))
                .withMessageContaining("login04")
                .withMessageContaining("0: 0100007F:FFFFF");
    }

    private static void assertUnreadable(String tables) {
        assertThatExceptionOfType(TunnelException.class)
                .as("'%s'", tables)
                .isThrownBy(() -> read(tables))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL));
    }
}
