package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHPacket;

/** A packet of channel data that is used again and again: the socket is read straight into its place in the packet. */
public final class OutboundData {

    /** Message number, recipient and length come before the data. */
    private static final int DATA_START = SshChannel.PACKET_HEADER + 1 + 4 + 4;

    /** Padding, authentication tag or MAC come after it. */
    private static final int TRAILER = 512;

    private final SSHPacket packet = new SSHPacket(new byte[DATA_START + SshChannel.MAX_PACKET + TRAILER]);
    private ByteBuffer view = ByteBuffer.wrap(packet.array());

    /** Reads at most {@code limit} bytes; returns how many, or −1 at the end of the stream. */
    public int read(SocketChannel socket, int limit) throws IOException {
        if (view.array() != packet.array()) {
            view = ByteBuffer.wrap(packet.array());
        }
        view.clear().position(DATA_START).limit(DATA_START + Math.min(limit, SshChannel.MAX_PACKET));
        return socket.read(view);
    }

    /** Completes the packet around {@code length} bytes read before. Valid until the next read. */
    public SSHPacket toChannel(int recipient, int length) {
        packet.rpos(SshChannel.PACKET_HEADER);
        packet.wpos(SshChannel.PACKET_HEADER);
        packet.putMessageID(Message.CHANNEL_DATA).putUInt32FromInt(recipient).putUInt32(length);
        packet.wpos(DATA_START + length);
        return packet;
    }
}
