package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of the LaunchPad on the documents of FireWorks' own agents. Each change has the old state in its filter, so
 * that of two agents one wins; each can be repeated after a lost answer.
 *
 * <p>Differs from FireWorks in the order: a launch is written before the Firework is taken, and the Firework is taken and
 * refers to its launch in one step, so it is never RESERVED without one.
 */
final class MongoLaunchQueue implements LaunchQueue {

    /** How many READY Fireworks to look at for one that jrm can run. */
    private static final int CANDIDATES = 50;

    private static final Bson CANDIDATE_FIELDS = Projections.include("fw_id", "spec._tasks._fw_name");
    private static final Bson RUN_FIELDS = Projections.include("fw_id", "name", "spec._queueadapter", "spec._tasks");

    private final Launchpad launchpad;
    private final StateRefresh refresh;

    MongoLaunchQueue(Launchpad launchpad, StateRefresh refresh) {
        this.launchpad = launchpad;
        this.refresh = refresh;
    }

    @Override
    public Optional<Reservation> reserve(Worker worker, String launchDir, Set<Integer> except) {
        for (int fireworkId : candidates(worker, except)) {
            Document firework = runnable(fireworkId);
            Document launch = firework == null ? null : take(fireworkId, worker, launchDir);
            if (firework != null && launch != null) {
                Reservation reservation = reservation(firework, launch, fireworkId);
                updateWorkflow(reservation.launch());
                return Optional.of(reservation);
            }
        }
        return Optional.empty();
    }

    /** The second half of a reservation: the Firework is RESERVED and refers to the launch, its workflow does not know yet. */
    private void updateWorkflow(Launch launch) {
        try {
            refresh.refresh(launch.workflowId());
        } catch (WorkflowStoreException e) {
            giveBack(launch.workflowId(), launch.id(), e);
            throw e;
        }
    }

    /** As FireWorks asks for work, less what is not a JRM deployment; the oldest first. */
    private List<Integer> candidates(Worker worker, Set<Integer> except) {
        Bson ready = Filters.and(
                Filters.eq("state", WorkflowState.READY.name()),
                Filters.eq("spec._category", worker.category()),
                Filters.in("spec._fworker", null, worker.name()),
                Filters.exists("spec.jrms_info"),
                Filters.nin("fw_id", except));
        return launchpad
                .calls
                .run(
                        "look for work in category '" + worker.category() + "'",
                        () -> launchpad
                                .fireworks
                                .find(ready)
                                .projection(CANDIDATE_FIELDS)
                                .sort(Sorts.orderBy(Sorts.descending("spec._priority"), Sorts.ascending("created_on")))
                                .limit(CANDIDATES)
                                .into(new ArrayList<>()))
                .stream()
                .map(firework -> DocumentFields.integer(firework.get("fw_id")))
                .filter(Objects::nonNull)
                .toList();
    }

    /** The Firework if all its tasks are shell commands, else null: then it is work for a Python agent. */
    private @Nullable Document runnable(int fireworkId) {
        Document firework = launchpad.calls.<@Nullable Document>run(
                "read Firework " + fireworkId,
                () -> launchpad
                        .fireworks
                        .find(Filters.eq("fw_id", fireworkId))
                        .projection(RUN_FIELDS)
                        .first());
        return firework == null || tasks(firework).isEmpty() ? null : firework;
    }

    private @Nullable Document take(int fireworkId, Worker worker, String launchDir) {
        Instant now = launchpad.now();
        Document launch = insertLaunch(fireworkId, worker, launchDir, now);
        int launchId = launch.getInteger("launch_id");
        try {
            if (!claim(fireworkId, launchId, now)) {
                discard(launchId);
                return null;
            }
            return launch;
        } catch (WorkflowStoreException e) {
            giveBack(fireworkId, launchId, e);
            throw e;
        }
    }

    private void giveBack(int fireworkId, int launchId, Throwable failure) {
        launchpad.calls.undo("give back Firework " + fireworkId, failure, () -> cancel(launchId));
    }

    private Document insertLaunch(int fireworkId, Worker worker, String launchDir, Instant now) {
        for (int retries = 0; ; retries++) {
            int launchId = launchpad.takeLaunchId();
            Document launch = LaunchDocuments.reserved(launchId, fireworkId, worker, launchDir, now);
            try {
                launchpad.calls.insert("add launch " + launchId, launchpad.launches, launch);
                return launch;
            } catch (WorkflowStoreException e) {
                if (retries == WorkflowInsert.ID_RETRIES || !RetryingCalls.isDuplicate(e)) {
                    throw e;
                }
            }
        }
    }

