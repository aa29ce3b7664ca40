package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowListener;
import org.jlab.jiriaf.jrm.workflow.WorkflowPoller;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jlab.jiriaf.jrm.workflow.WorkflowWatch;
import org.jspecify.annotations.Nullable;

/**
 * A FireWorks LaunchPad in MongoDB, shared with FireWorks' own tools and agents of any version from 1.9.7 on.
 *
 * <p>A workflow is one document in {@code workflows} and one in {@code fireworks}:
 *
 * <pre>{@code
 * workflows: {nodes: [7], links: {"7": []}, parent_links: {}, metadata: {jrm: {..}}, state, name,
 *             created_on: date, updated_on: date, fw_states: {"7": "READY"}}
 * fireworks: {fw_id: 7, name, state, created_on: "2026-11-22T21:07:13.143400", updated_on, launches: [],
 *             archived_launches: [], spec: {_category, _queueadapter, jrms_info, ssh_info, _tasks}}
 * }</pre>
 *
 * <p>The Firework is inserted first and made READY last, and all is removed again if that fails; {@link #repair} does so after a
 * crash. Agents replace whole documents; only what
 * lies below {@code spec} or {@code metadata} survives them. An empty database is set up as {@code lpad reset} would; nothing
 * is ever reset.
 *
 * <p>The server must find a document and change it in one step, as MongoDB does. jrm and FireWorks both rely on this.
 *
 * <p>Thread-safe. The caller owns the connection. Every command is bounded in time: by the timeout of the database it was
 * given, else by 10 s; a lost connection is tried again, at most twice, and nothing happens twice by it.
 */
public final class MongoWorkflowStore implements WorkflowStore {

    private final Launchpad launchpad;
    private final StateRefresh refresh;
    private final StateChanges stateChanges;
    private final ChangeStream changes;
    private final LaunchQueue launchQueue;
    private final MongoPortLeaseStore portLeases;
    private final MongoDeploymentJournal deploymentJournal;

    /**
     * Opens the LaunchPad in a database. Does not talk to it yet.
     *
     * @param database the database, whose client stays the caller's
     */
    public MongoWorkflowStore(MongoDatabase database) {
        this(database, Clock.systemUTC());
    }

    /**
     * Opens the LaunchPad in a database. Does not talk to it yet.
     *
     * @param database the database, whose client stays the caller's
     * @param clock what dates are taken from, and what has expired is decided by
     */
    public MongoWorkflowStore(MongoDatabase database, Clock clock) {
        this.launchpad = new Launchpad(database, clock);
        this.refresh = new StateRefresh(launchpad, StateRefresh.PATIENCE);
        this.stateChanges = new StateChanges(launchpad, refresh);
        this.changes = new ChangeStream(
                launchpad, new WorkflowPoller(() -> list(WorkflowFilter.DEPLOYMENTS), ChangeStream.POLL));
        this.launchQueue = new MongoLaunchQueue(launchpad, refresh);
        this.portLeases = new MongoPortLeaseStore(launchpad.database, clock);
        this.deploymentJournal = new MongoDeploymentJournal(launchpad.database);
    }

    @Override
    public int add(WorkflowDraft draft) {
        return addAll(List.of(draft)).get(0);
    }

    /** Four commands for any number of workflows. */
    @Override
    public List<Integer> addAll(List<WorkflowDraft> drafts) {
        if (drafts.isEmpty()) {
            return List.of();
        }
        return new WorkflowInsert(launchpad, drafts).run();
    }

    @Override
    public void checkFits(WorkflowDraft draft) {
        WorkflowInsert.storableSpec(draft);
    }

    @Override
    public Optional<Workflow> find(int id) {
        String what = "find workflow " + id;
        Document workflow = findDocument(id, what);
        if (workflow == null) {
            return Optional.empty();
        }
        Map<Integer, Document> fireworks = WorkflowReader.byId(
                "fw_id",
                launchpad.find(
                        what,
                        launchpad.fireworks,
                        Launchpad.idIn("fw_id", DocumentFields.integers(workflow.get("nodes"))),
                        WorkflowReader.FIREWORK_FIELDS));
        return Optional.ofNullable(WorkflowReader.read(workflow, fireworks, launches(what, fireworks)));
    }

