package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for Slurm: a job is a real process tree on this machine, with the environment that Slurm gives to a job. Its nodes
 * are addresses of the run's network. A job that is cancelled takes all its processes along.
 */
final class LocalBatchSystem implements AutoCloseable {

    /** How long a job has to end after SIGTERM; Slurm's KillWait is 30 s. */
    private static final Duration KILL_WAIT = Duration.ofSeconds(3);

    private static final int FIRST_JOB_ID = 1001;

    /**
     * Jobs begin with every signal as it is by default, as Slurm's do: a shell has what it runs in the background ignore SIGINT,
     * and whoever started this program may have done so too. What is typed at the terminal of this program, such as Ctrl-C, is
     * for this program and not for its batch system.
     */
    private static final String LAUNCHER =
            "trap '' HUP INT QUIT; set -m; env --default-signal bash \"$1\" >\"$2\" 2>&1 </dev/null & wait $!";

    /**
     * What is asked of the batch system.
     *
     * @param name name of the job
     * @param nodes number of compute nodes
     * @param limit its walltime, or null for none
     * @param script batch script
     * @param directory working directory, which also gets the output
     */
    record Request(String name, int nodes, @Nullable Duration limit, Path script, Path directory) {}

    private static final class Job {
        final Request request;
        final Path script;
        final Instant submitted = Instant.now();

        @Nullable
        Process process;

        @Nullable
        Instant started;

        boolean cancelled;

        Job(Request request, Path script) {
            this.request = request;
            this.script = script;
        }

        synchronized String state() {
            if (process == null) {
                return cancelled ? "CANCELLED" : "PENDING";
            }
            if (process.isAlive()) {
                return "RUNNING";
            }
            return cancelled ? "CANCELLED" : process.exitValue() == 0 ? "COMPLETED" : "FAILED";
        }
    }

    private final Map<String, String> environment;
    private final InetAddress firstNode;
    private final ProcessTable processes;
    private final Map<String, Job> jobs = new ConcurrentSkipListMap<>();
    private final AtomicInteger nextId = new AtomicInteger(FIRST_JOB_ID);

    /**
     * Makes a batch system without jobs.
     *
     * @param environment environment of every job, besides what Slurm sets
     * @param firstNode address of the first compute node, where batch scripts run
     * @param processes finds the processes of a job
     */
    LocalBatchSystem(Map<String, String> environment, InetAddress firstNode, ProcessTable processes) {
        this.environment = Map.copyOf(environment);
        this.firstNode = firstNode;
        this.processes = processes;
    }

    /**
     * Queues a job; {@link #start} is the next pass of the scheduler. Like Slurm it runs a copy of the script; in the copy
     * bash's {@code /dev/tcp/localhost} means the address of the first compute node, as on a host of its own.
     *
     * @return the job's id
     * @throws IOException if the script cannot be copied
     */
    String submit(Request request) throws IOException {
        String id = Integer.toString(nextId.getAndIncrement());
        Path copy = request.directory().resolve("slurm_script-" + id);
        String script = Files.readString(request.script());
        Files.writeString(copy, script.replace("/dev/tcp/localhost/", "/dev/tcp/" + firstNode.getHostAddress() + "/"));
        jobs.put(id, new Job(request, copy));
        return id;
    }

    /** Starts a job that waits, unless it has been cancelled. */
    void start(String id) {
        Job job = job(id);
        synchronized (job) {
            if (job.cancelled || job.process != null) {
                return;
            }
            Path directory = job.request.directory();
            Path output = directory.resolve("slurm-" + id + ".out");
            ProcessBuilder builder = new ProcessBuilder(
                            "bash", "-c", LAUNCHER, "job", job.script.toString(), output.toString())
                    .directory(directory.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            job.started = Instant.now();
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.environment().putAll(slurmEnvironment(id, job.request));
            end(id).ifPresent(end ->
                    builder.environment().put("SLURM_JOB_END_TIME", Long.toString(end.getEpochSecond())));
            try {
                job.process = builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot start job " + id, e);
            }
        }
    }

    private static Map<String, String> slurmEnvironment(String id, Request request) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("SLURM_JOB_ID", id);
        variables.put("SLURM_JOB_NAME", request.name());
        variables.put("SLURM_JOB_NUM_NODES", Integer.toString(request.nodes()));
        variables.put("SLURM_SUBMIT_DIR", request.directory().toString());
        variables.put("SLURM_NODEID", "0");
        variables.put("SLURM_PROCID", "0");
        variables.put("SLURMD_NODENAME", nodeName(0));
        return variables;
    }

