package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.net.InetSocketAddress;
import net.schmizz.sshj.common.Buffer;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jspecify.annotations.Nullable;

/** The request for a connection from the server to a target (RFC 4254 section 7.2). */
public final class DirectTcpip {

    public static final String TYPE = "direct-tcpip";

    private DirectTcpip() {}

    /** The part of the open request that is particular to direct-tcpip. */
    public static byte[] openRequest(Endpoint target, @Nullable InetSocketAddress originator) {
        return new Buffer.PlainBuffer()
                .putString(target.host())
                .putUInt32(target.port())
                .putString(
                        originator == null
                                ? "127.0.0.1"
                                : originator.getAddress().getHostAddress())
                .putUInt32(originator == null ? 0 : originator.getPort())
                .getCompactData();
    }
}
