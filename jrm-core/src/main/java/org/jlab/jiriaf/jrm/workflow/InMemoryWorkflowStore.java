package org.jlab.jiriaf.jrm.workflow;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.InMemoryDeploymentJournal;
import org.jlab.jiriaf.jrm.port.InMemoryPortLeaseStore;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.jspecify.annotations.Nullable;

/**
 * A LaunchPad in the memory of this process, with the states and rules of a real one: for tests, examples and dry runs.
 * Everything is gone with the object. Thread-safe.
 */
public final class InMemoryWorkflowStore implements WorkflowStore {

    /** A workflow and what became of it. */
    static final class Entry {

        final int id;
        final WorkflowDraft draft;
        final Instant createdOn;
        final List<Integer> launches = new ArrayList<>();
        WorkflowState state = WorkflowState.READY;
        Instant updatedOn;

        Entry(int id, WorkflowDraft draft, Instant createdOn) {
            this.id = id;
            this.draft = draft;
            this.createdOn = createdOn;
            this.updatedOn = createdOn;
        }

        /** PAUSED, DEFUSED and ARCHIVED stay until somebody asks otherwise. */
        boolean isHeld() {
            return state == WorkflowState.PAUSED || state == WorkflowState.DEFUSED || state == WorkflowState.ARCHIVED;
        }

        void become(WorkflowState next, Instant now) {
            state = next;
            updatedOn = now;
        }
    }

    private final Clock clock;
    private final InMemoryPortLeaseStore portLeases;
    private final InMemoryDeploymentJournal deploymentJournal = new InMemoryDeploymentJournal();
    private final SortedMap<Integer, Entry> workflows = new TreeMap<>();
    private final InMemoryLaunchQueue launchQueue;
    private final WorkflowPoller poller =
            new WorkflowPoller(() -> list(WorkflowFilter.DEPLOYMENTS), Duration.ofMillis(100));
    private int nextId = 1;

    /** Makes an empty store on the system clock. */
    public InMemoryWorkflowStore() {
        this(Clock.systemUTC());
    }

    /**
     * Makes an empty store.
     *
     * @param clock what the dates in it are taken from
     */
    public InMemoryWorkflowStore(Clock clock) {
        this.clock = clock;
        this.portLeases = new InMemoryPortLeaseStore(clock);
        this.launchQueue = new InMemoryLaunchQueue(clock, workflows);
    }

    @Override
    public int add(WorkflowDraft draft) {
        synchronized (workflows) {
            int id = nextId++;
            workflows.put(id, new Entry(id, draft, clock.instant()));
            return id;
        }
    }

    @Override
    public List<Integer> addAll(List<WorkflowDraft> drafts) {
        return drafts.stream().map(this::add).toList();
    }

    /** Anything fits. */
    @Override
    public void checkFits(WorkflowDraft draft) {}

    @Override
    public Optional<Workflow> find(int id) {
        synchronized (workflows) {
            return Optional.ofNullable(workflows.get(id)).map(this::view);
        }
    }

    @Override
    public List<Workflow> list(WorkflowFilter filter) {
        synchronized (workflows) {
            return workflows.values().stream()
                    .filter(entry ->
                            filter.states().isEmpty() || filter.states().contains(entry.state))
                    .filter(entry ->
                            filter.category() == null || filter.category().equals(entry.draft.category()))
                    .map(this::view)
                    .toList();
        }
    }

    @Override
    public boolean delete(int id) {
        synchronized (workflows) {
            launchQueue.forget(id);
            return workflows.remove(id) != null;
        }
    }

    @Override
    public List<Integer> repair() {
        return List.of();
    }

    /** {@inheritDoc} Each change here is done before anybody else can look. */
    @Override
    public Set<Integer> locked(Collection<Integer> ids) {
        return Set.of();
    }

    @Override
    public boolean pause(int id) {
        return change(id, Set.of(WorkflowState.READY, WorkflowState.RESERVED), WorkflowState.PAUSED, false);
    }

    @Override
    public boolean resume(int id) {
        synchronized (workflows) {
            Entry entry = workflows.get(id);
            WorkflowState next =
                    entry == null || entry.launches.isEmpty() ? WorkflowState.READY : WorkflowState.RESERVED;
            return change(id, Set.of(WorkflowState.PAUSED), next, false);
        }
    }

    @Override
    public boolean defuse(int id) {
        return change(id, EnumSet.complementOf(EnumSet.of(WorkflowState.ARCHIVED)), WorkflowState.DEFUSED, true);
    }

    @Override
    public boolean reignite(int id) {
        return change(id, Set.of(WorkflowState.DEFUSED), WorkflowState.READY, false);
    }

    @Override
    public boolean rerun(int id) {
        return change(
                id,
                EnumSet.complementOf(EnumSet.of(WorkflowState.ARCHIVED, WorkflowState.DEFUSED)),
                WorkflowState.READY,
                true);
    }

    @Override
    public boolean archive(int id) {
        return change(id, EnumSet.allOf(WorkflowState.class), WorkflowState.ARCHIVED, true);
    }

    private boolean change(int id, Set<WorkflowState> from, WorkflowState to, boolean endsLaunches) {
        synchronized (workflows) {
            Entry entry = workflows.get(id);
            if (entry == null || !from.contains(entry.state)) {
                return false;
            }
            if (endsLaunches) {
                entry.launches.clear();
            }
            entry.become(to, clock.instant());
            return true;
        }
    }

    @Override
    public WorkflowWatch watch(WorkflowListener listener) {
        return poller.subscribe(listener);
    }

    @Override
    public LaunchQueue launchQueue() {
        return launchQueue;
    }

    @Override
    public PortLeaseStore portLeases() {
        return portLeases;
    }

    private Workflow view(Entry entry) {
        WorkflowDraft draft = entry.draft;
        return new Workflow(
                entry.id,
                draft.name(),
                entry.state,
                draft.category(),
                entry.createdOn,
                entry.updatedOn,
                draft.queue().walltime(),
                draft.jrms(),
                draft.ssh(),
                presentLaunch(entry),
                draft.metadata());
    }

    private @Nullable Launch presentLaunch(Entry entry) {
        return entry.launches.isEmpty() ? null : launchQueue.find(entry.launches.get(entry.launches.size() - 1));
    }

    @Override
    public DeploymentJournal deploymentJournal() {
        return deploymentJournal;
    }
}