    /**
     * Names a compute node; the stand-in for srun does the same.
     *
     * @param index number of the node in its job, from 0
     */
    static String nodeName(int index) {
        return String.format(Locale.ROOT, "nid%04d", index + 1);
    }

    /** The number of a compute node by its name. */
    static int nodeIndex(String nodeName) {
        if (!nodeName.matches("nid\\d{4}")) {
            throw new IllegalArgumentException("this is no compute node");
        }
        return Integer.parseInt(nodeName.substring(3)) - 1;
    }

    private Job job(String id) {
        Job job = jobs.get(id);
        if (job == null) {
            throw new IllegalArgumentException("Invalid job id specified: " + id);
        }
        return job;
    }

    /** The ids of all jobs, those which are over included. */
    List<String> ids() {
        return List.copyOf(jobs.keySet());
    }

    /** The state of a job in Slurm's words. */
    String state(String id) {
        return job(id).state();
    }

    /** Whether a job waits or runs. */
    boolean isQueued(String id) {
        return List.of("PENDING", "RUNNING").contains(state(id));
    }

    /** The name of a job. */
    String name(String id) {
        return job(id).request.name();
    }

    /** When a job was submitted. */
    Instant submitted(String id) {
        return job(id).submitted;
    }

    /** When a job started; empty if it waits. */
    Optional<Instant> started(String id) {
        Job job = job(id);
        synchronized (job) {
            return Optional.ofNullable(job.started);
        }
    }

    /** When a job runs into its limit; empty if it has none or has not started. */
    Optional<Instant> end(String id) {
        Job job = job(id);
        synchronized (job) {
            Duration limit = job.request.limit();
            return job.started == null || limit == null ? Optional.empty() : Optional.of(job.started.plus(limit));
        }
    }

    /** Sends a signal to all processes of a job, as {@code scancel --full} does. */
    void signal(String id, String signal) {
        Process launcher = job(id).process;
        kill(
                signal,
                processes.ofJob(id).stream()
                        .filter(process -> launcher == null || process.pid() != launcher.pid())
                        .toList());
    }

    /** Ends a job: one that waits will not start; one that runs gets SIGTERM, and SIGKILL if that does not do. */
    void cancel(String id) {
        Job job = job(id);
        synchronized (job) {
            job.cancelled = true;
        }
        signal(id, "TERM");
        if (!Polling.until(() -> hasEnded(id), KILL_WAIT)) {
            processes.ofJob(id).forEach(ProcessHandle::destroyForcibly);
            boolean unused = Polling.until(() -> hasEnded(id), KILL_WAIT);
        }
    }

    /** A process is gone a moment before this one learns of it. */
    private boolean hasEnded(String id) {
        Process launcher = job(id).process;
        return processes.ofJob(id).isEmpty() && (launcher == null || !launcher.isAlive());
    }

    private static void kill(String signal, Collection<ProcessHandle> targets) {
        if (targets.isEmpty()) {
            return;
        }
        String pids =
                targets.stream().map(process -> Long.toString(process.pid())).collect(Collectors.joining(" "));
        try {
            Process kill = new ProcessBuilder("bash", "-c", "kill -s \"$1\" $2", "kill", signal, pids)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean unused = kill.waitFor(KILL_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot send signal " + signal, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends all jobs. */
    @Override
    public void close() {
        ids().forEach(this::cancel);
    }
}
