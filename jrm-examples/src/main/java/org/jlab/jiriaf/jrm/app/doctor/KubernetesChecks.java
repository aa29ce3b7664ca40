package org.jlab.jiriaf.jrm.app.doctor;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jspecify.annotations.Nullable;

/** The cluster that the nodes join: does it answer, and may we do what has to be done? */
final class KubernetesChecks {

    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final Supplier<@Nullable KubernetesClient> clients;
    private final @Nullable DeploymentPlan plan;

    KubernetesChecks(Supplier<@Nullable KubernetesClient> clients, @Nullable DeploymentPlan plan) {
        this.clients = clients;
        this.plan = plan;
    }

    /** Something that may be done with the objects of a kind. */
    private record Right(String verb, String resource, String subresource) {

        private static List<Right> of(String resource, String subresource, String... verbs) {
            return List.of(verbs).stream()
                    .map(verb -> new Right(verb, resource, subresource))
                    .toList();
        }

        @Override
        public String toString() {
            return verb + " " + resource + (subresource.isEmpty() ? "" : "/" + subresource);
        }
    }

    private static final List<Right> NEEDED = Right.of("nodes", "", "get", "list", "watch", "delete");
    private static final List<Right> USED = List.of(
            new Right("patch", "nodes", ""), new Right("list", "pods", ""), new Right("create", "pods", "eviction"));

    void run(Examination examination) throws InterruptedException {
        if (plan != null) {
            Endpoint apiserver = plan.apiserverForward().target();
            examination.check("api server port", () -> listens(apiserver));
        }
        if (examination.check("kubernetes", this::answers)) {
            examination.check("kubernetes rights", this::allows);
        } else {
            examination.skip("kubernetes rights", "there is no cluster to ask");
        }
    }

    /** Where the tunnel from the login node ends. */
    private static Verdict listens(Endpoint apiserver) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(apiserver.host(), apiserver.port()), (int) TIMEOUT.toMillis());
            return Verdict.ok("something listens at " + apiserver);
        } catch (IOException e) {
            return Verdict.failure("nothing listens at " + apiserver + " (" + e.getMessage()
                    + "). Check jrm.apiserver_port in the site file and --apiserver-host");
        }
    }

    private Verdict answers() {
        try (KubernetesClient client = clients.get()) {
            if (client == null) {
                return Verdict.skipped(
                        "no kubeconfig, so nodes are neither awaited nor deleted; name one with --kubeconfig");
            }
            NodeManager nodes = new Fabric8NodeManager(client);
            nodes.check(TIMEOUT);
            return Verdict.ok("the API server " + client.getMasterUrl() + " answers");
        }
    }

    private Verdict allows() {
        try (KubernetesClient client = clients.get()) {
            if (client == null) {
                return Verdict.skipped("no kubeconfig");
            }
            List<Right> missing = missing(client, NEEDED);
            if (!missing.isEmpty()) {
                return Verdict.failure("our user may not " + words(missing)
                        + ". Give it a ClusterRole with these rights, for all nodes");
            }
            List<Right> unused = missing(client, USED);
            return unused.isEmpty()
                    ? Verdict.ok("our user may see, cordon, drain and delete nodes")
                    : Verdict.warning("our user may not " + words(unused)
                            + ", which cordoning and draining takes. A ClusterRole gives these rights");
        } catch (KubernetesClientException e) {
            if (e.getCode() == 0) {
                throw e;
            }
            return Verdict.warning("the API server does not say what our user may do: " + e.getMessage());
        }
    }

    private static String words(List<Right> rights) {
        return String.join(", ", rights.stream().map(Right::toString).toList());
    }

    private static List<Right> missing(KubernetesClient client, List<Right> rights) {
        List<Right> missing = new ArrayList<>();
        for (Right right : rights) {
            SelfSubjectAccessReview review = new SelfSubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withNewResourceAttributes()
                    .withVerb(right.verb())
                    .withResource(right.resource())
                    .withSubresource(right.subresource())
                    .endResourceAttributes()
                    .endSpec()
                    .build();
            SelfSubjectAccessReview answer =
                    client.authorization().v1().selfSubjectAccessReview().create(review);
            // An API server that does not decide, as embedded ones, lets everybody do everything.
            if (answer.getStatus() != null
                    && !Boolean.TRUE.equals(answer.getStatus().getAllowed())) {
                missing.add(right);
            }
        }
        return missing;
    }
}
