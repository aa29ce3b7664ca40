package org.jlab.jiriaf.jrm.examples;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;

/** Deploys to a site, waits until all nodes are Ready, prints them, and takes the deployment down again. */
public final class DeployAndWait {

    private DeployAndWait() {}

    /**
     * Runs the example.
     *
     * @param arguments a site file
     */
    public static void main(String[] arguments) {
        try (MongoClient mongo = MongoClients.create("mongodb://localhost:27017");
                KubernetesClient kubernetes = new KubernetesClientBuilder().build();
                JrmDeployer jrm = JrmDeployer.builder()
                        .workflows(new MongoWorkflowStore(mongo.getDatabase("jiriaf")))
                        .tunnels(SshjTunnelManager.builder().build())
                        .nodes(new Fabric8NodeManager(kubernetes))
                        .onEvent(System.err::println)
                        .build()) {
            deploy(jrm, SiteConfig.read(Path.of(arguments[0])), System.out);
        }
    }

    static void deploy(JrmDeployer jrm, SiteConfig site, PrintStream out) {
        Deployment deployment = jrm.deploy(site);
        try {
            deployment.awaitReady(Duration.ofMinutes(30));
            deployment.nodes().forEach(node -> out.println(node.name() + " kubelet " + node.kubeletPort()));
        } finally {
            jrm.delete(deployment.workflowId());
        }
    }
}
