package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deployments launched over SSH at sites where nothing of FireWorks runs: no agent, no rocket. */
@Tag("practice")
class LaunchTest {

    private static final String SLURM = "perlmutter-ssh";
    private static final String HOST = "fabric-ssh";
    private static final Duration READY = Duration.ofMinutes(3);
    private static final Duration END = Duration.ofMinutes(4);
    private static final Duration GONE = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static PracticeSite site;
    private static ControlPlane controlPlane;
    private static final List<LaunchRun> launchers = new ArrayList<>();

    private static LaunchRun slurm;
    private static LaunchRun host;

    @BeforeAll
    static void open() {
        site = PracticeSite.find();
        controlPlane = new ControlPlane(site, directory);
        slurm = new LaunchRun(controlPlane, SiteFile.perlmutter(SLURM).config());
        launchers.add(slurm);
        host = new LaunchRun(controlPlane, SiteFile.fabric(HOST).config());
        launchers.add(host);
    }

    @AfterAll
    static void close() {
        try {
            controlPlane.clearAndClose();
        } finally {
            launchers.forEach(LaunchRun::close);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void theChainOfSlurm() {
        ChainRun.deploy(
                        "Slurm over SSH",
                        site,
                        controlPlane,
                        SiteFile.perlmutter(SLURM).withWalltime(SiteFile.HALF_A_MINUTE))
                .awaitMetrics()
                .awaitCompleted()
                .reconcile();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void theChainOfOneMachine() {
        ChainRun.deploy("machine over SSH", site, controlPlane, SiteFile.fabric(HOST))
                .awaitMetrics()
                .delete();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aJobThatSomebodyCancelsFizzles() {
        Ending job = Ending.onSlurm("n11");
        site.in("login01", "scancel", job.id());
        assertThat(job.awaitEnd()).startsWith("FIZZLED").contains("CANCELLED");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aJobThatRunsIntoItsLimitFizzles() {
        Ending job = Ending.onSlurm("n12");
        // The JRMs do not know of it, so Slurm is the first to end them.
        site.in("login01", "scontrol", "update", "JobId=" + job.id(), "TimeLimit=1");
        assertThat(job.awaitEnd()).startsWith("FIZZLED").contains("TIMEOUT", "TimeLimit");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aJobWhoseNodeFailsFizzles() {
        Ending job = Ending.onSlurm("n13");
        site.in("login01", "scontrol", "update", "NodeName=n13", "State=DOWN", "Reason=test");
        try {
            assertThat(job.awaitEnd()).startsWith("FIZZLED").contains("NODE_FAIL");
        } finally {
            // It may have come back by itself, which Slurm then calls an invalid state to resume from.
            site.in("login01", "sh", "-c", "scontrol update NodeName=n13 State=RESUME || true");
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aJobWhoseStartScriptDiesFizzles() {
        Ending job = Ending.onSlurm("n14");
        job.killStartScript();
        assertThat(job.awaitEnd())
                .startsWith("FIZZLED")
                .contains("exit code 137", job.node + ": 137: start.sh ended by itself");
    }

    /** Slurm sends the warning to the batch shell, or to the steps of the job, up to a minute early. */
    @ParameterizedTest
    @ValueSource(strings = {"B:USR2@250", "USR2@250"})
    @Execution(ExecutionMode.CONCURRENT)
    void aJobThatIsWarnedEndsInOrder(String signal) {
        SiteFile file = SiteFile.perlmutter(SLURM)
                .withNodes(1)
                .withWalltime("00:05:00")
                // Not on the node that another test has fail meanwhile.
                .withSlurm("constraint: cpu", "account: m3792", "signal: " + signal, "directives: [nodelist=n15]");
        Deployment deployment = controlPlane.jrm().deploy(file.config());
        await("the end of " + deployment)
                .atMost(END)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> deployment.workflow().state(), WorkflowState::isOver);
        await("word of it")
                .atMost(GONE)
                .until(() -> !slurm.end(deployment.name()).isEmpty());
        assertThat(slurm.end(deployment.name())).startsWith("COMPLETED");
        String node = deployment.nodes().get(0).name();
        Launch launch = Objects.requireNonNull(deployment.workflow().launch());
        assertThat(site.in("login01", "cat", launch.launchDir() + "/" + node + ".exit"))
                .isEqualTo("0 warned that the job ends soon\n");
        assertThat(PracticeSite.processes(node)).as("processes of %s", node).isEmpty();
        controlPlane.jrm().delete(deployment.workflowId());
    }

    /** On a machine without batch system nobody else ends the processes of a job: what is left when its script is killed. */
    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void aJobOfOneMachineFizzlesInWhateverWayItEnds(BadEnd end) {
        Ending job = Ending.onOneMachine();
        end.bring(job);
        assertThat(job.awaitEnd()).startsWith("FIZZLED").contains(end.words.replace("NODE", job.node));
    }

    /** What can happen to a job of a machine without batch system. */
    enum BadEnd {
        START_SCRIPT_DIES("its tasks ended with exit code 137: NODE: 137: start.sh ended by itself"),
        TOLD_TO_END("its tasks ended with exit code 143"),
        SCRIPT_KILLED("its tasks did not come to their end"),
        ALL_KILLED("its tasks did not come to their end");

        private final String words;

        BadEnd(String words) {
            this.words = words;
        }

        private void bring(Ending job) {
            List<ProcessHandle> all = job.processes();
            Predicate<ProcessHandle> script =
                    process -> commandLine(process).endsWith("sh ./" + BatchSubmission.SCRIPT_FILE);
            switch (this) {
                case START_SCRIPT_DIES -> job.killStartScript();
                case TOLD_TO_END -> assertThat(all.stream().filter(script)).allMatch(ProcessHandle::destroy);
                case SCRIPT_KILLED -> assertThat(all.stream().filter(script)).allMatch(ProcessHandle::destroyForcibly);
                case ALL_KILLED -> all.forEach(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** A deployment of one node that comes to a bad end; on Slurm its node is its own. */
    private static final class Ending {

        private final LaunchRun launcher;
        private final Deployment deployment;
        private final String node;
        private final String mark;

        private Ending(LaunchRun launcher, SiteFile file, Function<Workflow, String> mark) {
            this.launcher = launcher;
            deployment = controlPlane.jrm().deploy(file.config());
            deployment.awaitReady(READY);
            node = deployment.nodes().get(0).name();
            this.mark = mark.apply(deployment.workflow());
            assertThat(processes()).isNotEmpty();
        }

        static Ending onSlurm(String computeNode) {
            SiteFile file = SiteFile.perlmutter(SLURM)
                    .withNodes(1)
                    .withSlurm("constraint: cpu", "account: m3792", "directives: [nodelist=" + computeNode + "]");
            return new Ending(slurm, file, workflow -> "SLURM_JOB_ID=" + jobId(workflow));
        }

        static Ending onOneMachine() {
            return new Ending(host, SiteFile.fabric(HOST), workflow -> "JRM_JOB_NAME=" + workflow.name());
        }

        String id() {
            return jobId(deployment.workflow());
        }

        private static String jobId(Workflow workflow) {
            return Objects.requireNonNull(
                    Objects.requireNonNull(workflow.launch()).jobId());
        }

        void killStartScript() {
            assertThat(processes().stream()
                            .filter(process -> commandLine(process).contains("start.sh "))
                            .filter(ProcessHandle::destroyForcibly))
                    .isNotEmpty();
        }

        /** All processes of the site, on any of its hosts, that the job has started, by what they inherited. */
        List<ProcessHandle> processes() {
            return ProcessHandle.allProcesses()
                    .filter(process -> environment(process).anyMatch(mark::equals))
                    .toList();
        }

        /** Waits until the LaunchPad knows the end, looks that the job left no process, and releases the rest. */
        String awaitEnd() {
            await("the end of " + deployment)
                    .atMost(END)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> deployment.workflow().state(), WorkflowState::isOver);
            assertThat(deployment.workflow().state()).isEqualTo(WorkflowState.FIZZLED);
            await("the last process of " + deployment)
                    .atMost(GONE)
                    .untilAsserted(() -> assertThat(processes())
                            .extracting(LaunchTest::commandLine)
                            .isEmpty());
            assertThat(PracticeSite.processes(node)).as("processes of %s", node).isEmpty();
            await("word of it")
                    .atMost(GONE)
                    .until(() -> !launcher.end(deployment.name()).isEmpty());
            String said = launcher.end(deployment.name());
            controlPlane.jrm().delete(deployment.workflowId());
            return said;
        }
    }

    private static String commandLine(ProcessHandle process) {
        return process.info().commandLine().orElse("?");
    }

    private static Stream<String> environment(ProcessHandle process) {
        try {
            byte[] content = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "environ"));
            return Stream.of(new String(content, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            // Gone meanwhile.
            return Stream.of();
        }
    }
}
