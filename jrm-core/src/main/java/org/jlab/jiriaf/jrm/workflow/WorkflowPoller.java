package org.jlab.jiriaf.jrm.workflow;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves any number of listeners with one question to the store at a time: at an interval, and at once when it is woken. Its
 * thread exists only while somebody listens. For stores; thread-safe.
 */
public final class WorkflowPoller {

    private static final Logger LOG = LoggerFactory.getLogger(WorkflowPoller.class);

    private final Supplier<List<Workflow>> deployments;
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private Duration interval;
    private boolean woken;
    private @Nullable Thread thread;

    /**
     * Makes a poller that does nothing yet.
     *
     * @param deployments asks the store for all deployments
     * @param interval how often to ask
     */
    public WorkflowPoller(Supplier<List<Workflow>> deployments, Duration interval) {
        this.deployments = deployments;
        this.interval = interval;
    }

    /** Asks the store as soon as possible: something has changed. */
    public synchronized void wake() {
        woken = true;
        notifyAll();
    }

    /**
     * Changes how often the store is asked, from the next time on.
     *
     * @param newInterval the interval
     */
    public synchronized void every(Duration newInterval) {
        interval = newInterval;
    }

    /**
     * Tells whether anybody listens.
     *
     * @return whether there is a watch that is not closed
     */
    public boolean isWatched() {
        return !subscriptions.isEmpty();
    }

    /** Waits until nobody listens any more. */
    public synchronized void awaitUnwatched() {
        while (isWatched()) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /**
     * Adds a listener, which is told of all deployments that there are and then of each change.
     *
     * @param listener the listener
     * @return the watch, to be closed
     */
    public synchronized WorkflowWatch subscribe(WorkflowListener listener) {
        Subscription subscription = new Subscription(listener);
        subscriptions.add(subscription);
        wake();
        if (thread == null) {
            thread = new Thread(this::run, "jrm-workflow-watch");
            thread.setDaemon(true);
            thread.start();
        }
        return subscription;
    }

    private void run() {
        while (awaitWork()) {
            try {
                List<Workflow> present = deployments.get();
                subscriptions.forEach(subscription -> subscription.tell(present));
            } catch (RuntimeException e) {
                // A store that is closed meanwhile says so in its driver's way; if nobody listens any more, nobody
                // minds.
                WorkflowStoreException failure = e instanceof WorkflowStoreException known
                        ? known
                        : new WorkflowStoreException("Cannot look at the workflows: " + e.getMessage(), e, true);
                subscriptions.forEach(subscription -> subscription.fail(failure));
            }
        }
    }

    /** Waits until it is time to ask; false, and no thread any more, when nobody listens. */
    private synchronized boolean awaitWork() {
        long deadline = System.nanoTime() + interval.toNanos();
        while (!woken && isWatched()) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                break;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                // Nobody but this class knows the thread; it ends when nobody listens.
                LOG.debug("Interrupted for no reason", e);
            }
        }
        woken = false;
        if (!isWatched()) {
            thread = null;
            return false;
        }
        return true;
    }

    private final class Subscription implements WorkflowWatch {

        private final WorkflowListener listener;
        private final Map<Integer, Workflow> known = new HashMap<>();
        private boolean failing;

        Subscription(WorkflowListener listener) {
            this.listener = listener;
        }

        void tell(List<Workflow> present) {
            failing = false;
            Set<Integer> gone = new HashSet<>(known.keySet());
            for (Workflow workflow : present) {
                gone.remove(workflow.id());
                if (!workflow.equals(known.put(workflow.id(), workflow))) {
                    call(() -> listener.changed(workflow));
                }
            }
            for (int id : gone) {
                known.remove(id);
                call(() -> listener.deleted(id));
            }
        }

        void fail(WorkflowStoreException failure) {
            if (!failing) {
                failing = true;
                call(() -> listener.failed(failure));
            }
        }

        /** One listener's fault is not the others'. */
        private void call(Runnable listenerCall) {
            if (!subscriptions.contains(this)) {
                return;
            }
            try {
                listenerCall.run();
            } catch (RuntimeException e) {
                LOG.warn("A listener for workflows failed; it will be told of later changes all the same", e);
            }
        }

        @Override
        public void close() {
            if (subscriptions.remove(this)) {
                wake();
            }
        }
    }
}
