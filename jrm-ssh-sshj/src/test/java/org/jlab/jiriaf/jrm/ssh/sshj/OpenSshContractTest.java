package org.jlab.jiriaf.jrm.ssh.sshj;

import java.nio.file.Path;
import org.jlab.jiriaf.jrm.contract.TunnelManagerContract;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract against OpenSSH's server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@NeedsOpenSsh
class OpenSshContractTest extends TunnelManagerContract {

    private @Nullable OpenSshServer server;

    @BeforeAll
    void startServer(@TempDir Path folder) {
        server = new OpenSshServer(folder);
    }

    @AfterAll
    void stopServer() {
        server().close();
    }

    private OpenSshServer server() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    @Override
    protected TunnelManager newManager() {
        return server().manager().build();
    }

    @Override
    protected SshRoute route() {
        return server().route();
    }

    @Override
    protected void breakConnections() {
        server().killConnections();
    }
}
