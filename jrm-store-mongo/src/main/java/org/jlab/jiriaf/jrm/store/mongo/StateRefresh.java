package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Updates;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Brings {@code fireworks.state} and the copies of it in {@code workflows} in line with the launches, under FireWorks'
 * workflow lock.
 *
 * <p>The lock is the field {@code workflows.locked}: FireWorks takes a workflow that has no such field, whatever its value. FireWorks
 * writes {@code true}; jrm writes a text with its time, so that it knows its own lock again after a lost answer, and can
 * take over one that a dead jrm has left.
 */
final class StateRefresh {

    /** How long to wait for somebody else's lock, which is held for milliseconds. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Longer than jrm can hold a lock alive; shorter than FireWorks' patience of 300 s. */
    static final Duration STALE = Duration.ofMinutes(2);

    private static final String LOCK_PREFIX = "jrm ";

    private static final Bson GRAPH_FIELDS =
            Projections.include("fw_id", "state", "launches", "archived_launches", "spec._allow_fizzled_parents");

    private static final Bson LAUNCH_FIELDS =
            Projections.include("launch_id", "state", "action.stored_data._exception._details");

    private final Launchpad launchpad;
    private final Duration patience;

    StateRefresh(Launchpad launchpad, Duration patience) {
        this.launchpad = launchpad;
        this.patience = patience;
    }

    /** Derives the state of a Firework and what depends on it anew. Nothing happens if there is no such workflow. */
    void refresh(int fireworkId) {
        locked(fireworkId, workflow -> {
            Members members = members(workflow);
            members.graph.refresh(fireworkId, members.launches);
            write(fireworkId, members, Set.of());
        });
    }

    /**
     * Makes a Firework ready to run again, with all its descendants: present launches become past ones.
     *
     * @param from only if it is in one of these states
     * @return whether it was
     */
    boolean rerun(int fireworkId, Set<WorkflowState> from) {
        return rerun(fireworkId, from, firework -> true);
    }

    /**
     * Makes a Firework ready to run again whose reservation is given back.
     *
     * @param launchId the reservation; if it is not the Firework's own any more, nothing happens
     * @return whether it was
     */
    boolean unreserve(int fireworkId, int launchId) {
        return rerun(
                fireworkId,
                Set.of(WorkflowState.RESERVED),
                firework -> WorkflowReader.launchIds(firework).contains(launchId));
    }

    private boolean rerun(int fireworkId, Set<WorkflowState> from, Predicate<Document> when) {
        boolean[] done = {false};
        locked(fireworkId, workflow -> {
            Members members = members(workflow);
            Document stored = members.stored.get(fireworkId);
            if (stored != null
                    && when.test(stored)
                    && from.contains(members.graph.states().getOrDefault(fireworkId, WorkflowState.WAITING))) {
                Set<Integer> reruns = new LinkedHashSet<>();
                rerun(fireworkId, members, reruns);
                write(fireworkId, members, reruns);
                done[0] = true;
            }
        });
        return done[0];
    }

    private static void rerun(int id, Members members, Set<Integer> reruns) {
        if (!reruns.add(id)) {
            return;
        }
        members.graph.rerun(id);
        members.graph.refresh(id, members.launches);
        for (int child : members.graph.children(id)) {
            if (members.graph.states().get(child) != WorkflowState.WAITING) {
                rerun(child, members, reruns);
            }
        }
    }

    /** The Fireworks of a workflow as they are stored, with their launches and the graph they form. */
    private record Members(Map<Integer, Document> stored, Map<Integer, Document> launches, WorkflowGraph graph) {}

    private Members members(Document workflow) {
        List<Integer> nodes = DocumentFields.integers(workflow.get("nodes"));
        List<Document> fireworks = launchpad.find(
                "read workflow " + nodes, launchpad.fireworks, Launchpad.idIn("fw_id", nodes), GRAPH_FIELDS);
        Set<Integer> ids = new LinkedHashSet<>();
        fireworks.forEach(firework -> WorkflowReader.launchIds(firework).forEach(ids::add));
        List<Document> launches = ids.isEmpty()
                ? List.of()
                : launchpad.find(
                        "read the launches of workflow " + nodes,
                        launchpad.launches,
                        Filters.in("launch_id", ids),
                        LAUNCH_FIELDS);
        List<Document> copies = new ArrayList<>();
        fireworks.forEach(firework -> copies.add(new Document(firework)));
        return new Members(
                WorkflowReader.byId("fw_id", fireworks),
                WorkflowReader.byId("launch_id", launches),
                new WorkflowGraph(workflow, copies));
    }

    private void write(int fireworkId, Members members, Set<Integer> reruns) {
        Instant now = launchpad.now();
        List<Bson> changes = new ArrayList<>();
        members.graph.states().forEach((id, state) -> {
            Document stored = Objects.requireNonNull(members.stored.get(id));
            boolean rerun = reruns.contains(id);
            boolean same = !rerun && state.name().equals(stored.get("state"));
            if (same || update(id, stored, state, rerun, members.launches, now)) {
                changes.add(Updates.set("fw_states." + id, state.name()));
            }
        });
        changes.add(Updates.set("state", members.graph.state().name()));
        if (!WorkflowGraph.isHeld(members.graph.states().get(fireworkId))) {
            changes.add(Updates.set("updated_on", FireworksDate.date(now)));
        }
        launchpad.calls.run(
                "write the state of workflow " + fireworkId,
                () -> launchpad.workflows.updateOne(Filters.eq("nodes", fireworkId), Updates.combine(changes)));
    }

