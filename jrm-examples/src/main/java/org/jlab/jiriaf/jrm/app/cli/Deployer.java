package org.jlab.jiriaf.jrm.app.cli;

import com.mongodb.client.MongoClient;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;

/** A deployer with the clients that it works with, as the options of a command ask for. */
final class Deployer implements AutoCloseable {

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final MongoClient mongo;
    private final LaunchpadConfig launchpad;
    private final WorkflowStore store;
    private final TunnelManager tunnels;
    private final @Nullable OnDemandNodeManager nodes;
    private final JrmDeployer jrm;

    /** What failed last, by deployment and step. */
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    /**
     * Puts it together.
     *
     * @param backends which LaunchPad and cluster, and how login nodes are reached
     * @param settings where things listen
     * @param siteKubeconfig put on the site with each deployment, or null
     * @param progress gets the events as text
     * @param onEvent gets the events of deployments
     * @param onTunnelEvent gets the events of tunnels
     */
    Deployer(
            DeployerOptions backends,
            DeploymentSettings settings,
            @Nullable Kubeconfig siteKubeconfig,
            PrintWriter progress,
            Consumer<DeploymentEvent> onEvent,
            Consumer<TunnelEvent> onTunnelEvent) {
        launchpad = backends.launchpad().config();
        nodes = backends.kubernetes().source().map(OnDemandNodeManager::new).orElse(null);
        mongo = launchpad.open();
        store = new MongoWorkflowStore(mongo.getDatabase(launchpad.databaseName()));
        tunnels = backends.ssh().open(onTunnelEvent);
        JrmDeployer.Builder builder = JrmDeployer.builder()
                .workflows(store)
                .tunnels(tunnels)
                .settings(settings)
                .onEvent(event -> {
                    print(event, progress);
                    onEvent.accept(event);
                });
        if (nodes != null) {
            builder.nodes(nodes);
        }
        if (siteKubeconfig != null) {
            builder.kubeconfig(siteKubeconfig);
        }
        jrm = builder.build();
    }

    LaunchpadConfig launchpad() {
        return launchpad;
    }

    WorkflowStore store() {
        return store;
    }

    TunnelManager tunnels() {
        return tunnels;
    }

    @Nullable
    NodeManager nodes() {
        return nodes;
    }

    JrmDeployer jrm() {
        return jrm;
    }

    /** What fails again and again in the same way is printed once. */
    private void print(DeploymentEvent event, PrintWriter progress) {
        if (event.kind() == DeploymentEvent.Kind.STARTED) {
            return;
        }
        String step = event.deployment() + " " + event.step();
        String before = event.kind() == DeploymentEvent.Kind.FAILED
                ? failures.put(step, event.message())
                : failures.remove(step);
        if (event.kind() != DeploymentEvent.Kind.FAILED || !event.message().equals(before)) {
            progress.println(CLOCK.format(event.at()) + " " + event);
            progress.flush();
        }
    }

    @Override
    public void close() {
        jrm.close();
        if (nodes != null) {
            nodes.close();
        }
        mongo.close();
    }
}
