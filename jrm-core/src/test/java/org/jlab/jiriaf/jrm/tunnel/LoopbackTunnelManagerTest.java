package org.jlab.jiriaf.jrm.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.TunnelManagerContract;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopbackTunnelManagerTest extends TunnelManagerContract {

    @Override
    protected TunnelManager newManager() {
        return new LoopbackTunnelManager();
    }

    @Override
    protected SshRoute route() {
        return new SshRoute(List.of(new SshHop("login01", null, 0)), null, null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exit 0 | 0",
                "exit 128 | 128",
                "exit 137 | 137",
                "exit 255 | 255",
                "(exit 137); exit $? | 137",
                "echo no >&2; exit 130 | 130",
                "kill -9 $$ | 137",
                "kill -15 $$ ; sleep 60 | 143"
            })
    void keepsExitCodesAndTellsSignalsAsShellsDo(String command, int code) {
        try (LoginSession session = manager().connect(route(), Duration.ofSeconds(40))) {
            ExecResult result = session.exec(command, Duration.ofSeconds(40));

            assertThat(result.exitCode()).isEqualTo(code);
            assertThat(result.output()).isEmpty();
            assertThat(result.error().strip()).isEqualTo(command.contains("echo no") ? "no" : "");
        }
    }

    @Override
    protected void breakConnections() {
        LoopbackTunnelManager manager = (LoopbackTunnelManager) manager();
        manager.takeAway();
        manager.bringBack();
    }
}