    /** Only if nobody has changed the Firework since it was read; who has will refresh it himself. */
    private boolean update(
            int id, Document stored, WorkflowState state, boolean rerun, Map<Integer, Document> launches, Instant now) {
        Bson unchanged = Filters.and(
                Filters.eq("fw_id", id),
                Filters.eq("state", stored.get("state")),
                Filters.eq("launches", stored.get("launches")));
        List<Bson> changes = new ArrayList<>();
        changes.add(Updates.set("state", state.name()));
        changes.add(Updates.set("updated_on", FireworksDate.text(now)));
        if (rerun) {
            changes.addAll(rerunChanges(stored, launches));
        }
        String what = "write the state of Firework " + id;
        return launchpad.calls.run(what, tried -> {
            long matched = launchpad
                    .fireworks
                    .updateOne(unchanged, Updates.combine(changes))
                    .getMatchedCount();
            return matched > 0 || (tried > 0 && hasState(id, state));
        });
    }

    private boolean hasState(int id, WorkflowState state) {
        return launchpad
                        .fireworks
                        .find(Filters.and(Filters.eq("fw_id", id), Filters.eq("state", state.name())))
                        .projection(Projections.include("fw_id"))
                        .first()
                != null;
    }

    private static List<Bson> rerunChanges(Document stored, Map<Integer, Document> launches) {
        Set<Integer> past = new LinkedHashSet<>(DocumentFields.integers(stored.get("archived_launches")));
        List<Integer> present = DocumentFields.integers(stored.get("launches"));
        past.addAll(present);
        List<Bson> changes = new ArrayList<>(List.of(
                Updates.set("launches", List.of()),
                Updates.set("archived_launches", List.copyOf(past)),
                Updates.unset("spec._recovery")));
        if (WorkflowState.FIZZLED.name().equals(stored.get("state"))) {
            Document last = present.isEmpty() ? null : launches.get(present.get(present.size() - 1));
            Object details = DocumentFields.at(last, "action", "stored_data", "_exception", "_details");
            changes.add(
                    details == null
                            ? Updates.unset("spec._exception_details")
                            : Updates.set("spec._exception_details", details));
        }
        return changes;
    }

    private void locked(int fireworkId, Consumer<Document> work) {
        String token = LOCK_PREFIX + launchpad.now() + " " + UUID.randomUUID();
        Document workflow = lock(fireworkId, token);
        if (workflow == null) {
            return;
        }
        String what = "unlock workflow " + fireworkId;
        Runnable unlock = () -> launchpad.workflows.updateOne(
                Filters.and(Filters.eq("nodes", fireworkId), Filters.eq("locked", token)), Updates.unset("locked"));
        try {
            work.accept(workflow);
        } catch (RuntimeException e) {
            launchpad.calls.undo(what, e, unlock);
            throw e;
        }
        launchpad.calls.act(what, unlock);
    }

    private @Nullable Document lock(int fireworkId, String token) {
        String what = "lock workflow " + fireworkId;
        long deadline = System.nanoTime() + patience.toNanos();
        for (int wait = 1; ; wait++) {
            Bson free = Filters.or(Filters.exists("locked", false), Filters.eq("locked", token));
            Document locked = launchpad.calls.<@Nullable Document>run(what, () -> take(fireworkId, free, token));
            if (locked != null) {
                return locked;
            }
            Document workflow = launchpad.calls.<@Nullable Document>run(
                    what,
                    () -> launchpad
                            .workflows
                            .find(Filters.eq("nodes", fireworkId))
                            .projection(Projections.include("locked"))
                            .first());
            if (workflow == null) {
                return null;
            }
            Object holder = workflow.get("locked");
            if (isStale(holder)) {
                Bson dead = Filters.eq("locked", holder);
                Document taken = launchpad.calls.<@Nullable Document>run(what, () -> take(fireworkId, dead, token));
                if (taken != null) {
                    return taken;
                }
            }
            if (System.nanoTime() >= deadline) {
                throw new WorkflowStoreException(
                        "Cannot " + what + " in LaunchPad database '" + launchpad.database.getName() + "': locked by "
                                + (holder instanceof String ? holder : "FireWorks") + " for more than "
                                + patience.toSeconds()
                                + " s. If nothing works on it any more: lpad admin unlock -i " + fireworkId
                                + ", then lpad admin refresh -i " + fireworkId + ".",
                        null,
                        true);
            }
            pause(wait);
        }
    }

    private @Nullable Document take(int fireworkId, Bson condition, String token) {
        return launchpad.workflows.findOneAndUpdate(
                Filters.and(Filters.eq("nodes", fireworkId), condition),
                Updates.set("locked", token),
                new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER));
    }

    /** Whether a lock is one that a dead jrm has left. */
    boolean isStale(@Nullable Object holder) {
        if (!(holder instanceof String text) || !text.startsWith(LOCK_PREFIX)) {
            return false;
        }
        try {
            Instant since = Instant.parse(text.split(" ", 3)[1]);
            return since.plus(STALE).isBefore(launchpad.now());
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** FireWorks' waits grow by 0.1 s; a lock is held for milliseconds, so these start smaller. */
    private static void pause(int wait) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Math.min(5L * wait, 250)));
        if (Thread.currentThread().isInterrupted()) {
            throw new WorkflowStoreException("Interrupted while waiting for a workflow lock.", null, true);
        }
    }
}
