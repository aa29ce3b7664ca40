package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Reservation;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Worker;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the {@link LaunchQueue} of every store does. */
public abstract class LaunchQueueContract {

    private static final Worker LOGIN = new Worker("worker", "perlmutter", "login01", "10.0.0.1");
    private static final Worker NODE = new Worker("worker", "perlmutter", "nid001", "10.0.0.2");

    /** Time of the store. */
    protected final MutableClock clock = new MutableClock();

    private WorkflowStore store;
    private LaunchQueue queue;

    /** For subclasses. */
    protected LaunchQueueContract() {}

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
        queue = store.launchQueue();
    }

    @Test
    void passesOverWorkflowsThatItIsTo() {
        int first = store.add(WorkflowDrafts.oneNode(LOGIN.category(), "a"));
        int second = store.add(WorkflowDrafts.oneNode(LOGIN.category(), "b"));
        assertThat(queue.reserve(LOGIN, "/launch/1", Set.of(first)))
                .hasValueSatisfying(reservation ->
                        assertThat(reservation.launch().workflowId()).isEqualTo(second));
        assertThat(queue.reserve(LOGIN, "/launch/2", Set.of(first))).isEmpty();
        assertThat(queue.reserve(LOGIN, "/launch/2")).isPresent();
    }

    @Test
    void takesNothingWhenNothingIsReadyInItsCategory() {
        store.add(WorkflowDrafts.oneNode("ornl", "a"));

        assertThat(queue.reserve(LOGIN, "/launch")).isEmpty();
    }

    @Test
    void reservesTheOldestWithAllThatItTakesToRunIt() {
        WorkflowDraft draft = WorkflowDrafts.twoNodes(Map.of());
        int id = store.add(draft);
        clock.advance(Duration.ofSeconds(1));
        store.add(WorkflowDrafts.oneNode("perlmutter", "later"));

        Reservation reservation = queue.reserve(LOGIN, "/launch/1").orElseThrow();

        assertThat(reservation.name()).isEqualTo(draft.name());
        assertThat(reservation.queue()).isEqualTo(draft.queue());
        assertThat(reservation.tasks()).isEqualTo(draft.tasks());
        assertThat(reservation.launch().workflowId()).isEqualTo(id);
        assertThat(reservation.launch().state()).isEqualTo(WorkflowState.RESERVED);
        assertThat(reservation.launch().launchDir()).isEqualTo("/launch/1");
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.RESERVED);
        assertThat(launch(id)).isEqualTo(reservation.launch());
    }

    @Test
    void followsALaunchFromReservationToItsEnd() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();
        queue.submitted(launchId, "4711");
        assertThat(launch(id).jobId()).isEqualTo("4711");
        assertThat(launch(id).host()).isEqualTo("login01");

        clock.advance(Duration.ofMinutes(2));
        Instant started = clock.instant();
        queue.start(launchId, NODE);
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.RUNNING);
        assertThat(launch(id).host()).isEqualTo("nid001");
        assertThat(launch(id).jobId()).isEqualTo("4711");
        assertThat(launch(id).startedAt()).isEqualTo(started);
        assertThat(launch(id).lastPing()).isEqualTo(started);

        clock.advance(Duration.ofMinutes(3));
        assertThat(queue.ping(launchId)).isTrue();
        assertThat(launch(id).lastPing()).isEqualTo(clock.instant());

        clock.advance(Duration.ofMinutes(4));
        queue.complete(launchId, WorkflowState.COMPLETED, "");
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(workflow(id).updatedOn()).isCloseTo(clock.instant(), within(1, ChronoUnit.MILLIS));
        assertThat(launch(id).state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(launch(id).endedAt()).isEqualTo(clock.instant());
        assertThat(queue.ping(launchId)).isFalse();
    }

    @Test
    void recordsAFailure() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();
        queue.start(launchId, NODE);

        queue.complete(launchId, WorkflowState.FIZZLED, "task 3 returned 1");

        assertThat(workflow(id).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(launch(id).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(launch(id).message()).isEqualTo("task 3 returned 1");
    }

    @Test
    void hasNoMessageWhereNothingIsSaid() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();
        assertThat(launch(id).message()).isNull();
        queue.start(launchId, NODE);
        assertThat(launch(id).message()).isNull();

        queue.complete(launchId, WorkflowState.COMPLETED, "");

        assertThat(launch(id).message()).isNull();
    }

    @Test
    void keepsOneBoundedLineOfAMessage() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        String tail = "x".repeat(2 * Launch.MAX_MESSAGE);

        queue.complete(reserve(), WorkflowState.FIZZLED, " first\r\n \u001b[31msecond\n" + tail);

        String message = Objects.requireNonNull(launch(id).message());
        assertThat(message).startsWith("first; ?[31msecond; xxx").hasSize(Launch.MAX_MESSAGE);
        assertThat(store.list(WorkflowFilter.ALL))
                .extracting(
                        workflow -> Objects.requireNonNull(workflow.launch()).message())
                .containsExactly(message);
    }

    @Test
    void recordsThatAJobFailedBeforeItStarted() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));

        queue.complete(reserve(), WorkflowState.FIZZLED, "the batch system killed it");

        assertThat(workflow(id).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(launch(id).startedAt()).isNull();
        assertThat(launch(id).message()).isEqualTo("the batch system killed it");
    }

    @Test
    void endsALaunchOnlyOnce() {
        store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();
        queue.start(launchId, NODE);
        queue.complete(launchId, WorkflowState.COMPLETED, "");

        queue.complete(launchId, WorkflowState.COMPLETED, "");
        assertThatThrownBy(() -> queue.complete(launchId, WorkflowState.FIZZLED, ""))
                .isInstanceOf(WorkflowStoreException.class)
                .hasMessageContaining("launch " + launchId)
                .hasMessageContaining("COMPLETED");
    }

    @Test
    void refusesAnEndThatIsNone() {
        store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();

        assertThatThrownBy(() -> queue.complete(launchId, WorkflowState.RUNNING, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RUNNING");
    }

    @Test
    void givesAReservationBack() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();

        assertThat(queue.cancel(launchId)).isTrue();

        assertThat(workflow(id).state()).isEqualTo(WorkflowState.READY);
        assertThat(workflow(id).launch()).isNull();
        assertThat(queue.cancel(launchId)).isFalse();
        assertThatThrownBy(() -> queue.start(launchId, NODE)).isInstanceOf(WorkflowStoreException.class);
        assertThatThrownBy(() -> queue.submitted(launchId, "1")).isInstanceOf(WorkflowStoreException.class);
        assertThat(reserve()).isGreaterThan(launchId);
    }

    @Test
    void doesNotGiveARunBack() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();
        queue.start(launchId, NODE);

        assertThat(queue.cancel(launchId)).isFalse();
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.RUNNING);
    }

    @Test
    void notesTheBatchJobAlsoWhenItStartedBeforeItsIdWasKnown() {
        int id = store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();
        queue.start(launchId, NODE);

        queue.submitted(launchId, "4711");

        assertThat(launch(id).jobId()).isEqualTo("4711");
        assertThat(launch(id).state()).isEqualTo(WorkflowState.RUNNING);
    }

    @Test
    void startsAReservationOnlyOnce() {
        store.add(WorkflowDrafts.oneNode("perlmutter", "a"));
        int launchId = reserve();
        queue.start(launchId, NODE);

        assertThatThrownBy(() -> queue.start(launchId, NODE))
                .isInstanceOf(WorkflowStoreException.class)
                .hasMessageContaining("launch " + launchId)
                .hasMessageContaining("RUNNING");
    }

    @Test
    void namesALaunchThatIsNotThere() {
        assertThatThrownBy(() -> queue.start(99, NODE))
                .isInstanceOf(WorkflowStoreException.class)
                .hasMessageContaining("launch 99");
        assertThatThrownBy(() -> queue.complete(99, WorkflowState.COMPLETED, ""))
                .isInstanceOf(WorkflowStoreException.class);
        assertThat(queue.ping(99)).isFalse();
        assertThat(queue.cancel(99)).isFalse();
    }

    @Test
    void givesNoWorkflowToTwoWorkers() throws Exception {
        IntStream.range(0, 12).forEach(i -> store.add(WorkflowDrafts.oneNode("perlmutter", "n" + i)));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Optional<Reservation>>> takers = IntStream.range(0, 16)
                    .<Callable<Optional<Reservation>>>mapToObj(i -> () -> queue.reserve(LOGIN, "/launch"))
                    .toList();
            List<Integer> taken = threads.invokeAll(takers, 30, TimeUnit.SECONDS).stream()
                    .map(LaunchQueueContract::get)
                    .flatMap(Optional::stream)
                    .map(reservation -> reservation.launch().workflowId())
                    .toList();
            assertThat(taken).doesNotHaveDuplicates().hasSize(12);
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> T get(java.util.concurrent.Future<T> future) {
        try {
            return future.get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private int reserve() {
        return queue.reserve(LOGIN, "/launch").orElseThrow().launch().id();
    }

    private Workflow workflow(int id) {
        return store.find(id).orElseThrow();
    }

    private Launch launch(int id) {
        return Objects.requireNonNull(workflow(id).launch());
    }
}
