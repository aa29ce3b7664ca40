package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/** What users ask of a Firework: FireWorks' {@code pause_fw}, {@code defuse_fw} and so on, from the states it allows. */
final class StateChanges {

    private static final Set<WorkflowState> PAUSABLE =
            EnumSet.of(WorkflowState.WAITING, WorkflowState.READY, WorkflowState.RESERVED);

    private static final Set<WorkflowState> DEFUSABLE = EnumSet.of(
            WorkflowState.DEFUSED,
            WorkflowState.WAITING,
            WorkflowState.READY,
            WorkflowState.FIZZLED,
            WorkflowState.PAUSED);

    private static final Set<WorkflowState> RERUNNABLE =
            EnumSet.complementOf(EnumSet.of(WorkflowState.ARCHIVED, WorkflowState.DEFUSED, WorkflowState.WAITING));

    private final Launchpad launchpad;
    private final StateRefresh refresh;

    StateChanges(Launchpad launchpad, StateRefresh refresh) {
        this.launchpad = launchpad;
        this.refresh = refresh;
    }

    boolean pause(int id) {
        return change(id, PAUSABLE, WorkflowState.PAUSED);
    }

    /** The refresh then makes of WAITING what it would be now. */
    boolean resume(int id) {
        return change(id, EnumSet.of(WorkflowState.PAUSED), WorkflowState.WAITING);
    }

    boolean defuse(int id) {
        return change(id, DEFUSABLE, WorkflowState.DEFUSED)
                || (rerun(id) && change(id, DEFUSABLE, WorkflowState.DEFUSED));
    }

    boolean reignite(int id) {
        return change(id, EnumSet.of(WorkflowState.DEFUSED), WorkflowState.WAITING);
    }

    boolean rerun(int id) {
        return refresh.rerun(id, RERUNNABLE);
    }

    void archive(List<Integer> nodes) {
        nodes.forEach(this::rerun);
        for (int id : nodes) {
            change(id, EnumSet.allOf(WorkflowState.class), WorkflowState.ARCHIVED);
        }
    }

    private boolean change(int id, Set<WorkflowState> from, WorkflowState to) {
        Bson allowed = Filters.and(
                Filters.eq("fw_id", id),
                Filters.in("state", from.stream().map(Enum::name).toList()));
        Bson done = Filters.and(Filters.eq("fw_id", id), Filters.eq("state", to.name()));
        Bson change = Updates.combine(
                Updates.set("state", to.name()), Updates.set("updated_on", FireworksDate.date(launchpad.now())));
        boolean changed = launchpad.calls.run(
                "make Firework " + id + " " + to,
                tried -> launchpad.fireworks.updateOne(allowed, change).getMatchedCount() > 0
                        || (tried > 0 && launchpad.fireworks.countDocuments(done) > 0));
        if (changed) {
            refresh.refresh(id);
        }
        return changed;
    }
}
