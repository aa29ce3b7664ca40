package org.jlab.jiriaf.jrm.batch;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.BatchSchedulerContract;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.junit.jupiter.api.AfterEach;

class InMemoryBatchSchedulerTest extends BatchSchedulerContract {

    private final LoopbackTunnelManager tunnels = new LoopbackTunnelManager();
    private final LoginSession session =
            tunnels.connect(new SshRoute(List.of(SshHop.parse("login")), null, null), Duration.ofSeconds(5));
    private final InMemoryBatchScheduler scheduler = new InMemoryBatchScheduler(Clock.systemUTC());

    @AfterEach
    void close() {
        tunnels.close();
    }

    @Override
    protected BatchScheduler scheduler() {
        return scheduler;
    }

    @Override
    protected LoginSession session() {
        return session;
    }

    @Override
    protected String folder() {
        return "/launch";
    }

    @Override
    protected String unusedId() {
        return "999";
    }

    @Override
    protected void breakDown() {
        scheduler.breakDown();
    }

    @Override
    protected void repair() {
        scheduler.failWith(null);
    }
}
