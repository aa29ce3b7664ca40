package org.jlab.jiriaf.jrm.workflow;

import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore.Entry;
import org.jspecify.annotations.Nullable;

/** The agent's side of {@link InMemoryWorkflowStore}; guarded by the map of workflows that the two share. */
final class InMemoryLaunchQueue implements LaunchQueue {

    private static final class Attempt {

        final int id;
        final int workflowId;
        final String launchDir;
        WorkflowState state = WorkflowState.RESERVED;
        String host;

        @Nullable
        String jobId;

        @Nullable
        Instant startedAt;

        @Nullable
        Instant endedAt;

        @Nullable
        Instant lastPing;

        @Nullable
        String message;

        Attempt(int id, int workflowId, String launchDir, String host, Instant reservedAt) {
            this.id = id;
            this.workflowId = workflowId;
            this.launchDir = launchDir;
            this.host = host;
            this.lastPing = reservedAt;
        }

        Launch view() {
            return new Launch(id, workflowId, state, launchDir, host, jobId, startedAt, endedAt, lastPing, message);
        }
    }

    private final Clock clock;
    private final SortedMap<Integer, Entry> workflows;
    private final Map<Integer, Attempt> attempts = new HashMap<>();
    private int nextLaunchId = 1;

    InMemoryLaunchQueue(Clock clock, SortedMap<Integer, Entry> workflows) {
        this.clock = clock;
        this.workflows = workflows;
    }

    @Override
    public Optional<Reservation> reserve(Worker worker, String launchDir, Set<Integer> except) {
        synchronized (workflows) {
            return workflows.values().stream()
                    .filter(entry -> entry.state == WorkflowState.READY
                            && !except.contains(entry.id)
                            && entry.draft.category().equals(worker.category()))
                    .findFirst()
                    .map(entry -> reserve(entry, worker, launchDir));
        }
    }

    private Reservation reserve(Entry entry, Worker worker, String launchDir) {
        Instant now = clock.instant();
        Attempt attempt = new Attempt(nextLaunchId++, entry.id, launchDir, worker.host(), now);
        attempts.put(attempt.id, attempt);
        entry.launches.add(attempt.id);
        entry.become(WorkflowState.RESERVED, now);
        WorkflowDraft draft = entry.draft;
        return new Reservation(attempt.view(), draft.name(), draft.queue(), draft.tasks());
    }

    @Override
    public void submitted(int launchId, String jobId) {
        synchronized (workflows) {
            Attempt attempt = get(launchId, "note the batch job of");
            if (attempt.state == WorkflowState.READY) {
                throw refused("note the batch job of", launchId, attempt.state);
            }
            attempt.jobId = jobId;
        }
    }

    @Override
    public void start(int launchId, Worker worker) {
        synchronized (workflows) {
            Attempt attempt = get(launchId, "start");
            Entry entry = holder(attempt);
            if (attempt.state != WorkflowState.RESERVED || entry == null || entry.state != WorkflowState.RESERVED) {
                throw refused("start", launchId, entry == null ? attempt.state : entry.state);
            }
            Instant now = clock.instant();
            attempt.state = WorkflowState.RUNNING;
            attempt.host = worker.host();
            attempt.startedAt = now;
            attempt.lastPing = now;
            entry.become(WorkflowState.RUNNING, now);
        }
    }

    @Override
    public boolean ping(int launchId) {
        synchronized (workflows) {
            Attempt attempt = attempts.get(launchId);
            if (attempt == null || attempt.state != WorkflowState.RUNNING) {
                return false;
            }
            attempt.lastPing = clock.instant();
            return true;
        }
    }

    @Override
    public void complete(int launchId, WorkflowState state, String message) {
        if (state != WorkflowState.COMPLETED && state != WorkflowState.FIZZLED) {
            throw new IllegalArgumentException("A launch ends COMPLETED or FIZZLED, not " + state);
        }
        synchronized (workflows) {
            Attempt attempt = get(launchId, "complete");
            if (attempt.state == state) {
                return;
            }
            if (attempt.state == WorkflowState.COMPLETED || attempt.state == WorkflowState.READY) {
                throw refused("complete", launchId, attempt.state);
            }
            Instant now = clock.instant();
            attempt.state = state;
            attempt.message = message;
            attempt.lastPing = null;
            attempt.endedAt = attempt.endedAt == null ? now : attempt.endedAt;
            Entry entry = holder(attempt);
            if (entry != null && !entry.isHeld()) {
                entry.become(state, now);
            }
        }
    }

    @Override
    public boolean cancel(int launchId) {
        synchronized (workflows) {
            Attempt attempt = attempts.get(launchId);
            if (attempt == null || attempt.state != WorkflowState.RESERVED) {
                return false;
            }
            attempt.state = WorkflowState.READY;
            attempt.lastPing = null;
            Entry entry = holder(attempt);
            if (entry != null && entry.state == WorkflowState.RESERVED) {
                entry.launches.clear();
                entry.become(WorkflowState.READY, clock.instant());
            } else if (entry != null && entry.state == WorkflowState.PAUSED) {
                entry.launches.clear();
            }
            return true;
        }
    }

    /** The launch as others see it, or null if there is none. */
    @Nullable
    Launch find(int launchId) {
        Attempt attempt = attempts.get(launchId);
        return attempt == null ? null : attempt.view();
    }

    void forget(int workflowId) {
        attempts.values().removeIf(attempt -> attempt.workflowId == workflowId);
    }

    private Attempt get(int launchId, String what) {
        Attempt attempt = attempts.get(launchId);
        if (attempt == null) {
            throw new WorkflowStoreException(
                    "Cannot " + what + " launch " + launchId + " in memory: there is none. Was its workflow deleted?",
                    null,
                    false);
        }
        return attempt;
    }

    /** The workflow whose present launch this is; a launch that a rerun has archived is nobody's. */
    private @Nullable Entry holder(Attempt attempt) {
        Entry entry = workflows.get(attempt.workflowId);
        return entry != null && entry.launches.contains(attempt.id) ? entry : null;
    }

    private static WorkflowStoreException refused(String what, int launchId, WorkflowState state) {
        return new WorkflowStoreException(
                "Cannot " + what + " launch " + launchId + " in memory: it is " + state
                        + ". Leave it to its new owner.",
                null,
                false);
    }
}