    @Override
    public Optional<Workflow> findByName(String name) {
        List<Document> named = launchpad.find(
                "find workflow '" + name + "'",
                launchpad.workflows,
                Filters.eq("name", name),
                Projections.include("nodes"));
        return named.stream()
                .flatMap(workflow ->
                        DocumentFields.integers(workflow.get("nodes")).stream().limit(1))
                .sorted(Comparator.reverseOrder())
                .flatMap(id -> find(id).stream())
                .filter(Workflow::isDeployment)
                .findFirst();
    }

    private @Nullable Document findDocument(int id, String what) {
        return launchpad.calls.<@Nullable Document>run(
                what,
                () -> launchpad
                        .workflows
                        .find(Filters.eq("nodes", id))
                        .projection(WorkflowReader.WORKFLOW_FIELDS)
                        .first());
    }

    /** Three questions for any number of workflows: their Fireworks, the workflows, their present launches. */
    @Override
    public List<Workflow> list(WorkflowFilter filter) {
        String what = "list workflows";
        // Fireworks first: they are there before their workflow and after it.
        Map<Integer, Document> fireworks = WorkflowReader.byId(
                "fw_id", launchpad.find(what, launchpad.fireworks, condition(filter), WorkflowReader.FIREWORK_FIELDS));
        if (fireworks.isEmpty()) {
            return List.of();
        }
        List<Document> documents = launchpad.find(
                what,
                launchpad.workflows,
                Launchpad.idsIn("nodes", fireworks.keySet()),
                WorkflowReader.WORKFLOW_FIELDS);
        documents.removeIf(workflow ->
                DocumentFields.integers(workflow.get("nodes")).stream().noneMatch(fireworks::containsKey));
        addOtherMembers(what, documents, fireworks);
        Map<Integer, Document> launches = launches(what, fireworks);
        return documents.stream()
                .map(workflow -> WorkflowReader.read(workflow, fireworks, launches))
                .filter(Objects::nonNull)
                .filter(workflow -> matches(filter, workflow))
                .sorted(Comparator.comparingInt(Workflow::id))
                .toList();
    }

    /** {@inheritDoc} By {@code workflows.locked}, which FireWorks sets whenever it derives states anew. */
    @Override
    public Set<Integer> locked(Collection<Integer> ids) {
        Set<Integer> locked = new HashSet<>();
        if (!ids.isEmpty()) {
            launchpad
                    .find(
                            "tell which workflows are locked",
                            launchpad.workflows,
                            Filters.and(Launchpad.idIn("nodes", List.copyOf(ids)), Filters.exists("locked")),
                            Projections.include("nodes"))
                    .forEach(workflow -> locked.addAll(DocumentFields.integers(workflow.get("nodes"))));
            locked.retainAll(ids);
        }
        return locked;
    }

    private static Bson condition(WorkflowFilter filter) {
        List<Bson> conditions = new ArrayList<>();
        if (filter.category() != null) {
            conditions.add(Filters.eq("spec._category", filter.category()));
        }
        if (filter.deploymentsOnly()) {
            conditions.add(Filters.exists("spec.jrms_info"));
        }
        if (!filter.states().isEmpty()) {
            conditions.add(Filters.in("state", memberStates(filter.states())));
        }
        return conditions.isEmpty() ? Filters.empty() : Filters.and(conditions);
    }

    /** States of which a workflow has at least one Firework if it is in one of the given states. */
    private static Set<String> memberStates(Set<WorkflowState> states) {
        Set<WorkflowState> members = new HashSet<>(states);
        if (states.contains(WorkflowState.RUNNING)) {
            members.addAll(Set.of(WorkflowState.COMPLETED, WorkflowState.FIZZLED));
        }
        if (states.contains(WorkflowState.READY)) {
            members.add(WorkflowState.WAITING);
        }
        return members.stream().map(Enum::name).collect(Collectors.toSet());
    }

    /** A chain may have members that the condition does not fit, and its state depends on them. */
    private void addOtherMembers(String what, List<Document> workflows, Map<Integer, Document> fireworks) {
        Set<Integer> others = new HashSet<>();
        for (Document workflow : workflows) {
            DocumentFields.integers(workflow.get("nodes")).stream()
                    .filter(id -> !fireworks.containsKey(id))
                    .forEach(others::add);
        }
        if (!others.isEmpty()) {
            fireworks.putAll(WorkflowReader.byId(
                    "fw_id",
                    launchpad.find(
                            what,
                            launchpad.fireworks,
                            Launchpad.idsIn("fw_id", others),
                            WorkflowReader.FIREWORK_FIELDS)));
        }
    }

