package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bson.Document;
import org.jlab.jiriaf.jrm.workflow.WorkflowListener;
import org.jlab.jiriaf.jrm.workflow.WorkflowPoller;
import org.jlab.jiriaf.jrm.workflow.WorkflowWatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the poller when the server says that something has changed. Only replica sets and sharded clusters do; with any other
 * server the poller asks at its interval. What has changed is read anew in any case: a change stream tells of documents, and
 * a workflow is three of them.
 */
final class ChangeStream {

    /** How often to ask a server that does not tell. */
    static final Duration POLL = Duration.ofSeconds(2);

    /** How often to ask a server that does, for what the stream does not tell: job ids, pings, a gap after a failover. */
    private static final Duration SAFETY_POLL = Duration.ofSeconds(10);

    private static final Duration AWAIT = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(ChangeStream.class);

    private final MongoCollection<Document> fireworks;
    private final WorkflowPoller poller;
    private @Nullable Thread thread;

    ChangeStream(Launchpad launchpad, WorkflowPoller poller) {
        // The stream waits as long as nothing happens; only the others' commands are bounded in time.
        this.fireworks = launchpad.fireworks.withTimeout(0, TimeUnit.MILLISECONDS);
        this.poller = poller;
    }

    WorkflowWatch subscribe(WorkflowListener listener) {
        WorkflowWatch watch = poller.subscribe(listener);
        start();
        return watch;
    }

    private synchronized void start() {
        if (thread == null) {
            thread = new Thread(this::run, "jrm-workflow-watch-stream");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run() {
        while (goesOn()) {
            try {
                follow();
            } catch (MongoException e) {
                LOG.debug(
                        "No change stream in database {}: asking every {}",
                        fireworks.getNamespace().getDatabaseName(),
                        POLL,
                        e);
                poller.every(POLL);
                poller.wake();
                if (!RetryingCalls.isConnectionLost(e)) {
                    // It has none, and will not learn.
                    poller.awaitUnwatched();
                }
            }
        }
    }

    private synchronized boolean goesOn() {
        if (poller.isWatched()) {
            return true;
        }
        thread = null;
        return false;
    }

    /** Fireworks are enough: no state changes without one of them, and their ids are all that is asked for. */
    private void follow() {
        var changes = fireworks
                .watch(List.of(Aggregates.project(Projections.include("documentKey"))))
                .maxAwaitTime(AWAIT.toMillis(), TimeUnit.MILLISECONDS);
        try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> cursor = changes.cursor()) {
            poller.every(SAFETY_POLL);
            poller.wake();
            while (poller.isWatched()) {
                long asked = System.nanoTime();
                if (cursor.tryNext() != null) {
                    poller.wake();
                } else if (System.nanoTime() - asked < AWAIT.toNanos() / 10) {
                    // This server does not wait.
                    LockSupport.parkNanos(AWAIT.toNanos() / 10);
                }
            }
        }
    }
}
