package org.jlab.jiriaf.jrm.launch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.launch.LaunchEvent.Kind;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the LaunchPad true about the launches of jrm at a site, whichever process of jrm made them: one question to the batch
 * system for all of them, one more for those that are over. What it remembers from one pass to the next is only what lets it
 * cancel the job of a workflow that is gone. Used by one thread at a time.
 */
final class JobTracker {

    /** How long a process that may still be alive is waited for to say what became of its submission. */
    static final Duration GRACE = Duration.ofMinutes(5);

    /** How often a run is shown to live; FireWorks' own agents do so once an hour. */
    private static final Duration PING_INTERVAL = Duration.ofMinutes(10);

    private static final int SHOWN = 100;

    /** A launch whose job is over, with what the batch system still tells of it. */
    private record Ended(LiveLaunch live, @Nullable BatchJobStatus job) {}

    private final LaunchContext context;
    private final Map<Integer, TrackedJob> followed = new ConcurrentHashMap<>();
    private final Map<Integer, Instant> pinged = new HashMap<>();

    JobTracker(LaunchContext context) {
        this.context = context;
    }

    /** Goes on to follow jobs that have just been submitted. */
    void add(Collection<TrackedJob> jobs) {
        jobs.forEach(job -> followed.put(job.launchId(), job));
    }

    /** Whether a job of that workflow is followed. May be asked by any thread. */
    boolean follows(int workflowId) {
        return followed.values().stream().anyMatch(job -> job.workflowId() == workflowId);
    }

    /** One pass; returns how many launches are alive. */
    int follow(LoginSession session) {
        WorkflowFilter alive =
                new WorkflowFilter(Set.of(WorkflowState.RESERVED, WorkflowState.RUNNING), context.category(), true);
        Map<Integer, LiveLaunch> launches = context.workflows().list(alive).stream()
                .map(LiveLaunch::of)
                .flatMap(Optional::stream)
                .collect(Collectors.toMap(LiveLaunch::id, live -> live, (one, same) -> one, LinkedHashMap::new));
        if (launches.isEmpty() && followed.isEmpty()) {
            return 0;
        }
        launches.values().removeIf(this::isGivenBack);
        List<BatchJobStatus> jobs = context.scheduler().jobs(session, context.callTimeout());
        cancelForsaken(session, launches.keySet(), jobs);
        List<Ended> ended = new ArrayList<>();
        List<LiveLaunch> missing = new ArrayList<>();
        launches.values()
                .forEach(live ->
                        job(live, jobs).ifPresentOrElse(job -> update(live, job, ended), () -> missing.add(live)));
        int returned = lookUp(session, missing, ended);
        finish(session, ended);
        pinged.keySet().retainAll(launches.keySet());
        return launches.size() - ended.size() - returned;
    }

    /** Finishes what a process that was killed had begun. */
    private boolean isGivenBack(LiveLaunch live) {
        if (live.isHalfGivenBack() && context.queue().cancel(live.id())) {
            context.event(live.workflow().name(), Kind.RETURNED, "whoever gave it back did not come to the end");
        }
        return live.isHalfGivenBack();
    }

    private static Optional<BatchJobStatus> job(LiveLaunch live, Collection<BatchJobStatus> jobs) {
        // The one that is noted; among others with the token, such as end because the launch is taken, the one that
        // lives.
        return jobs.stream()
                .filter(live::isRunBy)
                .min(Comparator.comparing((BatchJobStatus job) ->
                                !job.id().equals(live.launch().jobId()))
                        .thenComparing(job -> job.state().isOver()));
    }

    /** Cancels jobs whose workflow was deleted, paused, defused or given to somebody else. */
    private void cancelForsaken(LoginSession session, Set<Integer> launches, List<BatchJobStatus> jobs) {
        for (Iterator<TrackedJob> each = followed.values().iterator(); each.hasNext(); ) {
            TrackedJob known = each.next();
            if (launches.contains(known.launchId())) {
                continue;
            }
            boolean alive = jobs.stream()
                    .anyMatch(job -> job.id().equals(known.jobId())
                            && (known.token().equals(job.comment())
                                    || job.name().isEmpty())
                            && !job.state().isOver());
            if (alive && !cancel(session, known)) {
                continue;
            }
            // One that was paused is READY once it is resumed.
            context.queue().cancel(known.launchId());
            each.remove();
        }
    }

