package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** When the peer was last heard of. */
public final class LastHeard {

    private volatile long at = System.nanoTime();

    void now() {
        at = System.nanoTime();
    }

    Duration ago() {
        return Duration.ofNanos(System.nanoTime() - at);
    }

    InputStream watch(InputStream stream) {
        return new FilterInputStream(stream) {
            @Override
            public int read() throws IOException {
                int value = super.read();
                now();
                return value;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                now();
                return count;
            }
        };
    }
}