    private boolean claim(int fireworkId, int launchId, Instant now) {
        Bson free = Filters.and(Filters.eq("fw_id", fireworkId), Filters.eq("state", WorkflowState.READY.name()));
        Bson mine = Filters.and(Filters.eq("fw_id", fireworkId), Filters.eq("launches", launchId));
        Bson taken = Updates.combine(
                Updates.set("state", WorkflowState.RESERVED.name()),
                Updates.set("updated_on", FireworksDate.text(now)),
                Updates.push("launches", launchId));
        return launchpad.calls.run(
                "reserve Firework " + fireworkId,
                tried -> launchpad.fireworks.updateOne(free, taken).getMatchedCount() > 0
                        || (tried > 0 && launchpad.fireworks.find(mine).first() != null));
    }

    private void discard(int launchId) {
        launchpad.calls.act(
                "remove launch " + launchId, () -> launchpad.launches.deleteOne(Filters.eq("launch_id", launchId)));
    }

    private static Reservation reservation(Document firework, Document launch, int fireworkId) {
        Document queue = DocumentFields.document(DocumentFields.at(firework, "spec", "_queueadapter"));
        Document settings = queue == null ? new Document() : queue;
        String name = DocumentFields.text(firework.get("name"), "Unnamed FW");
        Integer nodes = DocumentFields.integer(settings.get("nodes"));
        return new Reservation(
                WorkflowReader.launch(launch, fireworkId),
                name,
                new QueueSettings(
                        DocumentFields.text(settings.get("job_name"), name),
                        DocumentFields.text(settings.get("walltime")),
                        nodes == null ? 1 : nodes,
                        DocumentFields.text(settings.get("qos")),
                        DocumentFields.text(settings.get("account")),
                        DocumentFields.text(settings.get("constraint")),
                        DocumentFields.text(settings.get("reservation")),
                        DocumentFields.text(settings.get("pre_rocket"))),
                tasks(firework));
    }

    /** One per command; a ScriptTask ends at the first that fails, as a Firework ends at the first task that does. */
    private static List<ScriptTask> tasks(Document firework) {
        List<ScriptTask> tasks = new ArrayList<>();
        for (Document task : DocumentFields.documents(DocumentFields.at(firework, "spec", "_tasks"))) {
            Object script = task.get("script");
            List<String> commands = script instanceof String command ? List.of(command) : DocumentFields.texts(script);
            if (!isScriptTask(task) || commands.isEmpty() || commands.stream().anyMatch(ScriptTask::isTooLong)) {
                return List.of();
            }
            commands.forEach(command -> tasks.add(new ScriptTask(command)));
        }
        return tasks;
    }

    /** FireWorks knows the class by its name, with or without its module. */
    private static boolean isScriptTask(Document task) {
        String name = DocumentFields.text(task.get("_fw_name"), "");
        return name.equals("ScriptTask") || name.endsWith(".ScriptTask");
    }

    @Override
    public void submitted(int launchId, String jobId) {
        String what = "note batch job " + jobId + " of launch " + launchId;
        change(launchId, what, (launch, now) -> {
            int reservation = LaunchDocuments.lastIndexOf(launch, WorkflowState.RESERVED);
            if (reservation < 0 || state(launch) == WorkflowState.READY) {
                throw refused(what, state(launch));
            }
            return LaunchDocuments.submitted(launch, reservation, jobId, now);
        });
    }

    @Override
    public void start(int launchId, Worker worker) {
        String what = "start launch " + launchId;
        Document firework = launchpad.calls.<@Nullable Document>run(
                what,
                () -> launchpad
                        .fireworks
                        .find(Filters.eq("launches", launchId))
                        .projection(Projections.include("fw_id", "state"))
                        .first());
        Document launch = change(launchId, what, (present, now) -> {
            if (state(present) != WorkflowState.RESERVED) {
                throw refused(what, state(present));
            }
            if (firework == null || state(firework) != WorkflowState.RESERVED) {
                throw refused(what, firework == null ? WorkflowState.READY : state(firework));
            }
            return LaunchDocuments.started(present, worker, now);
        });
        refreshHolders(launchId, launch);
    }

    @Override
    public boolean ping(int launchId) {
        String what = "ping launch " + launchId;
        Document launch = find(launchId, what);
        if (launch == null || state(launch) != WorkflowState.RUNNING) {
            return false;
        }
        int entry = LaunchDocuments.lastIndexOf(launch, WorkflowState.RUNNING);
        Bson running = Filters.and(
                Filters.eq("launch_id", launchId),
                Filters.eq("state", WorkflowState.RUNNING.name()),
                Filters.eq("state_history." + entry + ".state", WorkflowState.RUNNING.name()));
        return entry >= 0
                && launchpad.calls.run(
                        what,
                        () -> launchpad
                                        .launches
                                        .updateOne(running, LaunchDocuments.pinged(entry, launchpad.now()))
                                        .getMatchedCount()
                                > 0);
    }

