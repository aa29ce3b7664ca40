package org.jlab.jiriaf.jrm.examples.commands;

import com.mongodb.client.MongoClient;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jlab.jiriaf.jrm.DeploymentEvent;
import org.jlab.jiriaf.jrm.DeploymentSettings;
import org.jlab.jiriaf.jrm.JrmDeployer;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.store.mongo.LaunchpadConfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jspecify.annotations.Nullable;

/** A deployer with the clients that it works with, as the options of a command ask for. */
final class Deployer implements AutoCloseable {

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final MongoClient mongo;
    private final @Nullable KubernetesClient kubernetes;
    private final JrmDeployer jrm;

    /**
     * Puts it together.
     *
     * @param launchpad which LaunchPad
     * @param kubernetes which cluster
     * @param ssh how login nodes are reached
     * @param settings where things listen
     * @param progress gets the events
     */
    Deployer(
            LaunchpadOption launchpad,
            KubernetesOption kubernetes,
            SshOptions ssh,
            DeploymentSettings settings,
            PrintWriter progress) {
        LaunchpadConfig config = launchpad.config();
        config.warnings().forEach(progress::println);
        this.kubernetes = kubernetes.open();
        this.mongo = config.open();
        JrmDeployer.Builder builder = JrmDeployer.builder()
                .workflows(new MongoWorkflowStore(mongo.getDatabase(config.databaseName())))
                .tunnels(ssh.open())
                .settings(settings)
                .onEvent(event -> print(event, progress));
        if (this.kubernetes != null) {
            builder.nodes(new Fabric8NodeManager(this.kubernetes));
        }
        this.jrm = builder.build();
    }

    JrmDeployer jrm() {
        return jrm;
    }

    private static void print(DeploymentEvent event, PrintWriter progress) {
        if (event.kind() != DeploymentEvent.Kind.STARTED) {
            progress.println(CLOCK.format(event.at()) + " " + event);
            progress.flush();
        }
    }

    @Override
    public void close() {
        jrm.close();
        if (kubernetes != null) {
            kubernetes.close();
        }
        mongo.close();
    }
}
