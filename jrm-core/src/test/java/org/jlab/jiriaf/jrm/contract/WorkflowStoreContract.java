package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link WorkflowStore} does. */
public abstract class WorkflowStoreContract {

    /** Time of the store. */
    protected final MutableClock clock = new MutableClock();

    private WorkflowStore store;

    /** For subclasses. */
    protected WorkflowStoreContract() {}

    /**
     * Makes an empty store.
     *
     * @param time what it takes its dates from
     * @return the store
     */
    protected abstract WorkflowStore emptyStore(MutableClock time);

    @BeforeEach
    void makeStore() {
        store = emptyStore(clock);
    }

    @Test
    void findsWhatWasAdded() {
        WorkflowDraft draft = WorkflowDrafts.twoNodes(Map.of("lease", "17", "note", "a b"));

        int id = store.add(draft);

        Workflow workflow = store.find(id).orElseThrow();
        assertThat(workflow.id()).isEqualTo(id);
        assertThat(workflow.name()).isEqualTo(draft.name());
        assertThat(workflow.state()).isEqualTo(WorkflowState.READY);
        assertThat(workflow.category()).isEqualTo("perlmutter");
        assertThat(workflow.walltime()).isEqualTo("00:05:00");
        assertThat(workflow.jrms()).isEqualTo(draft.jrms());
        assertThat(workflow.ssh()).isEqualTo(draft.ssh());
        assertThat(workflow.launch()).isNull();
        assertThat(workflow.metadata()).isEqualTo(draft.metadata());
        assertThat(workflow.isDeployment()).isTrue();
        assertThat(Duration.between(workflow.createdOn(), clock.instant())).isLessThan(Duration.ofMillis(1));
    }

    @Test
    void findsNothingUnderAnIdThatWasNeverGiven() {
        assertThat(store.find(4711)).isEmpty();
        assertThat(store.delete(4711)).isFalse();
    }

    @Test
    void givesEachWorkflowItsOwnIdAlsoToManyThreads() throws Exception {
        Set<Integer> ids = ConcurrentHashMap.newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> adds = IntStream.range(0, 40)
                    .<Callable<Boolean>>mapToObj(i -> () -> ids.add(store.add(WorkflowDrafts.oneNode("test", "n" + i))))
                    .toList();
            for (var added : threads.invokeAll(adds, 30, TimeUnit.SECONDS)) {
                assertThat(added.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(store.list(WorkflowFilter.ALL)).extracting(Workflow::id).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void neverGivesTheIdOfADeletedWorkflowAgain() {
        int first = store.add(WorkflowDrafts.oneNode("test", "a"));
        store.delete(first);

        assertThat(store.add(WorkflowDrafts.oneNode("test", "b"))).isGreaterThan(first);
    }

    @Test
    void listsByStateAndCategoryInOrderOfIds() {
        int perlmutter = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int ornl = store.add(WorkflowDrafts.oneNode("ornl", "b"));
        int reserved = store.add(WorkflowDrafts.oneNode("fabric", "c"));
        store.launchQueue().reserve(new LaunchQueue.Worker("w", "fabric", "login01", "127.0.0.1"), "/l");

        assertThat(store.list(WorkflowFilter.ALL)).extracting(Workflow::id).containsExactly(perlmutter, ornl, reserved);
        assertThat(store.list(WorkflowFilter.DEPLOYMENTS)).hasSize(3);
        assertThat(store.list(new WorkflowFilter(Set.of(), "ornl", true)))
                .extracting(Workflow::id)
                .containsExactly(ornl);
        assertThat(store.list(new WorkflowFilter(Set.of(WorkflowState.READY), null, true)))
                .extracting(Workflow::id)
                .containsExactly(perlmutter, ornl);
        assertThat(store.list(new WorkflowFilter(Set.of(WorkflowState.RUNNING), null, false)))
                .isEmpty();
    }

    @Test
    void deletesAWorkflowWithItsLaunchesAndNothingElse() {
        int kept = store.add(WorkflowDrafts.oneNode("test", "kept"));
        int deleted = store.add(WorkflowDrafts.oneNode("other", "deleted"));
        LaunchQueue queue = store.launchQueue();
        LaunchQueue.Worker worker = new LaunchQueue.Worker("w", "other", "login01", "127.0.0.1");
        Launch launch = queue.reserve(worker, "/l").orElseThrow().launch();
        queue.start(launch.id(), worker);

        assertThat(store.delete(deleted)).isTrue();

        assertThat(store.delete(deleted)).isFalse();
        assertThat(store.find(deleted)).isEmpty();
        assertThat(queue.ping(launch.id())).isFalse();
        assertThat(store.list(WorkflowFilter.ALL)).extracting(Workflow::id).containsExactly(kept);
    }
}
