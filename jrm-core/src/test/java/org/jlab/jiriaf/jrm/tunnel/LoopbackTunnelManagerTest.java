package org.jlab.jiriaf.jrm.tunnel;

import java.util.List;
import org.jlab.jiriaf.jrm.contract.TunnelManagerContract;

class LoopbackTunnelManagerTest extends TunnelManagerContract {

    @Override
    protected TunnelManager newManager() {
        return new LoopbackTunnelManager();
    }

    @Override
    protected SshRoute route() {
        return new SshRoute(List.of(new SshHop("login01", null, 0)), null, null);
    }

    @Override
    protected void breakConnections() {
        LoopbackTunnelManager manager = (LoopbackTunnelManager) manager();
        manager.takeAway();
        manager.bringBack();
    }
}
