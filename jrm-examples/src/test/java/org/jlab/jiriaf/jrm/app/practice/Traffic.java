package org.jlab.jiriaf.jrm.app.practice;

import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Scrapes all metrics of a deployment over and over, several times a second, and knows since when each is served. */
final class Traffic implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration REQUEST = Duration.ofSeconds(1);

    /** How long everything has to be served without a failure before it counts as well. */
    private static final Duration STEADY = Duration.ofSeconds(3);

    private final MetricsClient client = new MetricsClient(REQUEST);
    private final ScheduledExecutorService executor;
    private final List<URI> uris;
    private final Map<URI, Long> servedSince = new ConcurrentHashMap<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    Traffic(List<JrmEndpoints> jrms) {
        uris = jrms.stream().flatMap(jrm -> jrm.all().stream()).toList();
        executor = Executors.newScheduledThreadPool(uris.size());
        for (URI uri : uris) {
            var unused = executor.scheduleWithFixedDelay(() -> scrape(uri), 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void scrape(URI uri) {
        try {
            client.get(uri);
            servedSince.putIfAbsent(uri, System.nanoTime());
        } catch (UncheckedIOException e) {
            failures.add(e.getMessage());
            servedSince.remove(uri);
        }
    }

    /** The requests that have failed so far. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Waits until everything is served steadily. */
    void awaitAllServed() {
        await("metrics of all nodes").atMost(Duration.ofMinutes(1)).until(this::isSteady);
    }

    /**
     * Waits for the failures that an outage causes, and then until everything is served steadily again.
     *
     * @param start when the outage began, by {@link System#nanoTime()}
     * @return how long after the start the last of the metrics came back
     */
    Duration awaitBack(long start, Duration timeout) {
        await("failures").atMost(timeout).until(() -> !failures.isEmpty());
        await("metrics of all nodes, again").atMost(timeout).until(this::isSteady);
        long last =
                servedSince.values().stream().mapToLong(Long::longValue).max().orElseThrow();
        return Duration.ofNanos(last - start);
    }

    /** Forgets the failures so far. */
    void forgetFailures() {
        failures.clear();
    }

    private boolean isSteady() {
        long now = System.nanoTime();
        return servedSince.size() == uris.size()
                && servedSince.values().stream().allMatch(since -> now - since > STEADY.toNanos());
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
