package org.jlab.jiriaf.jrm.examples.practice;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.DeploymentSettings;
import org.jlab.jiriaf.jrm.JrmDeployer;
import org.jlab.jiriaf.jrm.examples.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;

/**
 * The control plane: jrm as a service embeds it, on the real LaunchPads and the real API server. There is one tunnel manager
 * for both LaunchPads, so that all deployments at one login node share its connection.
 */
final class ControlPlane implements AutoCloseable {

    /** FireWorks' database, as the site's agents know it. */
    static final String DATABASE = "jiriaf";

    private final Deque<Runnable> closing = new ArrayDeque<>();
    private final Map<Launchpad, MongoDatabase> databases = new EnumMap<>(Launchpad.class);
    private final Map<Launchpad, JrmDeployer> deployers = new EnumMap<>(Launchpad.class);
    private final TunnelManager tunnels;
    private final NodeManager nodes;

    /**
     * Opens it.
     *
     * @param directory where the embedded LaunchPad keeps its file, if it is among the LaunchPads
     * @param launchpads which LaunchPads to use
     */
    ControlPlane(PracticeSite site, Path directory, Set<Launchpad> launchpads) {
        this(site, directory, launchpads, builder -> {});
    }

    /** The same, with more settings of the deployers. */
    ControlPlane(PracticeSite site, Path directory, Set<Launchpad> launchpads, Consumer<JrmDeployer.Builder> settings) {
        if (launchpads.contains(Launchpad.EMBEDDED)) {
            opened(EmbeddedLaunchpad.start(directory, "127.0.0.1", Launchpad.EMBEDDED.port), EmbeddedLaunchpad::close);
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
        launchpads.forEach(launchpad -> {
            MongoClient client =
                    opened(MongoClients.create("mongodb://127.0.0.1:" + launchpad.port), MongoClient::close);
            MongoDatabase database = client.getDatabase(DATABASE);
            databases.put(launchpad, database);
            JrmDeployer.Builder builder = JrmDeployer.builder()
                    .workflows(new MongoWorkflowStore(database))
                    .tunnels(tunnels)
                    .nodes(nodes)
                    .settings(DeploymentSettings.DEFAULTS.withLaunchpad(Endpoint.localhost(launchpad.port)))
                    .onEvent(event -> System.out.println("[" + launchpad + "] " + event));
            settings.accept(builder);
            deployers.put(launchpad, opened(builder.build(), JrmDeployer::close));
        });
    }

    private <T> T opened(T resource, Consumer<T> close) {
        closing.push(() -> close.accept(resource));
        return resource;
    }

    JrmDeployer jrm(Launchpad launchpad) {
        return Objects.requireNonNull(deployers.get(launchpad));
    }

    MongoDatabase database(Launchpad launchpad) {
        return Objects.requireNonNull(databases.get(launchpad));
    }

    TunnelManager tunnels() {
        return tunnels;
    }

    NodeManager nodes() {
        return nodes;
    }

    /** Deletes whatever a test that failed has left in the LaunchPads, and closes. */
    void clearAndClose() {
        try {
            for (JrmDeployer jrm : deployers.values()) {
                jrm.workflows().forEach(workflow -> jrm.delete(workflow.id()));
                jrm.release();
            }
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