    /** False if it could not be cancelled: that is tried again in the next pass, and all else goes on. */
    private boolean cancel(LoginSession session, TrackedJob known) {
        try {
            context.scheduler().cancel(session, known.jobId(), context.callTimeout());
        } catch (BatchSchedulerException e) {
            context.event(known.name(), Kind.RETRYING, String.valueOf(e.getMessage()));
            return false;
        }
        context.event(known.name(), Kind.CANCELLED, "job " + known.jobId() + ", which nobody waits for any more");
        return true;
    }

    private void update(LiveLaunch live, BatchJobStatus job, List<Ended> ended) {
        if (!followed.containsKey(live.id())) {
            adopt(live, job);
        }
        if (job.state().isOver()) {
            ended.add(new Ended(live, job));
        } else if (live.isReserved() && isRunning(job)) {
            start(live, job);
        } else if (!live.isReserved()) {
            ping(live);
        }
    }

    private static boolean isRunning(BatchJobStatus job) {
        return job.state() == BatchJobState.RUNNING || job.state() == BatchJobState.COMPLETING;
    }

    /** Takes up a job that another process has submitted, perhaps without having been able to note it. */
    private void adopt(LiveLaunch live, BatchJobStatus job) {
        if (context.hasJobIds() && live.launch().jobId() == null && !noted(live, job.id())) {
            return;
        }
        followed.put(
                live.id(),
                new TrackedJob(live.id(), live.workflow().id(), live.workflow().name(), job.id(), live.token()));
    }

    private boolean noted(LiveLaunch live, String jobId) {
        try {
            context.queue().submitted(live.id(), jobId);
        } catch (WorkflowStoreException e) {
            return unlessChanged(e);
        }
        context.event(live.workflow().name(), Kind.FOUND_AGAIN, live.describe(jobId));
        return true;
    }

    private void start(LiveLaunch live, BatchJobStatus job) {
        String host = job.host() == null ? context.category() : job.host();
        try {
            context.queue().start(live.id(), context.worker(host));
            pinged.put(live.id(), context.clock().instant());
            context.event(live.workflow().name(), Kind.RUNNING, live.describe(job.id()) + " on " + host);
        } catch (WorkflowStoreException e) {
            unlessChanged(e);
        }
    }

    /** A launch that was changed by somebody else meanwhile is looked at again in the next pass. */
    private static boolean unlessChanged(WorkflowStoreException e) {
        if (e.isTransient()) {
            throw e;
        }
        return false;
    }

    private void ping(LiveLaunch live) {
        Instant now = context.clock().instant();
        Instant last = pinged.getOrDefault(live.id(), Instant.EPOCH);
        if (!last.plus(PING_INTERVAL).isAfter(now)) {
            context.queue().ping(live.id());
            pinged.put(live.id(), now);
        }
    }

    /** Finds out about launches whose jobs the queue does not show; returns how many were given back. */
    private int lookUp(LoginSession session, List<LiveLaunch> missing, List<Ended> ended) {
        List<String> ids = missing.stream()
                .map(live -> live.launch().jobId())
                .filter(Objects::nonNull)
                .filter(context.scheduler()::isJobId)
                .toList();
        Optional<Map<String, BatchJobStatus>> answer = find(session, ids);
        Map<String, BatchJobStatus> found = answer.orElse(Map.of());
        int returned = 0;
        for (LiveLaunch live : missing) {
            String jobId = live.launch().jobId();
            if (jobId != null && (!isReadable(live, jobId) || answer.isEmpty())) {
                continue;
            }
            if (jobId != null) {
                Optional<BatchJobStatus> job =
                        Optional.ofNullable(found.get(jobId)).filter(live::isRunBy);
                job.ifPresentOrElse(status -> update(live, status, ended), () -> ended.add(new Ended(live, null)));
            } else if (!live.isReserved() || followed.containsKey(live.id())) {
                ended.add(new Ended(live, null));
            } else if (isAbandoned(live) && recover(session, live, ended)) {
                returned++;
            }
        }
        return returned;
    }