    @Override
    public void complete(int launchId, WorkflowState state, String message) {
        if (state != WorkflowState.COMPLETED && state != WorkflowState.FIZZLED) {
            throw new IllegalArgumentException("A launch ends COMPLETED or FIZZLED, not " + state);
        }
        String what = "complete launch " + launchId;
        Document launch = change(launchId, what, (present, now) -> {
            WorkflowState before = state(present);
            if (before == state) {
                return null;
            }
            if (before == WorkflowState.COMPLETED || before == WorkflowState.READY) {
                throw refused(what, before);
            }
            return LaunchDocuments.ended(present, state, message, now);
        });
        refreshHolders(launchId, launch);
    }

    @Override
    public boolean cancel(int launchId) {
        String what = "cancel the reservation of launch " + launchId;
        boolean[] changed = {false};
        Document before = changeIfThere(launchId, what, (present, now) -> {
            changed[0] |= state(present) == WorkflowState.RESERVED;
            return state(present) == WorkflowState.RESERVED ? LaunchDocuments.cancelled(present, now) : null;
        });
        // READY: whoever gave it back was killed before he came to the Firework.
        if (before != null && (changed[0] || state(before) == WorkflowState.READY)) {
            for (int fireworkId : holders(launchId, what)) {
                changed[0] |= refresh.unreserve(fireworkId, launchId);
            }
        }
        return changed[0];
    }

    /** How a launch changes; null for not at all. */
    @FunctionalInterface
    private interface Change {
        @Nullable
        Bson of(Document launch, Instant now);
    }

    /**
     * Changes a launch if its state is still that from which the change was worked out; else works it out anew.
     *
     * @return the launch before its change
     */
    private Document change(int launchId, String what, Change change) {
        Document before = changeIfThere(launchId, what, change);
        if (before == null) {
            throw new WorkflowStoreException(
                    "Cannot " + what + " in LaunchPad database '" + launchpad.database.getName()
                            + "': there is no such launch. Was its workflow deleted?",
                    null,
                    false);
        }
        return before;
    }

    /** The same; null if there is no such launch. */
    private @Nullable Document changeIfThere(int launchId, String what, Change change) {
        Instant now = launchpad.now();
        while (true) {
            Document launch = find(launchId, what);
            if (launch == null) {
                return null;
            }
            Bson update = change.of(launch, now);
            if (update == null || apply(what, launch, update)) {
                return launch;
            }
        }
    }

    private boolean apply(String what, Document launch, Bson update) {
        Bson unchanged = Filters.and(
                Filters.eq("launch_id", launch.get("launch_id")),
                Filters.eq("state", launch.get("state")),
                Filters.size("state_history", LaunchDocuments.history(launch).size()));
        // Repeated after a lost answer, the filter no longer matches; the history then ends where this change put it.
        return launchpad.calls.run(what, tried -> {
            if (launchpad.launches.updateOne(unchanged, update).getMatchedCount() > 0) {
                return true;
            }
            Document present = tried == 0
                    ? null
                    : find(Objects.requireNonNull(DocumentFields.integer(launch.get("launch_id"))), what);
            return present != null
                    && LaunchDocuments.history(present).size()
                            == LaunchDocuments.history(launch).size() + 1;
        });
    }

    private @Nullable Document find(int launchId, String what) {
        return launchpad.calls.<@Nullable Document>run(
                what,
                () -> launchpad
                        .launches
                        .find(Filters.eq("launch_id", launchId))
                        .projection(Projections.exclude("action"))
                        .first());
    }

    private void refreshHolders(int launchId, Document launch) {
        for (int fireworkId : holders(launchId, "read launch " + launch.get("launch_id"))) {
            refresh.refresh(fireworkId);
        }
    }

    /** Fireworks whose present launch this is: none if it was archived by a rerun, several if they share it. */
    private List<Integer> holders(int launchId, String what) {
        return launchpad
                .find(what, launchpad.fireworks, Filters.eq("launches", launchId), Projections.include("fw_id"))
                .stream()
                .map(firework -> DocumentFields.integer(firework.get("fw_id")))
                .filter(Objects::nonNull)
                .toList();
    }

    private static WorkflowState state(Document document) {
        return WorkflowGraph.state(document.get("state"));
    }

    private WorkflowStoreException refused(String what, WorkflowState state) {
        return new WorkflowStoreException(
                "Cannot " + what + " in LaunchPad database '" + launchpad.database.getName() + "': it is " + state
                        + ". Leave it to its new owner.",
                null,
                false);
    }
}
