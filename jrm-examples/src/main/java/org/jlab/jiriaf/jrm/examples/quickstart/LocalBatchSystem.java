package org.jlab.jiriaf.jrm.examples.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for Slurm: a job is a real process group on this machine, with the environment that Slurm gives to a job. Its nodes
 * are addresses of the run's network. A job that is cancelled takes all its processes along.
 */
final class LocalBatchSystem implements AutoCloseable {

    /** How long a job has to end after SIGTERM; Slurm's KillWait is 30 s. */
    private static final Duration KILL_WAIT = Duration.ofSeconds(3);

    private static final int FIRST_JOB_ID = 1001;

    /** Job control puts the job into a process group of its own, whose id is printed. */
    private static final String LAUNCHER = "set -m; bash \"$1\" >\"$2\" 2>&1 </dev/null & echo $!; wait $!";

    /** What the batch system knows of a job. */
    private static final class Job {
        final String name;
        final int nodes;
        final Path script;
        final Path directory;

        @Nullable
        Process process;

        long group;
        boolean cancelled;

        Job(String name, int nodes, Path script, Path directory) {
            this.name = name;
            this.nodes = nodes;
            this.script = script;
            this.directory = directory;
        }

        synchronized boolean isOver() {
            return process == null ? cancelled : !process.isAlive();
        }
    }

    private final Map<String, String> environment;
    private final InetAddress firstNode;
    private final ProcessTable processes;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
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
    String submit(String name, int nodes, Path script, Path directory) throws IOException {
        String id = Integer.toString(nextId.getAndIncrement());
        Path copy = directory.resolve("slurm_script-" + id);
        Files.writeString(
                copy,
                Files.readString(script)
                        .replace("/dev/tcp/localhost/", "/dev/tcp/" + firstNode.getHostAddress() + "/"));
        jobs.put(id, new Job(name, nodes, copy, directory));
        return id;
    }

    /** Starts a job that waits, unless it has been cancelled. */
    void start(String id) {
        Job job = job(id);
        synchronized (job) {
            if (job.cancelled || job.process != null) {
                return;
            }
            ProcessBuilder builder = new ProcessBuilder(
                            "bash",
                            "-c",
                            LAUNCHER,
                            "job",
                            job.script.toString(),
                            job.directory.resolve("slurm-" + id + ".out").toString())
                    .directory(job.directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.environment().putAll(slurmEnvironment(id, job));
            try {
                job.process = builder.start();
                job.group = Long.parseLong(job.process
                        .inputReader(StandardCharsets.US_ASCII)
                        .readLine()
                        .strip());
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot start job " + id, e);
            }
        }
    }

    private static Map<String, String> slurmEnvironment(String id, Job job) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("SLURM_JOB_ID", id);
        variables.put("SLURM_JOBID", id);
        variables.put("SLURM_JOB_NAME", job.name);
        variables.put("SLURM_JOB_NUM_NODES", Integer.toString(job.nodes));
        variables.put("SLURM_NNODES", Integer.toString(job.nodes));
        variables.put("SLURM_SUBMIT_DIR", job.directory.toString());
        variables.put("SLURM_NODEID", "0");
        variables.put("SLURM_PROCID", "0");
        variables.put("SLURM_LOCALID", "0");
        variables.put("SLURMD_NODENAME", nodeName(0));
        return variables;
    }

    /**
     * Names a compute node; the stand-in for srun does the same.
     *
     * @param index number of the node in its job, from 0
     */
    static String nodeName(int index) {
        return String.format(java.util.Locale.ROOT, "nid%04d", index + 1);
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

    /** The state of a job, as squeue has it, or empty when squeue would not list it any more. */
    String state(String id) {
        Job job = jobs.get(id);
        if (job == null || job.isOver()) {
            return "";
        }
        synchronized (job) {
            return job.process == null ? "PENDING" : "RUNNING";
        }
    }

    /** The name of a job. */
    String name(String id) {
        return job(id).name;
    }

    /** Sends a signal to all processes of a running job. */
    void signal(String id, String signal) {
        Job job = job(id);
        if (!job.isOver() && job.group > 0) {
            run("kill -" + signal + " -- -" + job.group);
        }
    }

    /** Ends a job: one that waits will not start; one that runs gets SIGTERM, and SIGKILL if that does not do. */
    void cancel(String id) {
        Job job = job(id);
        synchronized (job) {
            job.cancelled = true;
            if (job.process == null) {
                return;
            }
        }
        signal(id, "TERM");
        if (!waitFor(job, KILL_WAIT)) {
            signal(id, "KILL");
            waitFor(job, KILL_WAIT);
        }
        // Whatever left the process group still has the job's environment.
        processes.ofJob(id).forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean waitFor(Job job, Duration timeout) {
        try {
            Process process = job.process;
            return process == null || process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void run(String command) {
        try {
            new ProcessBuilder("bash", "-c", command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run: " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends all jobs. */
    @Override
    public void close() {
        List.copyOf(jobs.keySet()).forEach(this::cancel);
    }
}
