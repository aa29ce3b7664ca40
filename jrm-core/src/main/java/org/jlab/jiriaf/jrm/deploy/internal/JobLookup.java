package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.JrmProcesses;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord.BatchSystem;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/**
 * The batch systems behind the login nodes of deployments: one query for all jobs of a login node, and one more for those that
 * have left its queue.
 */
final class JobLookup {

    /** How long a login node and its batch system may take to answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final int SHOWN = 100;

    private final Backends backends;
    private final SiteSessions sessions;

    JobLookup(Backends backends, SiteSessions sessions) {
        this.backends = backends;
        this.sessions = sessions;
    }

    /** A deployment whose job is looked for, with its workflow as far as it is there. */
    record Sought(DeploymentRecord record, @Nullable Workflow workflow) {

        String name() {
            return record.name();
        }

        @Nullable
        String jobId() {
            Launch launch = workflow == null ? null : workflow.launch();
            return launch == null ? null : launch.jobId();
        }
    }

    private record Queue(SshRoute route, Class<?> batchSystem) {}

    /** Jobs by id, and by name as far as they are alive. */
    private record Jobs(Map<String, BatchJobStatus> byId, Map<String, BatchJobStatus> aliveByName) {

        static Jobs of(List<BatchJobStatus> jobs) {
            Jobs all = new Jobs(new HashMap<>(), new HashMap<>());
            for (BatchJobStatus job : jobs) {
                all.byId.put(job.id(), job);
                if (!job.state().isOver()) {
                    all.aliveByName.put(job.name(), job);
                }
            }
            return all;
        }

        boolean lacks(Sought sought) {
            String id = sought.jobId();
            return id != null && !byId.containsKey(id) && !aliveByName.containsKey(sought.name());
        }
    }

