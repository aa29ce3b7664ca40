package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.channel.OpenFailException;
import net.schmizz.sshj.connection.channel.forwarded.ForwardedChannelOpener;
import net.schmizz.sshj.transport.TransportException;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands connections that came on the login node to the remote forwards that they are for. */
public final class ForwardedOpener implements ForwardedChannelOpener {

    private static final Logger LOG = LoggerFactory.getLogger(ForwardedOpener.class);

    private final SshLink link;
    private final SocketEventLoop pump;
    private final ForwardTable forwards;

    public ForwardedOpener(SshLink link, SocketEventLoop pump, ForwardTable forwards) {
        this.link = link;
        this.pump = pump;
        this.forwards = forwards;
    }

    @Override
    public String getChannelType() {
        return ForwardedOpen.TYPE;
    }

    @Override
    public void handleOpen(SSHPacket packet) throws TransportException {
        try {
            ForwardedOpen open = ForwardedOpen.read(packet);
            pump.execute(() -> opened(open));
        } catch (Buffer.BufferException e) {
            throw new TransportException(e);
        }
    }

    private void opened(ForwardedOpen open) {
        RemoteForward forward = forwards.find(open);
        if (forward != null) {
            forward.opened(link, open);
            return;
        }
        try {
            link.connection()
                    .sendOpenFailure(
                            open.channel(), OpenFailException.Reason.ADMINISTRATIVELY_PROHIBITED, "no such forward");
        } catch (TransportException e) {
            LOG.trace("{} is gone", link, e);
        }
    }
}
