package org.jlab.jiriaf.jrm.store.mongo;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * The Fireworks of one workflow and how they depend on each other. Derives states by FireWorks' rules ({@code
 * Workflow.refresh} and {@code Workflow.state} in its {@code core/firework.py}).
 */
final class WorkflowGraph {

    /** FireWorks' {@code STATE_RANKS}. */
    private static final Map<WorkflowState, Integer> RANKS = Map.of(
            WorkflowState.ARCHIVED, -2,
            WorkflowState.FIZZLED, -1,
            WorkflowState.DEFUSED, 0,
            WorkflowState.PAUSED, 0,
            WorkflowState.WAITING, 1,
            WorkflowState.READY, 2,
            WorkflowState.RESERVED, 3,
            WorkflowState.RUNNING, 4,
            WorkflowState.COMPLETED, 5);

    private static final Map<String, WorkflowState> BY_NAME =
            Stream.of(WorkflowState.values()).collect(Collectors.toUnmodifiableMap(Enum::name, state -> state));

    /** These stay as they are until somebody asks otherwise. */
    private static final Set<WorkflowState> HELD =
            Set.of(WorkflowState.DEFUSED, WorkflowState.PAUSED, WorkflowState.ARCHIVED);

    private final Map<Integer, List<Integer>> children = new LinkedHashMap<>();
    private final Map<Integer, WorkflowState> states = new LinkedHashMap<>();
    private final Map<Integer, Document> fireworks = new HashMap<>();

    /**
     * Puts a workflow together.
     *
     * @param workflow its document: {@code nodes} and {@code links}
     * @param fireworks those of its Fireworks that exist: {@code fw_id}, {@code state}, {@code launches}
     */
    WorkflowGraph(Document workflow, Collection<Document> fireworks) {
        for (Document firework : fireworks) {
            Integer id = DocumentFields.integer(firework.get("fw_id"));
            if (id != null) {
                this.fireworks.put(id, firework);
            }
        }
        for (Integer id : DocumentFields.integers(workflow.get("nodes"))) {
            Document firework = this.fireworks.get(id);
            if (firework != null) {
                states.put(id, state(firework.get("state")));
                children.put(id, DocumentFields.integers(DocumentFields.at(workflow, "links", id.toString())));
            }
        }
    }

    /** A state by its name; WAITING, which nobody runs, for what is none. */
    static WorkflowState state(@Nullable Object name) {
        return name instanceof String text ? BY_NAME.getOrDefault(text, WorkflowState.WAITING) : WorkflowState.WAITING;
    }

    static boolean isHeld(@Nullable WorkflowState state) {
        return state != null && HELD.contains(state);
    }

    /** The launch whose state ranks highest, the first among equals; null if there is none. */
    static @Nullable Document representative(List<Document> launches) {
        Document best = null;
        for (Document launch : launches) {
            if (best == null || rank(launch) > rank(best)) {
                best = launch;
            }
        }
        return best;
    }

    private static int rank(Document launch) {
        return Objects.requireNonNull(RANKS.get(state(launch.get("state"))));
    }

    Map<Integer, WorkflowState> states() {
        return states;
    }

    /** State of the workflow: the first of FireWorks' rules that fits. */
    WorkflowState state() {
        Collection<WorkflowState> all = states.values();
        if (states.keySet().stream().filter(this::isLeaf).allMatch(id -> is(id, WorkflowState.COMPLETED))) {
            return WorkflowState.COMPLETED;
        }
        if (all.stream().allMatch(WorkflowState.ARCHIVED::equals)) {
            return WorkflowState.ARCHIVED;
        }
        if (all.contains(WorkflowState.DEFUSED)) {
            return WorkflowState.DEFUSED;
        }
        if (all.contains(WorkflowState.PAUSED)) {
            return WorkflowState.PAUSED;
        }
        if (all.contains(WorkflowState.FIZZLED)) {
            return states.keySet().stream()
                            .filter(id -> is(id, WorkflowState.FIZZLED))
                            .anyMatch(this::blocks)
                    ? WorkflowState.FIZZLED
                    : WorkflowState.RUNNING;
        }
        if (all.contains(WorkflowState.COMPLETED) || all.contains(WorkflowState.RUNNING)) {
            return WorkflowState.RUNNING;
        }
        return all.contains(WorkflowState.RESERVED) ? WorkflowState.RESERVED : WorkflowState.READY;
    }

    /**
     * Derives the state of a Firework anew, and that of its descendants as far as it matters to them.
     *
     * @param id the Firework
     * @param launches launches by id: at least the present ones of this Firework and its descendants
     */
    void refresh(int id, Map<Integer, Document> launches) {
        WorkflowState before = states.get(id);
        Document firework = fireworks.get(id);
        if (before == null || firework == null || isHeld(before)) {
            return;
        }
        WorkflowState after = derive(id, firework, launches);
        states.put(id, after);
        if (after != before && (after == WorkflowState.COMPLETED || after == WorkflowState.FIZZLED)) {
            children.getOrDefault(id, List.of()).forEach(child -> refresh(child, launches));
        }
    }

    private WorkflowState derive(int id, Document firework, Map<Integer, Document> launches) {
        boolean parentsDone = parents(id).stream()
                .allMatch(parent -> is(parent, WorkflowState.COMPLETED)
                        || (is(parent, WorkflowState.FIZZLED) && allowsFizzledParents(firework)));
        if (!parentsDone) {
            return WorkflowState.WAITING;
        }
        Document launch = representative(DocumentFields.integers(firework.get("launches")).stream()
                .map(launches::get)
                .filter(Objects::nonNull)
                .toList());
        return launch == null ? WorkflowState.READY : state(launch.get("state"));
    }

    /** Marks a Firework for another run: WAITING, without present launches. */
    void rerun(int id) {
        Document firework = fireworks.get(id);
        if (firework != null) {
            firework.put("launches", List.of());
            states.put(id, WorkflowState.WAITING);
        }
    }

    /** Puts a Firework into a state that somebody asked for. */
    void put(int id, WorkflowState state) {
        states.put(id, state);
    }

    List<Integer> children(int id) {
        return children.getOrDefault(id, List.of());
    }

    private Set<Integer> parents(int id) {
        return children.entrySet().stream()
                .filter(link -> link.getValue().contains(id))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private boolean isLeaf(Integer id) {
        return children(id).isEmpty();
    }

    private boolean is(Integer id, WorkflowState state) {
        return states.get(id) == state;
    }

    /** A fizzled Firework stops its workflow if it is a leaf or has a child that does not put up with it. */
    private boolean blocks(Integer id) {
        return isLeaf(id)
                || !children(id).stream()
                        .map(fireworks::get)
                        .allMatch(child -> child != null && allowsFizzledParents(child));
    }

    private static boolean allowsFizzledParents(Document firework) {
        return Boolean.TRUE.equals(DocumentFields.at(firework, "spec", "_allow_fizzled_parents"));
    }
}