    /** Of a job whose id is none of the batch system nothing is known, and nothing becomes of its launch. */
    private boolean isReadable(LiveLaunch live, String jobId) {
        boolean readable = context.scheduler().isJobId(jobId);
        if (!readable) {
            context.event(
                    live.workflow().name(),
                    Kind.RETRYING,
                    "nothing is known of its job: '" + TextRules.toOneLine(jobId, SHOWN)
                            + "' is no id of the batch system");
        }
        return readable;
    }

    /** Nothing if accounting does not answer: how those jobs ended is asked again in the next pass, and all else goes on. */
    private Optional<Map<String, BatchJobStatus>> find(LoginSession session, List<String> ids) {
        try {
            return Optional.of(context.scheduler().find(session, ids, context.callTimeout()));
        } catch (BatchSchedulerException | IllegalArgumentException e) {
            context.event(context.category(), Kind.RETRYING, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Whether whoever reserved a launch cannot be submitting its job any more. */
    private boolean isAbandoned(LiveLaunch live) {
        String host = live.launch().host();
        String self = context.self().host();
        boolean dead = host != null && LaunchToken.process(live.token(), host).isKnownDead(self);
        return dead || isOld(live);
    }

    private boolean isOld(LiveLaunch live) {
        Instant reserved = live.launch().lastPing();
        return reserved != null && !reserved.plus(GRACE).isAfter(context.clock().instant());
    }

    /**
     * Gives a launch back whose job was never submitted; what has been submitted all the same finds it given up.
     *
     * @return whether it was given back
     */
    private boolean recover(LoginSession session, LiveLaunch live, List<Ended> ended) {
        LaunchFolders.Taken taken = new LaunchFolders(session, context.callTimeout()).giveUp(live.folder());
        String jobId = taken.jobId();
        if (taken.givenUp()) {
            boolean returned = context.queue().cancel(live.id());
            if (returned) {
                context.event(live.workflow().name(), Kind.RETURNED, "no job was submitted for it");
            }
            return returned;
        }
        if (jobId != null && !isReadable(live, jobId)) {
            return false;
        }
        if (jobId != null && context.hasJobIds()) {
            noted(live, jobId);
        } else if (jobId == null ? isOld(live) : isGone(session, jobId)) {
            ended.add(new Ended(live, null));
        }
        return false;
    }

    private boolean isGone(LoginSession session, String jobId) {
        return context.scheduler()
                .find(session, List.of(jobId), context.callTimeout())
                .isEmpty();
    }

    private void finish(LoginSession session, List<Ended> ended) {
        List<LaunchFolders.Report> reports = new LaunchFolders(session, context.callTimeout())
                .reports(ended.stream().map(each -> each.live().folder()).toList());
        for (int i = 0; i < reports.size(); i++) {
            finish(session, ended.get(i), reports.get(i));
        }
    }

    private void finish(LoginSession session, Ended ended, LaunchFolders.Report report) {
        LiveLaunch live = ended.live();
        LaunchOutcome outcome = LaunchOutcome.of(ended.job(), report);
        if (!context.hasJobIds()
                && report.exitCode() == null
                && report.jobId() != null
                && isReadable(live, report.jobId())) {
            // Nobody but jrm clears up on a plain host after a script that was killed.
            context.scheduler().cancel(session, report.jobId(), context.callTimeout());
        }
        followed.remove(live.id());
        try {
            if (live.isReserved() && report.jobId() != null) {
                String host = ended.job() == null ? null : ended.job().host();
                context.queue().start(live.id(), context.worker(host == null ? context.category() : host));
            }
            context.queue().complete(live.id(), outcome.state(), outcome.reason());
        } catch (WorkflowStoreException e) {
            unlessChanged(e);
            return;
        }
        Kind kind = outcome.state() == WorkflowState.COMPLETED ? Kind.COMPLETED : Kind.FIZZLED;
        context.event(live.workflow().name(), kind, live.describe(null) + ": " + outcome.reason());
    }
}
