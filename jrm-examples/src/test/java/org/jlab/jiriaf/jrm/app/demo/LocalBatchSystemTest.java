package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBatchSystemTest {

    private static final LoopbackNetwork NETWORK = new LoopbackNetwork(79, 1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final String run = UUID.randomUUID().toString();
    private final ProcessTable processes = new ProcessTable("RUN=" + run);
    private final LocalBatchSystem batch =
            new LocalBatchSystem(Map.of("RUN", run, "PATH", System.getenv("PATH")), NETWORK.computeNode(0), processes);

    @AfterEach
    void stop() {
        batch.close();
    }

    private String submit(String script) throws IOException {
        Path file = Files.writeString(folder.resolve("job.sh"), script);
        return batch.submit(new LocalBatchSystem.Request("test", 2, Duration.ofHours(1), file, folder));
    }

    private Path output(String id) {
        return folder.resolve("slurm-" + id + ".out");
    }

    @Test
    void runsAJobWithTheEnvironmentOfSlurmOnceItIsStarted() throws IOException {
        String id = submit("echo $SLURM_JOB_ID $SLURM_JOB_NUM_NODES $SLURMD_NODENAME $PWD; exit 3");
        assertThat(batch.state(id)).isEqualTo("PENDING");

        batch.start(id);

        await().until(() -> !batch.isQueued(id));
        assertThat(output(id)).hasContent(id + " 2 nid0001 " + folder);
        assertThat(batch.state(id)).isEqualTo("FAILED");
        assertThat(batch.end(id)).isPresent();
    }

    @Test
    void aCancelledJobTakesAllItsProcessesAlong() throws IOException {
        String id = submit("trap '' TERM; setsid bash -c \"trap '' TERM; sleep 600\" & sleep 600 & wait; sleep 600");
        batch.start(id);
        await().until(() -> processes.ofJob(id).size() >= 4);

        batch.cancel(id);

        assertThat(processes.all()).isEmpty();
        assertThat(batch.state(id)).isEqualTo("CANCELLED");
    }

    @Test
    void aJobThatIsCancelledWhileItWaitsNeverStarts() throws IOException {
        String id = submit("echo ran");

        batch.cancel(id);
        batch.start(id);

        assertThat(batch.state(id)).isEqualTo("CANCELLED");
        assertThat(output(id)).doesNotExist();
    }

    /** At a terminal everybody of the foreground gets it. */
    @Test
    void anInterruptOfTheBatchSystemItselfIsNothingToAJob() throws Exception {
        String id = submit("trap 'echo ended; exit 0' USR1; echo ready; while :; do sleep 0.1; done");
        batch.start(id);
        await().untilAsserted(() -> assertThat(output(id)).content().contains("ready"));
        ProcessHandle launcher = ProcessHandle.current()
                .children()
                .filter(processes.ofJob(id)::contains)
                .findFirst()
                .orElseThrow();

        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(launcher.pid()))
                        .start()
                        .waitFor())
                .isZero();
        batch.signal(id, "USR1");

        await().until(() -> !batch.isQueued(id));
        assertThat(output(id)).content().contains("ended");
        assertThat(batch.state(id)).isEqualTo("COMPLETED");
    }

    @Test
    void aJobCanCatchAnInterrupt() throws IOException {
        String id = submit("trap 'echo interrupted; exit 0' INT; echo ready; while :; do sleep 0.1; done");
        batch.start(id);
        await().untilAsserted(() -> assertThat(output(id)).content().contains("ready"));

        batch.signal(id, "INT");

        await().until(() -> !batch.isQueued(id));
        assertThat(output(id)).content().contains("interrupted");
        assertThat(batch.state(id)).isEqualTo("COMPLETED");
    }
}
