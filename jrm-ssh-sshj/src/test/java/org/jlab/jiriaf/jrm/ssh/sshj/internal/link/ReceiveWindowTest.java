package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.connection.ConnectionException;
import org.junit.jupiter.api.Test;

class ReceiveWindowTest {

    private static final long MEBIBYTE = 1 << 20;
    private static final int PACKET = 32 * 1024;

    private final ReceiveWindow.Budget budget = new ReceiveWindow.Budget(100 * MEBIBYTE);
    private final ReceiveWindow.RoundTrip roundTrip = new ReceiveWindow.RoundTrip();
    private final ReceiveWindow window = new ReceiveWindow(budget, roundTrip);

    @Test
    void staysSmallWhereTheRoundTripIsShort() throws ConnectionException {
        roundTrip.sample(TimeUnit.MILLISECONDS.toNanos(1));

        transfer(200 * MEBIBYTE, 0);

        assertThat(claimed()).isBetween(MEBIBYTE, 2 * MEBIBYTE);
    }

    @Test
    void growsWhereTheRoundTripIsLongAndGivesBackAtTheEnd() throws ConnectionException {
        roundTrip.sample(TimeUnit.SECONDS.toNanos(1));

        transfer(200 * MEBIBYTE, 0);

        assertThat(claimed()).isBetween(15 * MEBIBYTE, 16 * MEBIBYTE);
        window.close();
        window.close();
        assertThat(claimed()).isZero();
    }

    @Test
    void growsNoFurtherThanTheMemoryOfAll() throws ConnectionException {
        ReceiveWindow.Budget small = new ReceiveWindow.Budget(MEBIBYTE);
        ReceiveWindow limited = new ReceiveWindow(small, roundTrip);

        transfer(limited, 200 * MEBIBYTE, 0);

        assertThat(small.free()).isBetween(0L, MEBIBYTE / 2);
    }

    @Test
    void shrinksWhenTheReaderFallsBehind() throws ConnectionException {
        roundTrip.sample(TimeUnit.SECONDS.toNanos(1));
        transfer(200 * MEBIBYTE, 0);

        transfer(200 * MEBIBYTE, PACKET);

        assertThat(claimed()).isZero();
    }

    @Test
    void refusesMoreThanItAllowed() {
        assertThatThrownBy(() -> window.received(ReceiveWindow.INITIAL + 1)).isInstanceOf(ConnectionException.class);
    }

    private long claimed() {
        return 100 * MEBIBYTE - budget.free();
    }

    private void transfer(long bytes, long backlog) throws ConnectionException {
        transfer(window, bytes, backlog);
    }

    /** The reader takes a packet at a time, and always leaves the same backlog. */
    private static void transfer(ReceiveWindow window, long bytes, long backlog) throws ConnectionException {
        for (long done = 0; done < bytes; done += PACKET) {
            window.received(PACKET);
            window.delivered(PACKET, backlog);
        }
    }
}
