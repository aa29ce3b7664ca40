package org.jlab.jiriaf.jrm.app.demo.embedded;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A Kubernetes API server inside this process that remembers objects, and nothing more: no scheduler, no controllers, no
 * authentication. It is the fabric8 client's mock server in CRUD mode, for demonstrations and tests.
 *
 * <p>It speaks plain HTTP, so that a stand-in for a JRM needs no certificate: {@code curl} or any HTTP client will do.
 *
 * <ul>
 *   <li>Register: {@code POST /api/v1/nodes}. A second time for the same name is 409.
 *   <li>Heartbeat: {@code PATCH /api/v1/nodes/NAME/status} with {@code Content-Type: application/merge-patch+json}. A list in a
 *       merge patch replaces the whole list, so all conditions are sent each time. Only {@code status} is taken from such a
 *       patch. Strategic merge patches, which a real kubelet sends, are refused with 415.
 *   <li>Labels: {@code PATCH /api/v1/nodes/NAME}. Unlike a real API server this also takes {@code status}, as do
 *       {@code POST} and {@code PUT}.
 *   <li>A node whose heartbeat stops stays as it is: there is no node controller that would mark it.
 *   <li>Watches are web sockets and begin with all that is there; a list is never split into pages.
 * </ul>
 *
 * <p>Thread-safe. Owns its client. Closing twice is harmless.
 */
public final class EmbeddedKubernetes implements AutoCloseable {

    /** The mock server keeps every request; forgetting them now and then keeps a long run from filling the heap. */
    private static final int REQUESTS_REMEMBERED = 500;

    private final KubernetesMockServer server;
    private final KubernetesClient client;
    private final URI url;

    /**
     * Starts the server.
     *
     * @param address loopback address to listen on
     * @param port port to listen on, or 0 for a free one
     * @throws IllegalArgumentException if the address is not a loopback address
     * @throws IllegalStateException if it cannot listen there
     */
    public EmbeddedKubernetes(InetAddress address, int port) {
        if (!address.isLoopbackAddress()) {
            throw new IllegalArgumentException("address must be a loopback address, not " + address
                    + ": the embedded API server asks nobody who they are");
        }
        MockWebServer web = new MockWebServer();
        // It would print each request to standard error.
        Logger.getLogger(MockWebServer.class.getName()).setLevel(Level.WARNING);
        Map<ServerRequest, Queue<ServerResponse>> fixedAnswers = new ConcurrentHashMap<>();
        server = new KubernetesMockServer(
                new Context(),
                web,
                fixedAnswers,
                new ForgettingDispatcher(web, new KubernetesMixedDispatcher(fixedAnswers)),
                false);
        try {
            server.start(address, port);
        } catch (IllegalStateException e) {
            server.shutdown();
            throw new IllegalStateException(
                    "The embedded Kubernetes API cannot listen on " + address.getHostAddress() + ":" + port
                            + "; choose another port, or 0 for a free one",
                    e);
        }
        url = URI.create("http://" + host(address) + ":" + server.getPort());
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl(url.toString())
                        .withNamespace("default")
                        .build())
                .build();
    }

    private static String host(InetAddress address) {
        String text = address.getHostAddress();
        return text.contains(":") ? "[" + text + "]" : text;
    }

    /**
     * Where it listens.
     *
     * @return its address, such as {@code http://127.0.0.1:35679}
     */
    public URI url() {
        return url;
    }

    /**
     * The port it listens on.
     *
     * @return the port
     */
    public int port() {
        return url.getPort();
    }

    /**
     * A client of this server.
     *
     * @return the client, always the same one; closed with the server
     */
    public KubernetesClient client() {
        return client;
    }

    /**
     * Writes a kubeconfig for this server.
     *
     * @param apiServer URL under which the reader of the kubeconfig reaches it, such as {@code http://localhost:35679} through
     *     a tunnel
     * @return the kubeconfig, as YAML
     */
    public String kubeconfig(URI apiServer) {
        return """
                apiVersion: v1
                kind: Config
                current-context: embedded
                clusters:
                - name: embedded
                  cluster:
                    server: %s
                users:
                - name: embedded
                  user: {}
                contexts:
                - name: embedded
                  context:
                    cluster: embedded
                    user: embedded
                """.formatted(apiServer);
    }

    @Override
    public void close() {
        server.shutdown();
        client.close();
    }

    private static final class ForgettingDispatcher extends Dispatcher {

        private final MockWebServer web;
        private final Dispatcher answers;

        ForgettingDispatcher(MockWebServer web, Dispatcher answers) {
            this.web = web;
            this.answers = answers;
        }

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            if (web.getRequestCount() > REQUESTS_REMEMBERED) {
                web.reset();
            }
            return answers.dispatch(request);
        }

        @Override
        public void shutdown() {
            answers.shutdown();
        }
    }
}
