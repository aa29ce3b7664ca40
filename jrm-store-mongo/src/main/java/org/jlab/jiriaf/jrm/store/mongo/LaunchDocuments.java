package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Updates;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/** A document of {@code launches} and how it changes. Its {@code state_history} drives everything about time. */
final class LaunchDocuments {

    private LaunchDocuments() {}

    static Document reserved(int launchId, int fireworkId, Worker worker, String launchDir, Instant now) {
        return new Document("_id", new ObjectId())
                .append("fworker", fworker(worker))
                .append("fw_id", fireworkId)
                .append("launch_dir", launchDir)
                .append("host", worker.host())
                .append("ip", worker.ip())
                .append("trackers", List.of())
                .append("action", null)
                .append("state", WorkflowState.RESERVED.name())
                .append("state_history", List.of(alive(WorkflowState.RESERVED, now)))
                .append("launch_id", launchId)
                .append("time_start", null)
                .append("time_end", null)
                .append("runtime_secs", null)
                .append("reservedtime_secs", 0.0);
    }

    static Bson started(Document launch, Worker worker, Instant now) {
        List<Bson> changes = new ArrayList<>(List.of(
                Updates.set("fworker", fworker(worker)),
                Updates.set("host", worker.host()),
                Updates.set("ip", worker.ip()),
                Updates.set("state", WorkflowState.RUNNING.name()),
                Updates.push("state_history", alive(WorkflowState.RUNNING, now)),
                Updates.set("time_start", FireworksDate.text(now))));
        addReservedTime(changes, launch, now);
        return Updates.combine(changes);
    }

    static Bson ended(Document launch, WorkflowState state, String message, Instant now) {
        Document entry = new Document("state", state.name()).append("created_on", FireworksDate.text(now));
        Object checkpoint = lastEntry(launch).get("checkpoint");
        if (state == WorkflowState.FIZZLED && checkpoint != null) {
            entry.append("checkpoint", checkpoint);
        }
        List<Bson> changes =
                new ArrayList<>(List.of(Updates.set("state", state.name()), Updates.push("state_history", entry)));
        if (state == WorkflowState.COMPLETED || !message.isEmpty()) {
            changes.add(Updates.set("action", action(state, TextRules.toOneLine(message, Launch.MAX_MESSAGE))));
        }
        Instant start = FireworksDate.read(launch.get("time_start"));
        if (launch.get("time_end") == null) {
            changes.add(Updates.set("time_end", FireworksDate.text(now)));
            if (start != null) {
                changes.add(Updates.set("runtime_secs", FireworksDate.secondsBetween(start, now)));
            }
        }
        if (start == null) {
            addReservedTime(changes, launch, now);
        }
        return Updates.combine(changes);
    }

    static Bson cancelled(Document launch, Instant now) {
        List<Bson> changes = new ArrayList<>(List.of(
                Updates.set("state", WorkflowState.READY.name()),
                Updates.push(
                        "state_history",
                        new Document("state", WorkflowState.READY.name())
                                .append("created_on", FireworksDate.text(now)))));
        addReservedTime(changes, launch, now);
        return Updates.combine(changes);
    }

    static Bson submitted(Document launch, int reservation, String jobId, Instant now) {
        List<Bson> changes = new ArrayList<>();
        changes.add(Updates.set("state_history." + reservation + ".reservation_id", jobId));
        if (WorkflowState.RESERVED.name().equals(launch.get("state"))) {
            addReservedTime(changes, launch, now);
        }
        return Updates.combine(changes);
    }

    static Bson pinged(int entry, Instant now) {
        return Updates.set("state_history." + entry + ".updated_on", FireworksDate.text(now));
    }

    static List<Document> history(Document launch) {
        return DocumentFields.documents(launch.get("state_history"));
    }

    static Document lastEntry(Document launch) {
        List<Document> history = history(launch);
        return history.isEmpty() ? new Document() : history.get(history.size() - 1);
    }

    /** Where in the history a state was last entered; -1 if never. */
    static int lastIndexOf(Document launch, WorkflowState state) {
        List<Document> history = history(launch);
        for (int i = history.size() - 1; i >= 0; i--) {
            if (state.name().equals(history.get(i).get("state"))) {
                return i;
            }
        }
        return -1;
    }

    private static void addReservedTime(List<Bson> changes, Document launch, Instant now) {
        Instant since = history(launch).stream()
                .filter(entry -> WorkflowState.RESERVED.name().equals(entry.get("state")))
                .map(entry -> FireworksDate.read(entry.get("created_on")))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (since != null) {
            changes.add(Updates.set("reservedtime_secs", FireworksDate.secondsBetween(since, now)));
        }
    }

    private static Document alive(WorkflowState state, Instant now) {
        return new Document("state", state.name())
                .append("created_on", FireworksDate.text(now))
                .append("updated_on", FireworksDate.text(now));
    }

    /** {@code query} is a text that holds JSON. */
    private static Document fworker(Worker worker) {
        return new Document("name", worker.name())
                .append("category", worker.category())
                .append("query", "{}")
                .append("env", new Document());
    }

    /**
     * What FireWorks' {@code FWAction} has since 1.9; {@code append_wfs} came in 2.0.5 and may be missing. A message is where
     * FireWorks keeps that of a failed task.
     */
    private static Document action(WorkflowState state, String message) {
        return new Document("stored_data", message.isEmpty() ? new Document() : new Document("_message", message))
                .append("exit", state == WorkflowState.FIZZLED)
                .append("update_spec", new Document())
                .append("mod_spec", List.of())
                .append("additions", List.of())
                .append("detours", List.of())
                .append("defuse_children", false)
                .append("defuse_workflow", false)
                .append("propagate", false);
    }
}
