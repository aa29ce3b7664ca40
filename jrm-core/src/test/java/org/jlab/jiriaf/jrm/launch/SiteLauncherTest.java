package org.jlab.jiriaf.jrm.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.contract.InMemoryBatchScheduler;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.launch.LaunchEvent.Kind;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SiteLauncherTest {

    private static final String SITE = "perlmutter";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final MutableClock clock = new MutableClock();
    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore(clock);
    private final LoopbackTunnelManager tunnels = new LoopbackTunnelManager();
    private final InMemoryBatchScheduler scheduler = new InMemoryBatchScheduler(clock);
    private final List<LaunchEvent> events = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        tunnels.close();
    }

    private static SiteConfig site(String profile) {
        return SiteConfig.parse("""
                slurm:
                  nodes: 1
                  walltime: 00:05:00
                jrm:
                  nodename: jrm
                  site: perlmutter
                  config_class: %s
                  kubeconfig: /home/user/kubeconfig
                ssh:
                  remote: login04
                """.formatted(profile), "site.yaml");
    }

    private SiteLauncher.Builder builder(String profile) {
        return SiteLauncher.builder()
                .site(site(profile))
                .workflows(store)
                .tunnels(tunnels)
                .hostName("cp01")
                .folder(folder.resolve("launches").toString())
                .clock(clock)
                .onEvent(events::add);
    }

    private SiteLauncher launcher() {
        return builder("perlmutter").scheduler(scheduler).build();
    }

    private int add(String node, String... tasks) {
        return store.add(WorkflowDrafts.of(
                SITE,
                List.of(node),
                List.of(tasks).stream().map(ScriptTask::new).toList(),
                Map.of()));
    }

    private Workflow workflow(int id) {
        return store.find(id).orElseThrow();
    }

    private Launch launch(int id) {
        return Objects.requireNonNull(workflow(id).launch());
    }

    private Path launchFolder(int id) {
        return Path.of(Objects.requireNonNull(launch(id).launchDir()));
    }

    private String jobId(int id) {
        return Objects.requireNonNull(launch(id).jobId());
    }

    /** What the rocket of a job would leave. */
    private void report(int id, String exitCode, String errors) {
        try {
            Path report = Files.createDirectory(launchFolder(id).resolve("rocket"));
            Files.writeString(report.resolve("job"), jobId(id) + "\n");
            Files.writeString(report.resolve("errors"), errors);
            if (!exitCode.isEmpty()) {
                Files.writeString(report.resolve("exit"), exitCode + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LaunchEvent last() {
        return events.get(events.size() - 1);
    }

    @Test
    void submitsWhatIsReadyAndNotesTheJob() throws IOException {
        int id = add("a", "echo one", "echo two");
        try (SiteLauncher launcher = launcher()) {
            assertThat(launcher.pass()).isEqualTo(1);
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.RESERVED);
        assertThat(launch(id).jobId()).isEqualTo("1");
        assertThat(launch(id).host()).isEqualTo("cp01");
        assertThat(Files.readString(launchFolder(id).resolve("tasks.sh")))
                .isEqualTo("#!/bin/sh\nsh -c 'echo one' || exit\nexec sh -c 'echo two'\n");
        assertThat(scheduler.submitted().get(0).script())
                .contains("#SBATCH --time=00:05:00\n", "#SBATCH --account=m0000\n")
                .doesNotContain("conda", "27017", "echo loading");
        assertThat(last().toString()).contains("perlmutter_a: submitted", "job 1");
    }

    @Test
    void keepsTheStateTrueUntilTheJobEndsInOrder() {
        int id = add("a", "true");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            scheduler.start("1");
            launcher.pass();
            assertThat(workflow(id).state()).isEqualTo(WorkflowState.RUNNING);
            assertThat(launch(id).host()).isEqualTo("n1");

            report(id, "0", "");
            scheduler.change("1", BatchJobState.COMPLETED, null);
            assertThat(launcher.pass()).isZero();
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(events).extracting(LaunchEvent::kind).containsExactly(Kind.SUBMITTED, Kind.RUNNING, Kind.COMPLETED);
    }

    @Test
    void asksForAllJobsAtOnce() {
        IntStream.range(0, 40).forEach(i -> add("n" + i, "true"));
        try (SiteLauncher launcher = launcher()) {
            assertThat(launcher.pass()).isEqualTo(40);
            int before = scheduler.queries();
            launcher.pass();
            // One list, and one look-up of nothing.
            assertThat(scheduler.queries() - before).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void fizzlesWithExitCodeAndWordsOfTheJob() {
        int id = add("a", "false");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            scheduler.start("1");
            report(id, "69", "jrm-a: 69: the API server did not answer");
            scheduler.change("1", BatchJobState.FAILED, "NonZeroExitCode");
            launcher.pass();
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(launch(id).startedAt()).isNotNull();
        assertThat(last().message())
                .contains("job 1 FAILED (NonZeroExitCode)", "exit code 69", "jrm-a: 69: the API server did not answer");
    }

    @Test
    void fizzlesWithTheReasonOfTheBatchSystemWhereTheJobCouldNotReport() {
        int cancelled = add("a", "true");
        int limit = add("b", "true");
        int node = add("c", "true");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            scheduler.change(jobId(cancelled), BatchJobState.CANCELLED, "CANCELLED by 20001");
            scheduler.start(jobId(limit));
            report(limit, "", "");
            scheduler.change(jobId(limit), BatchJobState.TIMEOUT, "TimeLimit");
            scheduler.start(jobId(node));
            // As srun has it when its node is gone.
            report(node, "0", "");
            scheduler.change(jobId(node), BatchJobState.NODE_FAIL, null);
            launcher.pass();
        }
        assertThat(List.of(cancelled, limit, node)).allMatch(id -> workflow(id).state() == WorkflowState.FIZZLED);
        assertThat(events.stream().filter(event -> event.kind() == Kind.FIZZLED).map(LaunchEvent::message))
                .anyMatch(message -> message.contains("CANCELLED by 20001") && message.contains("has not begun"))
                .anyMatch(message -> message.contains("TimeLimit") && message.contains("did not come to their end"))
                .anyMatch(message -> message.contains("NODE_FAIL"));
    }

    @Test
    void knowsTheEndOfAJobThatLeftTheQueueLongAgo() {
        int accounted = add("a", "true");
        int reported = add("b", "true");
        int lost = add("c", "true");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            List.of(accounted, reported, lost).forEach(id -> scheduler.start(jobId(id)));
            launcher.pass();
            scheduler.change(jobId(accounted), BatchJobState.TIMEOUT, "TimeLimit");
            scheduler.forget(jobId(accounted), true);
            report(reported, "0", "");
            scheduler.forget(jobId(reported), false);
            scheduler.forget(jobId(lost), false);
            launcher.pass();
        }
        assertThat(workflow(accounted).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(workflow(reported).state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(workflow(lost).state()).isEqualTo(WorkflowState.FIZZLED);
    }

    @Test
    void doesNotTakeAnotherJobWithTheSameIdForItsOwn() {
        int id = add("a", "true");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            scheduler.start("1");
            launcher.pass();
            report(id, "0", "");
            scheduler.forget("1", false);
            scheduler.addAs("1", "somebody's", "else");
            scheduler.start("1");
            launcher.pass();
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(scheduler.cancelled()).isEmpty();
    }

    @Test
    void noAnswerChangesNothing() {
        int id = add("a", "true");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            scheduler.breakDown();
            assertThatThrownBy(launcher::pass).isInstanceOf(BatchSchedulerException.class);
            assertThat(workflow(id).state()).isEqualTo(WorkflowState.RESERVED);
            scheduler.failWith(null);
            assertThat(launcher.pass()).isEqualTo(1);
        }
    }

    @Test
    void givesBackWhatTheBatchSystemTakesLater() {
        int id = add("a", "true");
        scheduler.refuse(new BatchSchedulerException("QOSMaxSubmitJobPerUserLimit", true));
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            assertThat(workflow(id).state()).isEqualTo(WorkflowState.READY);
            assertThat(last().kind()).isEqualTo(Kind.RETURNED);
            scheduler.refuse(null);
            launcher.pass();
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.RESERVED);
        assertThat(scheduler.submitted()).hasSize(1);
    }

    @Test
    void fizzlesWhatTheBatchSystemNeverTakesAndGoesOn() {
        int bad = add("a", "true");
        int another = add("b", "true");
        scheduler.refuse(new BatchSchedulerException("Invalid account", false));
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
        }
        assertThat(workflow(bad).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(workflow(another).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(events).extracting(LaunchEvent::message).containsOnly("Invalid account");
    }

    @Test
    void findsAJobAgainWhoseSubmissionWasNotAnswered() {
        int id = add("a", "true");
        scheduler.loseAnswers(true);
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            assertThat(launch(id).jobId()).isNull();
            assertThat(last().kind()).isEqualTo(Kind.RETRYING);
            scheduler.loseAnswers(false);
            launcher.pass();
        }
        assertThat(jobId(id)).isEqualTo("1");
        assertThat(scheduler.submitted()).hasSize(1);
        assertThat(last().kind()).isEqualTo(Kind.FOUND_AGAIN);
    }

    @Test
    void cancelsTheJobOfAWorkflowThatIsDeletedPausedOrRerun() {
        int deleted = add("a", "true");
        int paused = add("b", "true");
        int rerun = add("c", "true");
        int kept = add("d", "true");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            String first = jobId(rerun);
            String keptJob = jobId(kept);
            List<String> forsaken = List.of(jobId(deleted), jobId(paused), first);
            store.delete(deleted);
            store.pause(paused);
            store.rerun(rerun);
            launcher.pass();
            assertThat(scheduler.cancelled())
                    .containsExactlyInAnyOrderElementsOf(forsaken)
                    .doesNotContain(keptJob);
            assertThat(jobId(rerun)).isNotEqualTo(first);
            store.resume(paused);
            assertThat(workflow(paused).state()).isEqualTo(WorkflowState.READY);
        }
    }

    @Test
    void leavesOtherCategoriesAndTheLaunchesOfAgentsAlone() {
        int other = store.add(WorkflowDrafts.oneNode("ornl", "o"));
        int agents = add("a", "true");
        LaunchQueue.Worker agent = new LaunchQueue.Worker("w", SITE, "login01", "10.0.0.1");
        assertThat(store.launchQueue().reserve(agent, "/home/u/block_1/launcher_1"))
                .isPresent();
        try (SiteLauncher launcher = launcher()) {
            assertThat(launcher.pass()).isZero();
            clock.advance(Duration.ofDays(1));
            assertThat(launcher.pass()).isZero();
        }
        assertThat(workflow(other).state()).isEqualTo(WorkflowState.READY);
        assertThat(workflow(agents).state()).isEqualTo(WorkflowState.RESERVED);
        assertThat(scheduler.submitted()).isEmpty();
    }

    /** Reserves as a launcher does that is killed right after. */
    private String reserveAsKilled(String host, long pid) {
        String token = "jrm-" + Long.toString(pid, 36) + "-abc-" + Long.toString(System.nanoTime(), 36);
        LaunchQueue.Worker worker = new LaunchQueue.Worker("jrm", SITE, host, "127.0.0.1");
        assertThat(store.launchQueue().reserve(worker, folder.resolve(token).toString()))
                .isPresent();
        return token;
    }

    @Test
    void givesBackAtOnceWhatAKilledLauncherOfThisHostReserved() {
        int id = add("a", "true");
        reserveAsKilled("cp01", 99_999_999);
        Path first = launchFolder(id);
        try (SiteLauncher launcher = launcher()) {
            assertThat(launcher.pass()).isEqualTo(1);
        }
        assertThat(events).extracting(LaunchEvent::kind).containsExactly(Kind.RETURNED, Kind.SUBMITTED);
        assertThat(launchFolder(id)).isNotEqualTo(first);
        assertThat(first.resolve("rocket/given-up"))
                .as("a job that was submitted all the same finds it")
                .exists();
    }

    @Test
    void waitsForALauncherThatMayBeAliveElsewhere() {
        int id = add("a", "true");
        reserveAsKilled("cp02", 99_999_999);
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            assertThat(scheduler.submitted()).isEmpty();
            clock.advance(JobTracker.GRACE.plusSeconds(1));
            launcher.pass();
        }
        assertThat(jobId(id)).isEqualTo("1");
    }

    @Test
    void takesUpTheJobThatAKilledLauncherSubmittedWithoutNotingIt() {
        int id = add("a", "true");
        String token = reserveAsKilled("cp01", 99_999_999);
        String job = scheduler.add("perlmutter_a", token);
        scheduler.start(job);
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
        }
        assertThat(jobId(id)).isEqualTo(job);
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.RUNNING);
        assertThat(scheduler.submitted()).isEmpty();
    }

    @Test
    void takesUpAJobWhoseCommentTheSiteHasReplaced() throws IOException {
        int id = add("a", "true");
        String token = reserveAsKilled("cp01", 99_999_999);
        String job = scheduler.add("perlmutter_a", "site's own");
        scheduler.start(job);
        Path report = Files.createDirectories(folder.resolve(token).resolve("rocket"));
        Files.writeString(report.resolve("job"), job + "\n");
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
            launcher.pass();
        }
        assertThat(jobId(id)).isEqualTo(job);
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.RUNNING);
        assertThat(scheduler.submitted()).isEmpty();
    }

    @Test
    void takesUpEverythingThatAnEarlierLauncherLeft() {
        int id = add("a", "true");
        try (SiteLauncher first = launcher()) {
            first.pass();
        }
        scheduler.start("1");
        try (SiteLauncher second = launcher()) {
            second.pass();
            report(id, "0", "");
            scheduler.change("1", BatchJobState.COMPLETED, null);
            second.pass();
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.COMPLETED);
    }

    @Test
    void runsOnAHostWithoutBatchSystem() throws IOException {
        int good = add("good", "echo one >one", "cat one; [ -n \"$JRM_JOB_ID\" ]");
        int bad = add("bad", "echo 'it broke' >&2; exit 7", "echo never >never");
        try (SiteLauncher launcher = builder("fabric").build()) {
            launcher.pass();
            await().atMost(PATIENCE).until(() -> {
                launcher.pass();
                return workflow(good).state().isOver() && workflow(bad).state().isOver();
            });
        }
        assertThat(workflow(good).state()).isEqualTo(WorkflowState.COMPLETED);
        assertThat(Files.readString(launchFolder(good).resolve("FW_job.out"))).isEqualTo("one\n");
        assertThat(workflow(bad).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(launchFolder(bad).resolve("never")).doesNotExist();
        assertThat(events.stream().filter(event -> event.kind() == Kind.FIZZLED).map(LaunchEvent::message))
                .singleElement()
                .asString()
                .contains("exit code 7", "it broke");
    }

    @Test
    void aSecondJobOfALaunchDoesNothing() throws Exception {
        int id = add("a", "echo ran >>ran");
        try (SiteLauncher launcher = builder("fabric").build()) {
            launcher.pass();
            await().atMost(PATIENCE).until(() -> {
                launcher.pass();
                return workflow(id).state().isOver();
            });
        }
        Process again = new ProcessBuilder(
                        "sh", launchFolder(id).resolve("FW_submit.script").toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(again.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("taken by another job");
        assertThat(again.waitFor()).isEqualTo(75);
        assertThat(launchFolder(id).resolve("ran")).hasContent("ran");
    }

    @Test
    void aJobThatCannotBeEndedIsNoRefusalOfItsWorkflow() {
        int id = add("a", "true");
        BatchScheduler takesBack = new BatchScheduler() {
            @Override
            public String submit(LoginSession session, BatchSubmission job, Duration timeout) {
                String jobId = scheduler.submit(session, job, timeout);
                store.launchQueue().cancel(launch(id).id());
                return jobId;
            }

            @Override
            public List<BatchJobStatus> jobs(LoginSession session, Duration timeout) {
                return scheduler.jobs(session, timeout);
            }

            @Override
            public Map<String, BatchJobStatus> find(LoginSession session, Collection<String> ids, Duration timeout) {
                return scheduler.find(session, ids, timeout);
            }

            @Override
            public void cancel(LoginSession session, String jobId, Duration timeout) {
                throw new BatchSchedulerException("Access/permission denied", false);
            }
        };
        try (SiteLauncher launcher = builder("perlmutter").scheduler(takesBack).build()) {
            assertThatThrownBy(launcher::pass).isInstanceOf(BatchSchedulerException.class);
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.READY);
        assertThat(events).extracting(LaunchEvent::kind).doesNotContain(Kind.FIZZLED, Kind.RETURNED);
    }

    @Test
    void endsTheProcessesOfADeletedWorkflowOnAPlainHost() throws IOException {
        int id = add("a", "trap 'echo told >told; exit 0' TERM; : >ready; while :; do sleep 0.1; done");
        try (SiteLauncher launcher = builder("fabric").build()) {
            launcher.pass();
            Path launchFolder = launchFolder(id);
            await().atMost(PATIENCE).until(() -> Files.exists(launchFolder.resolve("ready")));
            launcher.pass();
            assertThat(workflow(id).state()).isEqualTo(WorkflowState.RUNNING);
            store.delete(id);
            launcher.pass();
            assertThat(launchFolder.resolve("told")).exists();
        }
        assertThat(last().kind()).isEqualTo(Kind.CANCELLED);
    }

    @Test
    void launchesAtOnceWhatBecomesReadyWhileItRuns() throws Exception {
        SiteLauncher launcher = builder("perlmutter")
                .scheduler(scheduler)
                .interval(Duration.ofHours(1))
                .build();
        Thread thread = new Thread(launcher::run, "launcher");
        thread.start();
        int id = add("a", "true");
        await().atMost(PATIENCE).until(() -> scheduler.submitted().size() == 1);
        await().atMost(PATIENCE).until(() -> launch(id).jobId() != null);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(events).extracting(LaunchEvent::kind).contains(Kind.SUBMITTED));
        store.delete(id);
        await().atMost(PATIENCE).until(() -> scheduler.cancelled().equals(List.of("1")));
        launcher.close();
        thread.join(PATIENCE.toMillis());
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void doesNotAskAgainAtOnceWhenTheBatchSystemIsFull() throws Exception {
        int id = add("a", "true");
        scheduler.refuse(new BatchSchedulerException("QOSMaxSubmitJobPerUserLimit", true));
        SiteLauncher launcher = builder("perlmutter")
                .scheduler(scheduler)
                .interval(Duration.ofHours(1))
                .build();
        Thread thread = new Thread(launcher::run, "launcher");
        thread.start();
        await().atMost(PATIENCE).until(() -> !events.isEmpty());
        int asked = scheduler.queries();
        add("b", "true");
        await().atMost(PATIENCE).until(() -> scheduler.queries() > asked);
        await().atMost(PATIENCE).until(() -> events.size() == 2);
        // Now it has taken none of two.
        int queries = scheduler.queries();
        add("c", "true");
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> scheduler.queries() == queries);
        launcher.close();
        thread.join(PATIENCE.toMillis());
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.READY);
    }

    @Test
    void goesOnWhenTheSiteCanBeReachedAgain() throws Exception {
        SiteLauncher launcher = builder("perlmutter")
                .scheduler(scheduler)
                .interval(Duration.ofMillis(50))
                .build();
        Thread thread = new Thread(launcher::run, "launcher");
        thread.start();
        add("a", "true");
        await().atMost(PATIENCE).until(() -> scheduler.submitted().size() == 1);
        tunnels.takeAway();
        scheduler.failWith(new TunnelException(TunnelException.Reason.UNREACHABLE, null, "gone", null));
        await().atMost(PATIENCE).until(() -> last().kind() == Kind.RETRYING);
        tunnels.bringBack();
        scheduler.failWith(null);
        add("b", "true");
        await().atMost(PATIENCE).until(() -> scheduler.submitted().size() == 2);
        launcher.close();
        thread.join(PATIENCE.toMillis());
    }

    @Test
    void refusesAValueOfTheWorkflowThatSbatchWouldMisread() {
        int id = store.add(WorkflowDrafts.withAccount(SITE, "a", "m0 --wrap=evil"));
        try (SiteLauncher launcher = launcher()) {
            launcher.pass();
        }
        assertThat(workflow(id).state()).isEqualTo(WorkflowState.FIZZLED);
        assertThat(last().message()).contains("_queueadapter.account", "m0 --wrap=evil");
        assertThat(scheduler.submitted()).isEmpty();
    }
}
