package org.jlab.jiriaf.jrm.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BatchJobStatusTest {

    private static final Instant SUBMITTED = Instant.parse("2026-11-23T02:54:07Z");

    private final BatchJobStatus job =
            new BatchJobStatus("77", "jrm-a", null, "u", BatchJobState.RUNNING, null, "n1", SUBMITTED, SUBMITTED, null);

    @Test
    void isTheJobThatWasSubmittedAfterItsReservation() {
        assertThat(job.canBe("jrm-a", SUBMITTED.minusSeconds(3))).isTrue();
        assertThat(job.canBe("jrm-a", SUBMITTED.plus(BatchJobStatus.CLOCK_SKEW)))
                .isTrue();
    }

    @Test
    void isNotAnotherJobThatHadTheSameId() {
        assertThat(job.canBe("jrm-b", SUBMITTED.minusSeconds(3))).isFalse();
        assertThat(job.canBe("jrm-a", SUBMITTED.plus(Duration.ofHours(1)))).isFalse();
    }
}
