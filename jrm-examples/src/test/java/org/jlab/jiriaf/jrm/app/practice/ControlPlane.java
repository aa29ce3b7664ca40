package org.jlab.jiriaf.jrm.app.practice;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jspecify.annotations.Nullable;

/**
 * The control plane: jrm as a service embeds it, on a LaunchPad server and the real API server. All deployments at one login
 * node share its connection.
 */
final class ControlPlane implements AutoCloseable {

    /** FireWorks' database, as the site's agents know it. */
    static final String DATABASE = "jiriaf";

    private final Deque<Runnable> closing = new ArrayDeque<>();
    private final MongoDatabase database;
    private final JrmDeployer jrm;
    private final TunnelManager tunnels;
    private final NodeManager nodes;

    /**
     * Opens it, with a LaunchPad server of its own.
     *
     * @param directory where the LaunchPad keeps its file
     */
    ControlPlane(PracticeSite site, Path directory) {
        this(site, directory, builder -> {});
    }

    /** The same, with more settings of the deployer. */
    ControlPlane(PracticeSite site, @Nullable Path directory, Consumer<JrmDeployer.Builder> settings) {
        if (directory != null) {
            opened(
                    EmbeddedLaunchpad.start(directory, "127.0.0.1", PracticeSite.LAUNCHPAD_PORT),
                    EmbeddedLaunchpad::close);
        }
        KubernetesClient kubernetes = opened(
                new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(site.kubeconfig().toFile()))
                        .build(),
                KubernetesClient::close);
        nodes = new Fabric8NodeManager(kubernetes);
        tunnels = opened(
                SshjTunnelManager.builder()
                        .knownHosts(site.knownHosts())
                        .sshConfig(site.sshConfig())
                        .build(),
                TunnelManager::close);
        MongoClient client =
                opened(MongoClients.create("mongodb://127.0.0.1:" + PracticeSite.LAUNCHPAD_PORT), MongoClient::close);
        database = client.getDatabase(DATABASE);
        JrmDeployer.Builder builder = JrmDeployer.builder()
                .workflows(new MongoWorkflowStore(database))
                .tunnels(tunnels)
                .nodes(nodes)
                .settings(DeploymentSettings.DEFAULTS.withLaunchpad(Endpoint.localhost(PracticeSite.LAUNCHPAD_PORT)))
                .onEvent(event -> System.out.println("[jrm] " + event));
        settings.accept(builder);
        jrm = opened(builder.build(), JrmDeployer::close);
    }

    /** Opens it on the LaunchPad server of another process. */
    static ControlPlane onRunningLaunchpad(PracticeSite site) {
        return new ControlPlane(site, null, builder -> {});
    }

    private <T> T opened(T resource, Consumer<T> close) {
        closing.push(() -> close.accept(resource));
        return resource;
    }

    JrmDeployer jrm() {
        return jrm;
    }

    MongoDatabase database() {
        return database;
    }

    TunnelManager tunnels() {
        return tunnels;
    }

    NodeManager nodes() {
        return nodes;
    }

    /** Deletes whatever a test that failed has left in the LaunchPad. */
    void clear() {
        jrm.workflows().forEach(workflow -> jrm.delete(workflow.id()));
        jrm.reconcile();
    }

    void clearAndClose() {
        try {
            clear();
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        while (!closing.isEmpty()) {
            closing.pop().run();
        }
    }
}
