package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowListener;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jlab.jiriaf.jrm.workflow.WorkflowWatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link WorkflowStore} does. */
public abstract class WorkflowStoreContract {

    private static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "test", "login01", "127.0.0.1");

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

    @Test
    void leavesNothingLocked() {
        int run = store.add(WorkflowDrafts.oneNode("test", "a"));
        int deleted = store.add(WorkflowDrafts.oneNode("other", "b"));
        int launch =
                store.launchQueue().reserve(WORKER, "/l").orElseThrow().launch().id();
        store.launchQueue().start(launch, WORKER);
        store.launchQueue().complete(launch, WorkflowState.COMPLETED, "");
        store.delete(deleted);

        assertThat(store.locked(List.of(run, deleted, 4711))).isEmpty();
        assertThat(store.locked(List.of())).isEmpty();
    }

    @Test
    void addsManyAtOnceInTheirOrder() {
        List<WorkflowDraft> drafts = IntStream.range(0, 25)
                .mapToObj(i -> WorkflowDrafts.oneNode("test", "n" + i))
                .toList();

        List<Integer> ids = store.addAll(drafts);

        assertThat(ids).doesNotHaveDuplicates().isSorted();
        assertThat(store.list(WorkflowFilter.ALL)).extracting(Workflow::id).isEqualTo(ids);
        assertThat(store.find(ids.get(7)).orElseThrow().name())
                .isEqualTo(drafts.get(7).name());
        assertThat(store.addAll(List.of())).isEmpty();
    }

    @Test
    void pausesAndResumes() {
        int id = store.add(WorkflowDrafts.oneNode("test", "a"));

        assertThat(store.pause(id)).isTrue();
        assertThat(state(id)).isEqualTo(WorkflowState.PAUSED);
        assertThat(store.launchQueue().reserve(WORKER, "/l")).isEmpty();
        assertThat(store.resume(id)).isTrue();
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        assertThat(store.resume(id)).isFalse();
        assertThat(store.pause(4711)).isFalse();
    }

    @Test
    void resumesAReservation() {
        int id = store.add(WorkflowDrafts.oneNode("test", "a"));
        Launch launch = store.launchQueue().reserve(WORKER, "/l").orElseThrow().launch();
        store.pause(id);
        assertThatThrownBy(() -> store.launchQueue().start(launch.id(), WORKER))
                .isInstanceOf(WorkflowStoreException.class)
                .hasMessageContaining("PAUSED");

        store.resume(id);

        assertThat(state(id)).isEqualTo(WorkflowState.RESERVED);
        store.launchQueue().start(launch.id(), WORKER);
        assertThat(state(id)).isEqualTo(WorkflowState.RUNNING);
        assertThat(store.pause(id)).isFalse();
    }

    @Test
    void defusesAndReignites() {
        int id = store.add(WorkflowDrafts.oneNode("test", "a"));

        assertThat(store.defuse(id)).isTrue();
        assertThat(store.defuse(id)).isTrue();
        assertThat(state(id)).isEqualTo(WorkflowState.DEFUSED);
        assertThat(store.rerun(id)).isFalse();
        assertThat(store.reignite(id)).isTrue();
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        assertThat(store.reignite(id)).isFalse();
    }

    @Test
    void letsAJobThatRunsOnEndWithoutChangingADefusedWorkflow() {
        int id = store.add(WorkflowDrafts.oneNode("test", "a"));
        LaunchQueue queue = store.launchQueue();
        int launchId = queue.reserve(WORKER, "/l").orElseThrow().launch().id();
        queue.start(launchId, WORKER);

        assertThat(store.defuse(id)).isTrue();
        queue.complete(launchId, WorkflowState.COMPLETED, "");

        assertThat(state(id)).isEqualTo(WorkflowState.DEFUSED);
    }

    @Test
    void rerunsWhatIsOver() {
        int id = store.add(WorkflowDrafts.oneNode("test", "a"));
        LaunchQueue queue = store.launchQueue();
        queue.complete(queue.reserve(WORKER, "/l").orElseThrow().launch().id(), WorkflowState.FIZZLED, "");

        assertThat(store.rerun(id)).isTrue();

        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        assertThat(store.find(id).orElseThrow().launch()).isNull();
        assertThat(queue.reserve(WORKER, "/l")).isPresent();
    }

    @Test
    void archivesForGood() {
        int id = store.add(WorkflowDrafts.oneNode("test", "a"));

        assertThat(store.archive(id)).isTrue();

        assertThat(state(id)).isEqualTo(WorkflowState.ARCHIVED);
        assertThat(store.rerun(id)).isFalse();
        assertThat(store.defuse(id)).isFalse();
        assertThat(store.archive(id)).isTrue();
        assertThat(store.archive(4711)).isFalse();
    }

    @Test
    void detectsRunsAndReservationsThatNobodyFollowsAnyMore() {
        int running = store.add(WorkflowDrafts.oneNode("test", "a"));
        LaunchQueue queue = store.launchQueue();
        int launchId = queue.reserve(WORKER, "/l").orElseThrow().launch().id();
        queue.start(launchId, WORKER);
        clock.advance(Duration.ofHours(3));
        queue.ping(launchId);
        int reserved = store.add(WorkflowDrafts.oneNode("test", "b"));
        queue.reserve(WORKER, "/l");
        store.add(WorkflowDrafts.oneNode("test", "c"));

        clock.advance(WorkflowStore.RUN_EXPIRY.minusSeconds(1));
        assertThat(lost()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(lost()).containsExactly(running);
        clock.advance(WorkflowStore.RESERVATION_EXPIRY);
        assertThat(lost()).containsExactly(running, reserved);

        queue.complete(launchId, WorkflowState.FIZZLED, "lost");
        assertThat(lost()).containsExactly(reserved);
    }

    @Test
    void tellsAWatcherOfWhatIsThereAndOfEachChange() {
        int first = store.add(WorkflowDrafts.oneNode("test", "a"));
        List<String> told = new CopyOnWriteArrayList<>();
        WorkflowListener listener = new WorkflowListener() {
            @Override
            public void changed(Workflow workflow) {
                told.add(workflow.id() + " " + workflow.state());
            }

            @Override
            public void deleted(int id) {
                told.add(id + " gone");
            }
        };
        WorkflowWatch watch = store.watch(listener);
        await().untilAsserted(() -> assertThat(told).containsExactly(first + " READY"));

        store.pause(first);
        await().untilAsserted(() -> assertThat(told).endsWith(first + " PAUSED"));
        int second = store.add(WorkflowDrafts.oneNode("test", "b"));
        await().untilAsserted(() -> assertThat(told).endsWith(second + " READY"));
        store.delete(first);
        await().untilAsserted(() -> assertThat(told).endsWith(first + " gone"));
        assertThat(told).hasSize(4);

        watch.close();
        watch.close();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("jrm-workflow-watch")));
    }

    private List<Integer> lost() {
        return store
                .detectLostRuns(clock.instant(), WorkflowStore.RUN_EXPIRY, WorkflowStore.RESERVATION_EXPIRY)
                .stream()
                .map(Workflow::id)
                .toList();
    }

    private WorkflowState state(int id) {
        return store.find(id).orElseThrow().state();
    }
}