    private static boolean matches(WorkflowFilter filter, Workflow workflow) {
        return (filter.states().isEmpty() || filter.states().contains(workflow.state()))
                && (filter.category() == null || filter.category().equals(workflow.category()))
                && (!filter.deploymentsOnly() || workflow.isDeployment());
    }

    private Map<Integer, Document> launches(String what, Map<Integer, Document> fireworks) {
        Set<Integer> ids = new LinkedHashSet<>();
        fireworks.values().forEach(firework -> ids.addAll(WorkflowReader.launchIds(firework)));
        return ids.isEmpty()
                ? Map.of()
                : WorkflowReader.byId(
                        "launch_id",
                        launchpad.find(
                                what,
                                launchpad.launches,
                                Launchpad.idsIn("launch_id", ids),
                                WorkflowReader.LAUNCH_FIELDS));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Its Fireworks are taken out of use first and deleted last, so that a deletion that was cut off leaves nothing at
     * which FireWorks stops, and can be repeated. A running agent may write its Firework or launch once more; that is
     * removed too.
     *
     * @throws WorkflowStoreException also if the workflow is not a JRM deployment: jrm leaves others' work alone
     */
    @Override
    public boolean delete(int id) {
        String what = "delete workflow " + id;
        Deletion deletion = new Deletion(launchpad, what);
        if (deletion.runSingle(id)) {
            return true;
        }
        Document workflow = findDocument(id, what);
        // Without a workflow it can be what a deletion that was cut off has left.
        List<Integer> nodes = workflow == null ? List.of(id) : DocumentFields.integers(workflow.get("nodes"));
        if (!requireOwn(nodes, what) && workflow == null) {
            return false;
        }
        deletion.run(nodes);
        return true;
    }

    @Override
    public List<Integer> repair() {
        return new Repair(launchpad, refresh, this::delete).run();
    }

    @Override
    public boolean pause(int id) {
        return own(id, "pause Firework " + id).isPresent() && stateChanges.pause(id);
    }

    @Override
    public boolean resume(int id) {
        return own(id, "resume Firework " + id).isPresent() && stateChanges.resume(id);
    }

    @Override
    public boolean defuse(int id) {
        return own(id, "defuse Firework " + id).isPresent() && stateChanges.defuse(id);
    }

    @Override
    public boolean reignite(int id) {
        return own(id, "reignite Firework " + id).isPresent() && stateChanges.reignite(id);
    }

    @Override
    public boolean rerun(int id) {
        return own(id, "rerun Firework " + id).isPresent() && stateChanges.rerun(id);
    }

    @Override
    public boolean archive(int id) {
        Optional<List<Integer>> nodes = own(id, "archive workflow " + id);
        nodes.ifPresent(stateChanges::archive);
        return nodes.isPresent();
    }

    /** The Fireworks of a workflow that jrm may change; empty if there is none. */
    private Optional<List<Integer>> own(int id, String what) {
        Document workflow = findDocument(id, what);
        if (workflow == null) {
            return Optional.empty();
        }
        List<Integer> nodes = DocumentFields.integers(workflow.get("nodes"));
        requireOwn(nodes, what);
        return Optional.of(nodes);
    }

    /** Refuses what is not a JRM deployment; tells whether there is any of the Fireworks. */
    private boolean requireOwn(List<Integer> nodes, String what) {
        List<Document> fireworks = launchpad.find(
                what, launchpad.fireworks, Launchpad.idIn("fw_id", nodes), Projections.include("spec.jrms_info"));
        if (!fireworks.isEmpty() && fireworks.stream().noneMatch(WorkflowReader::isDeployment)) {
            throw new WorkflowStoreException(
                    "Cannot " + what + " in LaunchPad database '" + launchpad.database.getName()
                            + "': it is not a JRM deployment, and jrm leaves others' work alone. Use FireWorks' lpad for it.",
                    null,
                    false);
        }
        return !fireworks.isEmpty();
    }

    /**
     * {@inheritDoc}
     *
     * <p>By a change stream where the server has them (replica set, sharded cluster), else by one question every 2 s for all
     * listeners of this store.
     */
    @Override
    public WorkflowWatch watch(WorkflowListener listener) {
        return changes.subscribe(listener);
    }

    @Override
    public LaunchQueue launchQueue() {
        return launchQueue;
    }

    @Override
    public PortLeaseStore portLeases() {
        return portLeases;
    }

    @Override
    public DeploymentJournal deploymentJournal() {
        return deploymentJournal;
    }
}
