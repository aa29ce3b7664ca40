package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Finishes or removes what was cut off half-way, of JRM deployments only. Of what jrm leaves FireWorks stops at the lock alone,
 * for which it waits; at what FireWorks' own deletion leaves it does stop.
 *
 * <ul>
 *   <li>an addition that was not acknowledged: a WAITING Firework that waits for nothing. It is removed;
 *   <li>a deletion: its Firework bears {@link Deletion#BEGUN}. It is finished;
 *   <li>a deletion by FireWorks: a Firework whose launches are gone, or a workflow that jrm added without its Firework. It
 *       is finished;
 *   <li>a launch that its Firework does not know. It is removed;
 *   <li>a lock of jrm's. It is taken over, the workflow refreshed, and unlocked.
 * </ul>
 */
final class Repair {

    /** Longer than any operation takes, tries after a lost connection included. */
    static final Duration GRACE = Duration.ofMinutes(10);

    private static final String WHAT = "look for what was cut off";
    private static final Bson DEPLOYMENT = Filters.exists("spec.jrms_info");
    private static final Bson FIREWORK_FIELDS = Projections.include(
            "fw_id", "state", "created_on", "updated_on", "launches", "archived_launches", Deletion.BEGUN);

    private final Launchpad launchpad;
    private final StateRefresh refresh;
    private final IntConsumer delete;
    private final Set<Integer> repaired = new TreeSet<>();
    private final Instant before;

    /**
     * Prepares a repair.
     *
     * @param delete deletes the workflow of a Firework
     */
    Repair(Launchpad launchpad, StateRefresh refresh, IntConsumer delete) {
        this.launchpad = launchpad;
        this.refresh = refresh;
        this.delete = delete;
        this.before = launchpad.now().minus(GRACE);
    }

    /** Returns the ids of the Fireworks to which something was done. */
    List<Integer> run() {
        halfDone().forEach(this::delete);
        finishDeletionsByFireWorks();
        removeUnknownLaunches();
        breakLocks();
        return List.copyOf(repaired);
    }

    private void delete(int id) {
        delete.accept(id);
        repaired.add(id);
    }

    private List<Integer> halfDone() {
        Bson suspect =
                Filters.and(DEPLOYMENT, Filters.or(Filters.eq("state", "WAITING"), Filters.exists(Deletion.BEGUN)));
        List<Integer> halfDone = new ArrayList<>();
        List<Integer> waiting = new ArrayList<>();
        for (Document firework : launchpad.find(WHAT, launchpad.fireworks, suspect, FIREWORK_FIELDS)) {
            Integer id = DocumentFields.integer(firework.get("fw_id"));
            Object begun = DocumentFields.at(firework, "spec", "jrm_deleting");
            if (id != null && begun != null && isOld(begun)) {
                halfDone.add(id);
            } else if (id != null && begun == null && isAsAdded(firework)) {
                waiting.add(id);
            }
        }
        waiting.removeAll(withParents(waiting));
        halfDone.addAll(waiting);
        return halfDone;
    }

    /** Whoever changes a Firework afterwards writes another date, and whoever runs it a launch. */
    private boolean isAsAdded(Document firework) {
        return isOld(firework.get("created_on"))
                && Objects.equals(firework.get("created_on"), firework.get("updated_on"))
                && DocumentFields.integers(firework.get("launches")).isEmpty()
                && DocumentFields.integers(firework.get("archived_launches")).isEmpty();
    }

    private Set<Integer> withParents(List<Integer> ids) {
        Set<Integer> children = new HashSet<>();
        if (!ids.isEmpty()) {
            for (Document workflow : launchpad.find(
                    WHAT,
                    launchpad.workflows,
                    Launchpad.idIn("nodes", ids),
                    Projections.include("nodes", "parent_links"))) {
                DocumentFields.integers(workflow.get("nodes")).stream()
                        .filter(id -> DocumentFields.at(workflow, "parent_links", id.toString()) != null)
                        .forEach(children::add);
            }
        }
        return children;
    }

    private void finishDeletionsByFireWorks() {
        List<Document> workflows = launchpad.find(
                WHAT, launchpad.workflows, Filters.exists("metadata.jrm"), Projections.include("nodes", "created_on"));
        // Asked for afterwards, so that one that was added in between is there; and so with their launches.
        Map<Integer, Document> fireworks =
                WorkflowReader.byId("fw_id", launchpad.find(WHAT, launchpad.fireworks, DEPLOYMENT, FIREWORK_FIELDS));
        finishDeletionsOf(fireworks);
        for (Document workflow : workflows) {
            List<Integer> nodes = DocumentFields.integers(workflow.get("nodes"));
            if (isOld(workflow.get("created_on")) && nodes.stream().noneMatch(fireworks::containsKey)) {
                launchpad.calls.act(
                        "remove workflow " + nodes + ", whose Firework is gone",
                        () -> launchpad.workflows.deleteOne(Filters.eq("_id", workflow.get("_id"))));
                repaired.addAll(nodes);
            }
        }
    }

    /** FireWorks deletes launches first; everybody else writes a launch before its Firework refers to it. */
    private void finishDeletionsOf(Map<Integer, Document> fireworks) {
        Set<Integer> referred = new HashSet<>();
        fireworks.values().forEach(firework -> referred.addAll(launchIds(firework)));
        if (referred.isEmpty()) {
            return;
        }
        Map<Integer, Document> launches = WorkflowReader.byId(
                "launch_id",
                launchpad.find(
                        WHAT,
                        launchpad.launches,
                        Launchpad.idsIn("launch_id", referred),
                        Projections.include("launch_id")));
        fireworks.forEach((id, firework) -> {
            if (!launches.keySet().containsAll(launchIds(firework))) {
                delete(id);
            }
        });
    }

    private static List<Integer> launchIds(Document firework) {
        List<Integer> ids = new ArrayList<>(DocumentFields.integers(firework.get("launches")));
        ids.addAll(DocumentFields.integers(firework.get("archived_launches")));
        return ids;
    }

    private void removeUnknownLaunches() {
        List<Document> reserved = launchpad.find(
                WHAT,
                launchpad.launches,
                Filters.eq("state", "RESERVED"),
                Projections.include("launch_id", "fw_id", "state_history"));
        reserved.removeIf(launch -> !isOld(LaunchDocuments.lastEntry(launch).get("created_on")));
        if (reserved.isEmpty()) {
            return;
        }
        List<Integer> ids = DocumentFields.integers(
                reserved.stream().map(launch -> launch.get("fw_id")).distinct().toList());
        Map<Integer, Document> fireworks = WorkflowReader.byId(
                "fw_id",
                launchpad.find(
                        WHAT,
                        launchpad.fireworks,
                        Filters.and(DEPLOYMENT, Launchpad.idIn("fw_id", ids)),
                        FIREWORK_FIELDS));
        for (Document launch : reserved) {
            Document firework = fireworks.get(DocumentFields.integer(launch.get("fw_id")));
            Integer launchId = DocumentFields.integer(launch.get("launch_id"));
            if (firework != null && launchId != null && !belongs(launchId, firework)) {
                launchpad.calls.act(
                        "remove launch " + launchId + ", which its Firework does not know",
                        () -> launchpad.launches.deleteOne(Filters.eq("_id", launch.get("_id"))));
                repaired.add(Objects.requireNonNull(DocumentFields.integer(firework.get("fw_id"))));
            }
        }
    }

    /** FireWorks takes the Firework first and tells it its launch later. */
    private static boolean belongs(int launchId, Document firework) {
        return launchIds(firework).contains(launchId)
                || (DocumentFields.integers(firework.get("launches")).isEmpty()
                        && "RESERVED".equals(firework.get("state")));
    }

    private void breakLocks() {
        for (Document workflow : launchpad.find(
                WHAT, launchpad.workflows, Filters.exists("locked"), Projections.include("nodes", "locked"))) {
            List<Integer> nodes = DocumentFields.integers(workflow.get("nodes"));
            if (!nodes.isEmpty() && refresh.isStale(workflow.get("locked"))) {
                nodes.forEach(refresh::refresh);
                repaired.addAll(nodes);
            }
        }
    }

    private boolean isOld(@Nullable Object date) {
        Instant since = FireworksDate.read(date);
        return since != null && since.isBefore(before);
    }
}
