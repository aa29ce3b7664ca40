package org.jlab.jiriaf.jrm.launch;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a launcher works with. */
record LaunchContext(
        SiteConfig site,
        WorkflowStore workflows,
        LaunchQueue queue,
        BatchScheduler scheduler,
        ProcessIdentity self,
        Clock clock,
        Duration callTimeout,
        Consumer<LaunchEvent> onEvent) {

    private static final Logger LOG = LoggerFactory.getLogger(LaunchContext.class);

    /** FireWorks' name for a worker that has none of its own; {@code spec._fworker} is for named ones. */
    private static final String WORKER = "jrm";

    private static final String UNKNOWN_IP = "127.0.0.1";

    String category() {
        return site.jrm().site();
    }

    /** Whether jobs have ids that mean something to others; processes of a plain host do not. */
    boolean hasJobIds() {
        return site.jrm().profile().scriptStart().isBatch();
    }

    /** As whom to take and run work. As with FireWorks, the address of a host whose name is not known here is loopback. */
    LaunchQueue.Worker worker(String host) {
        return new LaunchQueue.Worker(WORKER, category(), host, UNKNOWN_IP);
    }

    void event(String subject, LaunchEvent.Kind kind, String message) {
        LaunchEvent event = new LaunchEvent(clock.instant(), subject, kind, message);
        LOG.debug("{}", event);
        try {
            onEvent.accept(event);
        } catch (RuntimeException e) {
            LOG.warn("The event listener failed on: {}", event, e);
        }
    }
}
