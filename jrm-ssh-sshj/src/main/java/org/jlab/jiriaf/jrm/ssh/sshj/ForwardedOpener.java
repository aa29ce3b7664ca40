package org.jlab.jiriaf.jrm.ssh.sshj;

import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.channel.OpenFailException;
import net.schmizz.sshj.connection.channel.forwarded.ForwardedChannelOpener;
import net.schmizz.sshj.transport.TransportException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands connections that came on the login node to the remote forwards that they are for. */
final class ForwardedOpener implements ForwardedChannelOpener {

    private static final Logger LOG = LoggerFactory.getLogger(ForwardedOpener.class);

    private final SshLink link;
    private final DataPump pump;
    private final ForwardTable forwards;

    ForwardedOpener(SshLink link, DataPump pump, ForwardTable forwards) {
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
