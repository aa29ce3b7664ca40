package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.site.Walltime;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for FireWorks' {@code qlaunch -r rapidfire} on the login node: takes workflows of its category from the LaunchPad
 * and submits a batch job for each. It reaches the LaunchPad only through the tunnel that the deployment opened, so before a
 * deployment and after it there is nobody to talk to, which is no error.
 */
final class SiteAgent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SiteAgent.class);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    private final LaunchpadConnection launchpad;
    private final LaunchQueue.Worker worker;
    private final LocalBatchSystem batch;
    private final Path launchFolder;
    private final Map<String, Integer> launches = new ConcurrentHashMap<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;

    /**
     * Starts the agent.
     *
     * @param launchpad connection to the LaunchPad's port on the login node; closed by the agent
     * @param worker as whom it takes work
     * @param batch where it submits
     * @param launchFolder folder that gets one launch folder per job
     */
    SiteAgent(LaunchpadConnection launchpad, LaunchQueue.Worker worker, LocalBatchSystem batch, Path launchFolder) {
        this.launchpad = launchpad;
        this.worker = worker;
        this.batch = batch;
        this.launchFolder = launchFolder;
        this.thread = new Thread(this::run, "quickstart-agent");
        thread.setDaemon(true);
        thread.start();
    }

    /** The launch that a job runs, or null if the job is none of this agent's. */
    @Nullable
    Integer launchOf(String jobId) {
        return launches.get(jobId);
    }

    private void run() {
        try {
            for (int next = 1; !stop.await(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS); ) {
                if (launchOne(launchFolder.resolve(String.format(Locale.ROOT, "launcher_%03d", next)))) {
                    next++;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("The site agent is interrupted", e);
        }
    }

    private boolean launchOne(Path folder) {
        try {
            LaunchQueue queue = launchpad.store().launchQueue();
            LaunchQueue.Reservation reservation =
                    queue.reserve(worker, folder.toString()).orElse(null);
            if (reservation == null) {
                return false;
            }
            submit(queue, reservation, folder);
            return true;
        } catch (WorkflowStoreException e) {
            LOG.debug("The LaunchPad cannot be asked", e);
            return false;
        }
    }

    private void submit(LaunchQueue queue, LaunchQueue.Reservation reservation, Path folder) {
        int launch = reservation.launch().id();
        try {
            Files.createDirectories(folder);
            int number = 0;
            for (ScriptTask task : reservation.tasks()) {
                Files.writeString(folder.resolve(String.format(Locale.ROOT, "task-%05d.sh", ++number)), task.script());
            }
            Path script = folder.resolve("FW_submit.script");
            Files.writeString(
                    script,
                    queueScript(reservation.queue(), reservation.launch().workflowId(), folder));
            QueueSettings settings = reservation.queue();
            Duration limit = settings.walltime() == null
                    ? null
                    : Walltime.parse(settings.walltime()).limit();
            String job = batch.submit(
                    new LocalBatchSystem.Request(settings.jobName(), settings.nodes(), limit, script, folder));
            launches.put(job, launch);
            queue.submitted(launch, job);
            batch.start(job);
        } catch (IOException e) {
            // The next attempt would fare no better, so it stays RESERVED.
            LOG.warn("Cannot submit launch {} from {}", launch, folder, e);
        }
    }

    /** The queue script, as FireWorks makes it from its template and what the workflow asks for. */
    private static String queueScript(QueueSettings queue, int fireworkId, Path folder) {
        List<String> lines = new ArrayList<>();
        lines.add("#!/bin/bash -l");
        lines.add("#SBATCH --job-name=" + queue.jobName());
        lines.add("#SBATCH --nodes=" + queue.nodes());
        addDirective(lines, "time", queue.walltime());
        addDirective(lines, "qos", queue.qos());
        addDirective(lines, "account", queue.account());
        addDirective(lines, "constraint", queue.constraint());
        addDirective(lines, "reservation", queue.reservation());
        lines.add("cd " + folder);
        if (queue.preRocket() != null) {
            lines.add(queue.preRocket());
        }
        lines.add("rlaunch singleshot --fw_id " + fireworkId);
        return String.join("\n", lines) + "\n";
    }

    private static void addDirective(List<String> lines, String option, @Nullable String value) {
        if (value != null) {
            lines.add("#SBATCH --" + option + "=" + value);
        }
    }

    /** Stops taking work and closes the connection. Jobs go on. */
    @Override
    public void close() {
        stop.countDown();
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        launchpad.close();
    }
}
