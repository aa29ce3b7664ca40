package org.jlab.jiriaf.jrm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.JrmProcesses;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/**
 * The batch systems behind the login nodes of deployments: one query for all jobs of a login node, and one more for those that
 * have left its queue.
 */
final class BatchQueues {

    /** How long a login node and its batch system may take to answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Backends backends;
    private final SiteSessions sessions;

    BatchQueues(Backends backends, SiteSessions sessions) {
        this.backends = backends;
        this.sessions = sessions;
    }

    /** A deployment whose job is looked for, with its workflow as far as it is there. */
    record Sought(DeploymentRecord record, @Nullable Workflow workflow) {

        @Nullable
        String jobId() {
            Launch launch = workflow == null ? null : workflow.launch();
            return launch == null ? null : launch.jobId();
        }
    }

    private record Queue(SshRoute route, Class<?> batchSystem) {}

    /** Asks for the jobs of deployments; by name of the deployment. */
    Map<String, JobSeen> ask(List<Sought> sought) {
        Map<Queue, List<Sought>> byQueue = sought.stream()
                .collect(Collectors.groupingBy(
                        each -> new Queue(
                                each.record().route(),
                                backends.schedulerOf(each.jobId()).getClass()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        Map<String, JobSeen> seen = new HashMap<>();
        byQueue.forEach((queue, inQueue) -> seen.putAll(ask(queue.route(), inQueue)));
        return seen;
    }

    private Map<String, JobSeen> ask(SshRoute route, List<Sought> sought) {
        try {
            return sessions.in(route, TIMEOUT, session -> look(session, sought));
        } catch (JrmException e) {
            JobSeen nothing = noAnswer(e);
            return sought.stream()
                    .collect(Collectors.toMap(each -> each.record().name(), each -> nothing));
        }
    }

    private static JobSeen noAnswer(JrmException why) {
        return new JobSeen(
                why.isTransient() ? JobSeen.Kind.NO_ANSWER : JobSeen.Kind.NOBODY_TO_ASK, null, cannotBeAsked(why));
    }

    private static String cannotBeAsked(JrmException why) {
        return "its job cannot be asked for: " + why.getMessage();
    }

    /** Ends what has been seen alive; returns what it was. */
    String cancel(DeploymentRecord record, JobSeen seen, Duration timeout) {
        BatchJobStatus job = seen.job();
        return sessions.in(record.route(), TIMEOUT, session -> {
            if (job == null) {
                JrmProcesses.end(session, record.nodeNames(), timeout);
                return "its processes, which are no batch job";
            }
            backends.schedulerOf(job.id()).cancel(session, job.id(), timeout);
            return "job " + job.id();
        });
    }

    private Map<String, JobSeen> look(LoginSession session, List<Sought> sought) {
        BatchScheduler scheduler = backends.schedulerOf(sought.get(0).jobId());
        List<BatchJobStatus> jobs;
        try {
            jobs = scheduler.jobs(session, TIMEOUT);
        } catch (BatchSchedulerException e) {
            if (e.isTransient()) {
                throw e;
            }
            return lookForProcesses(session, sought, e);
        }
        Map<String, BatchJobStatus> byId = new HashMap<>();
        Map<String, BatchJobStatus> aliveByName = new HashMap<>();
        for (BatchJobStatus job : jobs) {
            byId.put(job.id(), job);
            if (!job.state().isOver()) {
                aliveByName.put(job.name(), job);
            }
        }
        TreeSet<String> missing = new TreeSet<>();
        for (Sought each : sought) {
            String id = each.jobId();
            if (id != null
                    && !byId.containsKey(id)
                    && !aliveByName.containsKey(each.record().name())) {
                missing.add(id);
            }
        }
        if (!missing.isEmpty()) {
            byId.putAll(scheduler.find(session, new ArrayList<>(missing), TIMEOUT));
        }
        return sought.stream()
                .collect(Collectors.toMap(
                        each -> each.record().name(),
                        each -> seen(each, aliveByName.get(each.record().name()), byId)));
    }

    /** Where there is no batch system, the JRMs may be processes of the host itself, which an agent there has started. */
    private static Map<String, JobSeen> lookForProcesses(
            LoginSession session, List<Sought> sought, BatchSchedulerException why) {
        Set<String> running = JrmProcesses.nodes(session, TIMEOUT);
        Map<String, JobSeen> seen = new HashMap<>();
        for (Sought each : sought) {
            if (each.jobId() != null) {
                // A batch system took it, so there is one; its command is missing for some other reason.
                seen.put(each.record().name(), new JobSeen(JobSeen.Kind.NO_ANSWER, null, cannotBeAsked(why)));
                continue;
            }
            String nodes =
                    each.record().nodeNames().stream().filter(running::contains).collect(Collectors.joining(" "));
            seen.put(
                    each.record().name(),
                    nodes.isEmpty()
                            ? noAnswer(why)
                            : new JobSeen(
                                    JobSeen.Kind.ALIVE,
                                    null,
                                    nodes + " runs on " + session.route().describe()));
        }
        return seen;
    }

    /** A job is known by its name, which no other deployment has; its id is given to another job one day. */
    private static JobSeen seen(Sought sought, @Nullable BatchJobStatus alive, Map<String, BatchJobStatus> byId) {
        if (alive != null) {
            return new JobSeen(JobSeen.Kind.ALIVE, alive, "job " + alive.id() + " is " + alive.state());
        }
        String id = sought.jobId();
        if (id == null) {
            return new JobSeen(JobSeen.Kind.NONE, null, "no job of its name is in the queue");
        }
        BatchJobStatus job = byId.get(id);
        if (job == null) {
            return new JobSeen(JobSeen.Kind.OVER, null, "job " + id + " is not in the queue any more");
        }
        if (!job.canBe(sought.record().name(), sought.record().createdOn())) {
            return new JobSeen(JobSeen.Kind.OVER, null, "job " + id + " is over, and another job has its number now");
        }
        return new JobSeen(
                job.state().isOver() ? JobSeen.Kind.OVER : JobSeen.Kind.ALIVE,
                job,
                "job " + id + " is " + job.state() + (job.reason() == null ? "" : " (" + job.reason() + ")"));
    }
}
