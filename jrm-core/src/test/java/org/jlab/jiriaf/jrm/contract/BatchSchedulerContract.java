package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.junit.jupiter.api.AfterEach;
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
     * A folder at the site that jobs can work in.
     *
     * @return absolute path
     */
    protected abstract String folder();

    /**
     * An id that no job has.
     *
     * @return the id
     */
    protected abstract String unusedId();

    /** Lets the batch system, or its login node, give no answer from now on. */
    protected abstract void breakDown();

    /** Lets it answer again. */
    protected abstract void repair();

    /** What every job of these tests does until it is cancelled; it minds SIGTERM. */
    private static final String SCRIPT = """
            #!/bin/sh
            trap 'exit 143' TERM INT
            sleep 600 &
            wait
            """;

    private final List<String> submitted = new ArrayList<>();

    /** Cancels what the test has submitted. */
    @AfterEach
    protected void cancelAll() {
        submitted.forEach(id -> scheduler().cancel(session(), id, TIMEOUT));
    }

    private String submit(String name, String token) {
        String id = scheduler().submit(session(), new BatchSubmission(folder(), SCRIPT, name, token), TIMEOUT);
        submitted.add(id);
        return id;
    }

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
    void carriesAnyLineInNameAndToken() {
        String id = submit("a b|c;'\"", "x|y \"'$(:)\u00e4");

        assertThat(listed(id).name()).isEqualTo("a b|c;'\"");
        assertThat(listed(id).comment()).isEqualTo("x|y \"'$(:)\u00e4");
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
    void submitsAJobThatIsFoundByItsToken() {
        String id = submit("looked for", "token 99");
        String other = submit("looked for", "token 100");

        assertThat(id).isNotEqualTo(other);
        assertThat(scheduler().jobs(session(), TIMEOUT))
                .filteredOn(job -> "token 99".equals(job.comment()))
                .extracting(BatchJobStatus::id)
                .containsExactly(id);
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

        assertThat(scheduler().find(session(), List.of(id), TIMEOUT).values())
                .allMatch(job -> job.state().isOver());
        assertThat(scheduler().jobs(session(), TIMEOUT))
                .filteredOn(job -> job.id().equals(id))
                .allMatch(job -> job.state().isOver());
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

        assertThatThrownBy(() -> scheduler().jobs(session(), Duration.ofSeconds(2)))
                .isInstanceOfSatisfying(
                        JrmException.class, e -> assertThat(e.isTransient()).isTrue());
        assertThatThrownBy(() -> scheduler().find(session(), List.of(id), Duration.ofSeconds(2)))
                .isInstanceOf(JrmException.class);
        repair();
        assertThat(found(id).state().isOver()).isFalse();
    }
}