    /** Asks for the jobs of deployments; by name of the deployment. */
    Map<String, JobObservation> ask(List<Sought> sought) {
        Map<Queue, List<Sought>> byQueue = sought.stream()
                .collect(Collectors.groupingBy(
                        each -> new Queue(each.record().route(), scheduler(each).getClass()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        Map<String, JobObservation> seen = new HashMap<>();
        byQueue.forEach((queue, inQueue) -> seen.putAll(ask(queue.route(), inQueue)));
        return seen;
    }

    private BatchScheduler scheduler(Sought sought) {
        return backends.schedulerOf(sought.record(), sought.jobId());
    }

    /** A login that is refused is no answer either: its key, certificate or password can be renewed. */
    private Map<String, JobObservation> ask(SshRoute route, List<Sought> sought) {
        try {
            return sessions.in(route, TIMEOUT, session -> look(session, sought));
        } catch (JrmException | IllegalArgumentException e) {
            JobObservation unknown = unknown(JobObservation.Kind.NO_ANSWER, e);
            return sought.stream().collect(Collectors.toMap(Sought::name, each -> unknown));
        }
    }

    private static JobObservation unknown(JobObservation.Kind kind, RuntimeException why) {
        return new JobObservation(kind, null, "its job cannot be asked for: " + why.getMessage());
    }

    /** Ends what has been seen alive; returns what it was. */
    String cancel(DeploymentRecord record, JobObservation seen, Duration timeout) {
        BatchJobStatus job = seen.job();
        return sessions.in(record.route(), TIMEOUT, session -> {
            if (job == null) {
                JrmProcesses.end(session, record.nodeNames(), timeout);
                return "its processes, which are no batch job";
            }
            backends.schedulerOf(record, job.id()).cancel(session, job.id(), timeout);
            return "job " + job.id();
        });
    }

    private Map<String, JobObservation> look(LoginSession session, List<Sought> sought) {
        BatchScheduler scheduler = scheduler(sought.get(0));
        Jobs jobs;
        try {
            jobs = Jobs.of(scheduler.jobs(session, TIMEOUT));
        } catch (BatchSchedulerException e) {
            if (e.isTransient()) {
                throw e;
            }
            return lookForProcesses(session, sought, unknown(JobObservation.Kind.NOBODY_TO_ASK, e));
        }
        Map<String, JobObservation> seen = new HashMap<>();
        Set<String> missing = new TreeSet<>();
        for (Sought each : sought) {
            String id = each.jobId();
            if (id != null && jobs.lacks(each)) {
                if (scheduler.isJobId(id)) {
                    missing.add(id);
                } else {
                    seen.put(each.name(), unreadable(each, id));
                }
            }
        }
        if (!missing.isEmpty()) {
            jobs.byId().putAll(scheduler.find(session, List.copyOf(missing), TIMEOUT));
        }
        sought.forEach(each -> seen.computeIfAbsent(each.name(), name -> seen(each, jobs)));
        seen.putAll(lookForProcesses(session, onHostsWithoutJob(sought, seen)));
        return seen;
    }

    /** Fails one deployment alone. */
    private JobObservation unreadable(Sought sought, String jobId) {
        String words = unreadable(jobId);
        backends.event(
                sought.name(),
                DeploymentStep.RECONCILE,
                DeploymentEvent.Kind.FAILED,
                "nothing is known of its job in this pass: " + words);
        return new JobObservation(JobObservation.Kind.NO_ANSWER, null, words);
    }

    /** Says why nothing can be known of a job whose id is none of its batch system, and what to do. */
    static String unreadable(String jobId) {
        return "the id of its job in the LaunchPad, '" + TextRules.toOneLine(jobId, SHOWN)
                + "', is no id of its batch system; make sure that the job is over at the site, then defuse the workflow"
                + " and delete it";
    }

    private static List<Sought> onHostsWithoutJob(List<Sought> sought, Map<String, JobObservation> seen) {
        return sought.stream()
                .filter(each -> each.record().batchSystem() == BatchSystem.HOST)
                .filter(each -> JobObservation.NONE.equals(seen.get(each.name())))
                .toList();
    }

    private static Map<String, JobObservation> lookForProcesses(LoginSession session, List<Sought> sought) {
        return sought.isEmpty() ? Map.of() : lookForProcesses(session, sought, JobObservation.NONE);
    }

    /**
     * Where there is no batch system, the JRMs may be processes of the host itself, which an agent there has started.
     *
     * @param otherwise what is known of a deployment that has none
     */
    private static Map<String, JobObservation> lookForProcesses(
            LoginSession session, List<Sought> sought, JobObservation otherwise) {
        Set<String> running = JrmProcesses.nodes(session, TIMEOUT);
        Map<String, JobObservation> seen = new HashMap<>();
        for (Sought each : sought) {
            String nodes =
                    each.record().nodeNames().stream().filter(running::contains).collect(Collectors.joining(" "));
            if (each.jobId() != null) {
                // A batch system took it, so there is one; its command is missing for some other reason.
                seen.put(each.name(), new JobObservation(JobObservation.Kind.NO_ANSWER, null, otherwise.words()));
            } else if (nodes.isEmpty()) {
                seen.put(each.name(), otherwise);
            } else {
                String words = nodes + " runs on " + session.route().describe();
                seen.put(each.name(), new JobObservation(JobObservation.Kind.ALIVE, null, words));
            }
        }
        return seen;
    }

    /** A job is known by its name, which no other deployment has; its id is given to another job one day. */
    private static JobObservation seen(Sought sought, Jobs jobs) {
        BatchJobStatus alive = jobs.aliveByName().get(sought.name());
        if (alive != null) {
            return new JobObservation(JobObservation.Kind.ALIVE, alive, "job " + alive.id() + " is " + alive.state());
        }
        String id = sought.jobId();
        if (id == null) {
            return JobObservation.NONE;
        }
        BatchJobStatus job = jobs.byId().get(id);
        if (job == null) {
            return new JobObservation(JobObservation.Kind.OVER, null, "job " + id + " is not in the queue any more");
        }
        if (!job.canBe(sought.name(), sought.record().createdOn())) {
            return new JobObservation(
                    JobObservation.Kind.OVER, null, "job " + id + " is over, and another job has its number now");
        }
        return new JobObservation(
                job.state().isOver() ? JobObservation.Kind.OVER : JobObservation.Kind.ALIVE,
                job,
                "job " + id + " is " + job.state() + (job.reason() == null ? "" : " (" + job.reason() + ")"));
    }
}
