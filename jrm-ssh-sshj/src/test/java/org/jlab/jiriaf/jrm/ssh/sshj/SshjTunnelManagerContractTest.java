package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.TunnelManagerContract;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract against an SSH server in this process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SshjTunnelManagerContractTest extends TunnelManagerContract {

    private @Nullable MinaServer server;

    @BeforeAll
    void startServer(@TempDir Path folder) {
        server = new MinaServer(folder);
    }

    @AfterAll
    void stopServer() throws IOException {
        server().close();
    }

    private MinaServer server() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    @Override
    protected TunnelManager newManager() {
        return SshjTunnelManager.builder()
                .knownHosts(server().knownHosts())
                .noSshConfig()
                .build();
    }

    @Override
    protected SshRoute route() {
        return new SshRoute(List.of(new SshHop("127.0.0.1", "tester", server().port())), server().userKey(), null);
    }

    @Override
    protected boolean tellsWhyTargetIsNotReached() {
        // "Generic error while opening channel: 4", whatever it was.
        return false;
    }

    @Override
    protected void breakConnections() {
        server().breakConnections();
    }
}
