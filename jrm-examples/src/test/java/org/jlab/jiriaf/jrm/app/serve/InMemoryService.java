package org.jlab.jiriaf.jrm.app.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.Set;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.node.InMemoryNodeManager;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jspecify.annotations.Nullable;

/** A service on the in-memory backends, with a port of its own. */
final class InMemoryService implements AutoCloseable {

    static final String SITE = """
            slurm:
              nodes: 2
              walltime: 00:30:00
            jrm:
              nodename: jrm-test
              site: test
              apiserver_port: 17444
              kubeconfig: /home/user/kubeconfig
              vkubelet_pod_ips: [172.17.0.1]
              custom_metrics_ports: [2221]
            ssh:
              remote: login01
            """;

    final InMemoryWorkflowStore store = new InMemoryWorkflowStore();
    final InMemoryNodeManager nodes = new InMemoryNodeManager();
    final JrmDeployer jrm;
    final JrmService service;
    final RawHttp http;

    InMemoryService(String address, @Nullable Secret token) {
        EventHub events = new EventHub();
        LoopbackTunnelManager tunnels = loginNode();
        DeploymentSettings settings = DeploymentSettings.DEFAULTS
                .withBindAddress("127.0.0.1")
                .withLaunchpad(Endpoint.localhost(17018))
                .withReconcileInterval(JrmService.RECONCILE_INTERVAL)
                .withPortRanges(new PortRange(15000, 15999), new PortRange(25000, 25999));
        jrm = JrmDeployer.builder()
                .workflows(store)
                .tunnels(tunnels)
                .nodes(nodes)
                .settings(settings)
                .onEvent(events::onDeployment)
                .build();
        service = JrmService.start(
                new ServiceDependencies(jrm, store, tunnels, nodes, settings, events, "in memory"),
                new JrmService.Access(ServiceAddress.parse(address + ":0"), Set.of("control.example.org"), token));
        http = new RawHttp(service.url());
    }

    private static LoopbackTunnelManager loginNode() {
        try {
            return new LoopbackTunnelManager(InetAddress.getByAddress(new byte[] {127, 78, 0, 3}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawHttp.Answer deploy(String... headers) {
        return http.post("/workflows", "application/yaml", SITE, headers);
    }

    @Override
    public void close() {
        service.close();
        jrm.close();
    }
}
