package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.util.concurrent.atomic.AtomicLong;
import net.schmizz.sshj.connection.ConnectionException;

/**
 * How much the peer of one channel may send ahead. It starts small, doubles while the local reader keeps up and the data
 * flows fast enough for the round trip to need it, and shrinks when the reader falls behind; so a long fat link is filled,
 * while ten thousand idle or stuck connections do not claim memory. What goes beyond the initial size comes out of a
 * {@link Budget} that all channels share.
 */
public final class ReceiveWindow {

    /** What every channel may hold without asking. */
    public static final long INITIAL = 128 * 1024;

    /** Enough wherever the round trip is short; the same as OpenSSH's window. */
    private static final long ENOUGH_NEARBY = 2 * 1024 * 1024;

    /** A round trip from which on more than that can be of use. */
    private static final long FAR_NANOS = 5_000_000;

    /**
     * At 40 ms enough for 3 Gbit/s. OpenSSH's server reads ahead as far as the window lets it when the way is slower than its
     * source, and enlarges its buffer by copying it for every packet (sshbuf_allocate): with 32 MiB it can be busy with
     * that for seconds.
     */
    private static final long LARGEST = 16 * 1024 * 1024;

    private static final double NANOS = 1e9;

    /** The memory that all windows of a manager may claim together beyond their initial sizes. */
    public static final class Budget {
        private final AtomicLong free;

        public Budget(long bytes) {
            free = new AtomicLong(bytes);
        }

        private boolean take(long bytes) {
            if (free.addAndGet(-bytes) >= 0) {
                return true;
            }
            free.addAndGet(bytes);
            return false;
        }

        private void giveBack(long bytes) {
            free.addAndGet(bytes);
        }

        long free() {
            return free.get();
        }
    }

    private final Budget budget;
    private final RoundTrip roundTrip;
    private long size = INITIAL;
    private long peerMaySend = INITIAL;
    private long deliveredSinceResize;
    private long lastResize = System.nanoTime();
    private double fastest; // bytes per nanosecond
    private boolean readerKeptUp;
    private boolean closed;

    ReceiveWindow(Budget budget, RoundTrip roundTrip) {
        this.budget = budget;
        this.roundTrip = roundTrip;
    }

    /** Accounts for data that came in. */
    public synchronized void received(long bytes) throws ConnectionException {
        peerMaySend -= bytes;
        if (peerMaySend < 0) {
            throw new ConnectionException("The peer sent " + -peerMaySend + " bytes more than the window allows");
        }
    }

    /**
     * Accounts for data that the local reader took.
     *
     * @param bytes how much it took
     * @param backlog how much it has not taken yet
     * @return by how much to widen the peer's window now; 0 for not yet
     */
    public synchronized long delivered(long bytes, long backlog) {
        deliveredSinceResize += bytes;
        readerKeptUp |= backlog == 0;
        if (deliveredSinceResize >= size) {
            resize();
        }
        long widen = size - peerMaySend - backlog;
        if (widen < size / 4) {
            return 0;
        }
        peerMaySend += widen;
        return widen;
    }

    private void resize() {
        long now = System.nanoTime();
        fastest = Math.max(fastest, deliveredSinceResize / (double) Math.max(1, now - lastResize));
        if (!readerKeptUp) {
            if (size > INITIAL) {
                budget.giveBack(size / 2);
                size /= 2;
            }
        } else if (size < LARGEST && !closed && isWorthDoubling() && budget.take(size)) {
            size *= 2;
        }
        deliveredSinceResize = 0;
        lastResize = now;
        readerKeptUp = false;
    }

    /** Whether the window may be short beside what is under way in a round trip. */
    private boolean isWorthDoubling() {
        return size < ENOUGH_NEARBY || (roundTrip.nanos() >= FAR_NANOS && size < 2 * fastest * roundTrip.nanos());
    }

    /** Gives its share of the budget back. */
    public synchronized void close() {
        if (!closed) {
            closed = true;
            budget.giveBack(size - INITIAL);
            size = INITIAL;
        }
    }

    /** The shortest round trip seen on a connection. */
    public static final class RoundTrip {
        private volatile long nanos = (long) (0.2 * NANOS);
        private volatile boolean measured;

        public void sample(long sample) {
            if (!measured || sample < nanos) {
                nanos = sample;
                measured = true;
            }
        }

        long nanos() {
            return nanos;
        }
    }
}
