package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds for every {@link BatchScheduler}. */
@Timeout(120)
public abstract class BatchSchedulerContract {

    /** How long a call may take. */
    protected static final Duration TIMEOUT = Duration.ofSeconds(60);

    /**
     * The scheduler.
     *
     * @return always the same
     */
    protected abstract BatchScheduler scheduler();

    /**
     * A session on its login node.
     *
     * @return always the same
     */
    protected abstract LoginSession session();

    /**
     * Submits a job that goes on until it is ended.
     *
     * @param name its name
     * @param comment its comment
     * @return its id
     */
    protected abstract String submit(String name, String comment);

    /**
     * An id that no job has.
     *
     * @return the id
     */
    protected abstract String unusedId();

    /** Lets the batch system give no answer from now on. */
    protected abstract void breakDown();

    private BatchJobStatus listed(String id) {
        return scheduler().jobs(session(), TIMEOUT).stream()
                .filter(job -> job.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private BatchJobStatus found(String id) {
        return Objects.requireNonNull(
                scheduler().find(session(), List.of(id), TIMEOUT).get(id));
    }

    @Test
    void listsAJobWithWhatItWasSubmittedWith() {
        Instant before = Instant.now();
        String id = submit("perlmutter_jrm-a", "token 17");

        BatchJobStatus job = listed(id);

        assertThat(job.name()).isEqualTo("perlmutter_jrm-a");
        assertThat(job.comment()).isEqualTo("token 17");
        assertThat(job.user()).isNotBlank();
        assertThat(job.state().isOver()).isFalse();
        assertThat(job.canBe("perlmutter_jrm-a", before)).isTrue();
    }

    @Test
    void carriesAnyTextInNameAndComment() {
        String id = submit("a b|c;'\"", "x|y\nz \"'$(:)\u00e4");

        assertThat(listed(id).name()).isEqualTo("a b|c;'\"");
        assertThat(listed(id).comment()).isEqualTo("x|y\nz \"'$(:)\u00e4");
    }

    @Test
    void findsJobsByTheirIds() {
        String one = submit("one", "first");
        String two = submit("two", "second");

        Map<String, BatchJobStatus> found = scheduler().find(session(), List.of(one, two, unusedId()), TIMEOUT);

        assertThat(found).containsOnlyKeys(one, two);
        assertThat(found(two).name()).isEqualTo("two");
    }

    @Test
    void findsNothingWhereNothingIsAskedOrThere() {
        assertThat(scheduler().find(session(), List.of(), TIMEOUT)).isEmpty();
        assertThat(scheduler().find(session(), List.of(unusedId()), TIMEOUT)).isEmpty();
    }

    @Test
    void aCancelledJobIsOver() {
        String id = submit("cancelled", "c");

        scheduler().cancel(session(), id, TIMEOUT);

        assertThat(found(id).state()).isEqualTo(BatchJobState.CANCELLED);
        assertThat(found(id).endedAt()).isNotNull();
    }

    @Test
    void cancelsWhatIsOverOrUnknownWithoutAWord() {
        String id = submit("cancelled twice", "c");

        scheduler().cancel(session(), id, TIMEOUT);
        scheduler().cancel(session(), id, TIMEOUT);
        scheduler().cancel(session(), unusedId(), TIMEOUT);
    }

    @Test
    void noAnswerIsNotTakenForNoJob() {
        String id = submit("unheard of", "u");
        breakDown();

        assertThatThrownBy(() -> scheduler().jobs(session(), TIMEOUT))
                .isInstanceOfSatisfying(
                        BatchSchedulerException.class,
                        e -> assertThat(e.isTransient()).isTrue());
        assertThatThrownBy(() -> scheduler().find(session(), List.of(id), TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class);
    }
}
