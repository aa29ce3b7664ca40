package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The LaunchPad's side of {@code rlaunch}: the script runs the tasks, this reports start, heartbeat and end, from the compute
 * node through the tunnel that the job opened.
 */
final class Rocket implements StandInServer.Command {

    private static final Logger LOG = LoggerFactory.getLogger(Rocket.class);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(5);

    private final int launchpadPort;
    private final String category;
    private final Function<String, @Nullable Integer> launchOfJob;
    private final Function<String, InetAddress> addressOf;
    private final ScheduledExecutorService timer;

    /**
     * Makes the command.
     *
     * @param launchpadPort port of the LaunchPad, the same on every host
     * @param category category of the site's worker
     * @param launchOfJob the launch that a job runs
     * @param addressOf the address of a compute node by its name
     * @param timer ticks the heartbeats
     */
    Rocket(
            int launchpadPort,
            String category,
            Function<String, @Nullable Integer> launchOfJob,
            Function<String, InetAddress> addressOf,
            ScheduledExecutorService timer) {
        this.launchpadPort = launchpadPort;
        this.category = category;
        this.launchOfJob = launchOfJob;
        this.addressOf = addressOf;
        this.timer = timer;
    }

    @Override
    public void serve(StandInCall call) throws IOException {
        Integer launch = launchOfJob.apply(call.jobId());
        if (launch == null) {
            throw new IllegalStateException("job " + call.jobId() + " runs no launch");
        }
        InetAddress node = addressOf.apply(call.host());
        LaunchQueue.Worker worker = new LaunchQueue.Worker(category, category, call.host(), node.getHostAddress());
        try (LaunchpadConnection launchpad = new LaunchpadConnection(node, launchpadPort)) {
            LaunchQueue queue = launchpad.store().launchQueue();
            queue.start(launch, worker);
            call.answer("tasks");
            ScheduledFuture<?> heartbeat = timer.scheduleWithFixedDelay(
                    () -> ping(queue, launch), 0, PING_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            String report = call.readLine();
            heartbeat.cancel(false);
            // A rocket that is killed reports nothing, and the workflow stays RUNNING, as with FireWorks.
            if (report != null) {
                int blank = report.indexOf(' ');
                queue.complete(launch, WorkflowState.valueOf(report.substring(0, blank)), report.substring(blank + 1));
                call.answer("reported");
            }
        }
    }

    private static void ping(LaunchQueue queue, int launch) {
        try {
            queue.ping(launch);
        } catch (JrmException e) {
            LOG.debug("No heartbeat of launch {}", launch, e);
        }
    }
}
