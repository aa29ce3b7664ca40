package org.jlab.jiriaf.jrm.app.serve;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmScheduler;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/**
 * What Slurm says of jobs that have not started yet. Whoever asks never waits: he gets the latest answer that is known, and the
 * login node is asked in the background, for each job now and then only. Thread-safe.
 */
public final class QueueReasons implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Sites do not like to be asked for their queue all the time. */
    private static final Duration INTERVAL = Duration.ofSeconds(20);

    private static final Duration FORGOTTEN = INTERVAL.multipliedBy(10);

    private final TunnelManager tunnels;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "jrm-queue");
        thread.setDaemon(true);
        return thread;
    });

    private record Answer(Instant asked, String words) {}

    /**
     * Asks nobody yet.
     *
     * @param tunnels how login nodes are reached; not closed
     */
    public QueueReasons(TunnelManager tunnels) {
        this.tunnels = tunnels;
    }

    /**
     * What is known of the job of a workflow.
     *
     * @param workflow the workflow
     * @param route the way to its login node
     * @return such as {@code PENDING (Priority)}; empty if the job does not wait, is none of Slurm's, or nothing is known yet
     */
    public Optional<String> of(Workflow workflow, SshRoute route) {
        Launch launch = workflow.launch();
        String job = launch == null ? null : launch.jobId();
        if (workflow.state() != WorkflowState.RESERVED || job == null || !job.matches("[0-9]+")) {
            return Optional.empty();
        }
        String key = route.login() + " " + job;
        Instant now = Instant.now();
        answers.values().removeIf(answer -> answer.asked().plus(FORGOTTEN).isBefore(now));
        Answer answer = answers.compute(key, (same, latest) -> {
            if (latest != null && now.isBefore(latest.asked().plus(INTERVAL))) {
                return latest;
            }
            executor.execute(() -> {
                String words = ask(route, job);
                answers.computeIfPresent(key, (again, before) -> new Answer(before.asked(), words));
            });
            return new Answer(now, latest == null ? "" : latest.words());
        });
        return answer.words().isEmpty() ? Optional.empty() : Optional.of(answer.words());
    }

    private String ask(SshRoute route, String job) {
        try (LoginSession session = tunnels.connect(route, TIMEOUT)) {
            BatchJobStatus status =
                    new SlurmScheduler().find(session, List.of(job), TIMEOUT).get(job);
            if (status == null) {
                return "";
            }
            return status.state() + (status.reason() == null ? "" : " (" + status.reason() + ")");
        } catch (JrmException e) {
            return "not known: " + e.getMessage();
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
