package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.k8s.fabric8.HostileApiServer.Attack;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.node.NodeListener;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.node.NodeWatch;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** API servers whose answers have no end: each request ends in an error that names the server, and the heap lives. */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileApiServerTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final List<String> MANY =
            IntStream.range(0, 20).mapToObj(i -> "node-" + i).toList();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /** Who asks. */
    enum Request {
        CHECK {
            @Override
            void make(KubernetesClient client) {
                new Fabric8NodeManager(client).check(TIMEOUT);
            }
        },
        LOOK_UP {
            @Override
            void make(KubernetesClient client) {
                new Fabric8NodeManager(client).list(List.of("a"));
            }
        },
        LIST {
            @Override
            void make(KubernetesClient client) {
                new Fabric8NodeManager(client).list(MANY);
            }
        },
        PODS {
            @Override
            void make(KubernetesClient client) {
                new NodeDrain(new ApiServer(client), TIMEOUT, Deadline.in(TIMEOUT)).await(List.of("a"));
            }
        },
        SLICES {
            @Override
            void make(KubernetesClient client) {
                new Fabric8MetricsMonitor(client, "ns", "jrm-metrics").remove();
            }
        };

        abstract void make(KubernetesClient client);
    }

    @ParameterizedTest
    @CsvSource({
        "ENDLESS_BYTES, CHECK", "ENDLESS_BYTES, LOOK_UP", "ENDLESS_BYTES, LIST", "ENDLESS_BYTES, PODS",
        "ENDLESS_BYTES, SLICES", "ENDLESS_ERROR, LIST", "ENDLESS_ERROR, PODS", "ENDLESS_ERROR, SLICES",
        "MANY_OBJECTS, LIST", "MANY_OBJECTS, PODS", "MANY_LISTS, LOOK_UP", "MANY_LISTS, SLICES",
        "ENDLESS_PAGES, LIST", "ENDLESS_PAGES, PODS"
    })
    void endsInAnErrorThatNamesTheServer(Attack attack, Request request) throws IOException {
        try (HostileApiServer server = new HostileApiServer(attack);
                KubernetesClient client = open(server)) {
            Throwable failure = catchThrowable(() -> request.make(client));

            assertThat(failure).isInstanceOf(NodeException.class).hasMessageContaining(server.url());
            assertThat(((NodeException) failure).isTransient()).isFalse();
            assertThat(failure.getMessage()).hasSizeLessThan(1_000);
            assertThat(server.requests()).isLessThanOrEqualTo(ListBounds.MAX_PAGES + 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ENDLESS_BYTES", "MANY_OBJECTS", "ENDLESS_PAGES", "ENDLESS_EVENT", "ENDLESS_NODES"})
    void endsAWatchOverHttp(Attack attack) throws Exception {
        try (HostileApiServer server = new HostileApiServer(attack);
                KubernetesClient client = open(server)) {
            client.getConfiguration().setOnlyHttpWatches(true);
            CompletableFuture<NodeException> told = new CompletableFuture<>();
            NodeFeed feed = new NodeFeed(
                    client.newClient(ApiServer.singleAttempts()).adapt(KubernetesClient.class),
                    new ApiServer(client).failures(),
                    Duration.ofSeconds(5));
            try (NodeWatch watch = feed.subscribe(new NodeListener() {
                @Override
                public void changed(NodeStatus node) {}

                @Override
                public void removed(String name) {}

                @Override
                public void synced() {}

                @Override
                public void disconnected(NodeException cause) {
                    told.complete(cause);
                }
            })) {
                assertThat(watch).isNotNull();
                NodeException failure = told.get(200, TimeUnit.SECONDS);
                assertThat(failure).hasMessageContaining(server.url());
                assertThat(failure.getMessage()).hasSizeLessThan(1_000);
                assertThat(failure.isTransient()).isFalse();
            }
        }
    }

    @Test
    void itsWordsAreOneShortLine() throws IOException {
        try (HostileApiServer server = new HostileApiServer(Attack.FORGED_LINES);
                KubernetesClient client = open(server)) {
            Throwable failure = catchThrowable(() -> new Fabric8NodeManager(client).list(MANY));

            assertThat(failure)
                    .hasMessageContaining("no; 12:00 INFO all is well")
                    .hasMessageContaining("403");
            assertThat(failure.getMessage())
                    .hasSizeLessThan(1_500)
                    .doesNotContain("\n", "\u001b", "\u202e", "\u2028", "\u0085");
        }
    }

    private KubernetesClient open(HostileApiServer server) throws IOException {
        Path file = Files.writeString(folder.resolve("config"), """
                current-context: c
                contexts: [{name: c, context: {cluster: cl}}]
                clusters: [{name: cl, cluster: {server: 'SERVER'}}]
                """.replace("SERVER", server.url()));
        return KubeconfigClient.open(KubeconfigContext.read(List.of(file)));
    }
}
