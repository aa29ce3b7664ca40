package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jspecify.annotations.Nullable;

/**
 * Ends answers of an API server that no memory could hold: too many bytes, too many values in JSON, too many pages of a list. A
 * watch has no end, so that each of its lines counts by itself. Thread-safe.
 */
final class AnswerBounds implements Interceptor {

    static final String NAME = "JRM_BOUNDS";

    /** A page of 500 large pods has about 10 MB. */
    static final long MAX_BYTES = 32L * 1024 * 1024;

    /** An empty object takes two bytes here and a hundred in memory. A page of 500 large pods has about 400,000. */
    static final long MAX_VALUES = 1_000_000;

    private final boolean forInformers;

    /** An informer reconnects a broken watch for ever and tells nobody; it does tell that it cannot list. */
    private final AtomicReference<@Nullable NodeException> brokenWatch = new AtomicReference<>();

    private final AtomicInteger pages = new AtomicInteger();

    /**
     * Bounds of a client.
     *
     * @param forInformers whether it has to count pages of nodes and to remember broken watches, as informers do not
     */
    AnswerBounds(boolean forInformers) {
        this.forInformers = forInformers;
    }

    /** The client's informers follow a list to its end; there is one at a time, of nodes. */
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (!forInformers || !String.valueOf(request.uri().getPath()).endsWith(NodeApi.NODES)) {
            return;
        }
        boolean watches = asks(request.uri(), "watch");
        NodeException failure = watches ? brokenWatch.get() : brokenWatch.getAndSet(null);
        if (failure != null) {
            throw failure;
        }
        if (!asks(request.uri(), "continue")) {
            pages.set(0);
        } else if (pages.incrementAndGet() >= ListBounds.MAX_PAGES) {
            throw ListBounds.tooManyPages(ListBounds.MAX_PAGES);
        }
    }

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        return new Counter(consumer, asks(request.uri(), "watch"));
    }

    private static boolean asks(URI uri, String parameter) {
        String query = uri.getRawQuery();
        return query != null && ("&" + query).contains("&" + parameter + "=");
    }

    /** Counts, and passes on what fits. One per request; a request that is repeated after a refusal has it again. */
    private final class Counter implements AsyncBody.Consumer<List<ByteBuffer>> {

        private final AsyncBody.Consumer<List<ByteBuffer>> next;
        private final boolean linewise;
        private long bytes;
        private long values;

        Counter(AsyncBody.Consumer<List<ByteBuffer>> next, boolean linewise) {
            this.next = next;
            this.linewise = linewise;
        }

        @Override
        public void consume(List<ByteBuffer> buffers, AsyncBody body) throws Exception {
            try {
                buffers.forEach(this::count);
            } catch (NodeException e) {
                // Before the connection is reset, which would be the reason otherwise.
                body.done().completeExceptionally(e);
                throw e;
            }
            next.consume(buffers, body);
        }

        private synchronized void count(ByteBuffer buffer) {
            for (int i = buffer.position(); i < buffer.limit(); i++) {
                byte b = buffer.get(i);
                bytes++;
                if (b == '{' || b == '[' || b == ',') {
                    values++;
                } else if (b == '\n' && linewise) {
                    bytes = 0;
                    values = 0;
                }
                if (bytes > MAX_BYTES || values > MAX_VALUES) {
                    NodeException failure = tooLarge();
                    if (linewise) {
                        brokenWatch.set(failure);
                    }
                    throw failure;
                }
            }
        }

        @Override
        public <U> U unwrap(Class<U> target) {
            return next.unwrap(target);
        }
    }

    private static NodeException tooLarge() {
        return new NodeException(
                "the answer has more than " + MAX_BYTES / 1024 / 1024 + " MB or " + MAX_VALUES + " values, which no API"
                        + " server sends; the rest was not read. Check `server` in the kubeconfig: is it an API server?",
                null,
                false);
    }
}
