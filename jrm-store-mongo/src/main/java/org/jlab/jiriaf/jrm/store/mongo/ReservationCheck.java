package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Updates;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bson.Document;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * Whether a reservation is still one's own, on a server where an agent of FireWorks may have taken the same Firework at the same
 * time and written over it. Then the agent keeps it: it does not look again.
 */
final class ReservationCheck {

    private final Launchpad launchpad;

    ReservationCheck(Launchpad launchpad) {
        this.launchpad = launchpad;
    }

    /** Tells whether nobody else has the Firework; if somebody has, nothing of the launch is left in his way. */
    boolean confirm(Launch launch, Worker worker) {
        int id = launch.workflowId();
        String what = "look whether launch " + launch.id() + " is the only one of Firework " + id;
        // Whoever took the Firework at the same time counted up for his launch later: ours was there before we took it.
        Map<Integer, Document> launches = WorkflowReader.byId(
                "launch_id",
                launchpad.find(
                        what,
                        launchpad.launches,
                        new Document("fw_id", id).append("launch_id", new Document("$gte", launch.id())),
                        Projections.include("launch_id", "state", "launch_dir", "host", "fworker.name")));
        if (!isOf(launches.remove(launch.id()), launch, worker)) {
            return false;
        }
        if (launches.isEmpty() && refersTo(launch, what)) {
            return true;
        }
        withdraw(what, launch, List.copyOf(launches.keySet()));
        return false;
    }

    private boolean refersTo(Launch launch, String what) {
        return !launchpad
                .find(
                        what,
                        launchpad.fireworks,
                        new Document("fw_id", launch.workflowId())
                                .append("state", WorkflowState.RESERVED.name())
                                .append("launches", List.of(launch.id())),
                        Projections.include("fw_id"))
                .isEmpty();
    }

    /** An agent that finds a Firework reserved goes on with its launch, as FireWorks does after a restart. */
    private static boolean isOf(@Nullable Document present, Launch launch, Worker worker) {
        return present != null
                && WorkflowState.RESERVED.name().equals(present.get("state"))
                && Objects.equals(present.get("launch_dir"), launch.launchDir())
                && Objects.equals(present.get("host"), worker.host())
                && Objects.equals(Fields.at(present, "fworker", "name"), worker.name());
    }

    /** The Firework forgets the launch before it is gone: FireWorks stops at a launch that is not there. */
    private void withdraw(String what, Launch launch, List<Integer> others) {
        launchpad.calls.act(
                what,
                () -> launchpad.fireworks.updateOne(
                        new Document("fw_id", launch.workflowId()).append("launches", launch.id()),
                        Updates.set("launches", others)));
        launchpad.calls.act(what, () -> launchpad.launches.deleteOne(Filters.eq("launch_id", launch.id())));
    }
}
