package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.SSHPacket;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshChannel;

/**
 * What the server says when a connection came to a remote forward (RFC 4254 section 7.2, forwarded-tcpip).
 *
 * @param channel the server's number of the channel
 * @param window how much it takes
 * @param maxPacket its largest packet
 * @param address the address that was asked to be bound
 * @param port the port that was connected to
 */
record ForwardedOpen(int channel, long window, int maxPacket, String address, int port) {

    static final String TYPE = "forwarded-tcpip";

    static ForwardedOpen read(SSHPacket packet) throws Buffer.BufferException {
        return new ForwardedOpen(
                (int) packet.readUInt32(),
                packet.readUInt32(),
                (int) Math.min(packet.readUInt32(), SshChannel.MAX_PACKET),
                packet.readString(),
                packet.readUInt32AsInt());
    }
}
