package org.jlab.jiriaf.jrm.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.launch.LaunchEvent.Kind;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of workflows while Slurm's commands misbehave. */
@Timeout(300)
class SlurmSiteLauncherTest {

    private static final String SITE = "perlmutter";
    private static final Duration INTERVAL = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final MutableClock clock = new MutableClock();
    private final InMemoryWorkflowStore store = new InMemoryWorkflowStore(clock);
    private final List<LaunchEvent> events = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private FakeSlurmSite slurm;

    @SuppressWarnings("NullAway.Init")
    private SiteLauncher launcher;

    @BeforeEach
    void start() throws IOException {
        slurm = new FakeSlurmSite(folder.resolve("slurm"));
        launcher = SiteLauncher.builder()
                .site(SiteConfig.parse("""
                        slurm: {nodes: 1, walltime: 00:05:00}
                        jrm: {nodename: jrm, site: perlmutter, kubeconfig: /home/user/kubeconfig}
                        ssh: {remote: login04}
                        """, "site.yaml"))
                .workflows(store)
                .tunnels(slurm)
                .hostName("cp01")
                .folder(folder.resolve("launches").toString())
                .interval(INTERVAL)
                .clock(clock)
                .onEvent(events::add)
                .build();
    }

    @AfterEach
    void close() {
        launcher.close();
        slurm.close();
    }

    private int add(String node) {
        return store.add(WorkflowDrafts.oneNode(SITE, node));
    }

    private WorkflowState state(int id) {
        return store.find(id).orElseThrow().state();
    }

    private Launch launch(int id) {
        return Objects.requireNonNull(store.find(id).orElseThrow().launch());
    }

    private Path launchFolder(int id) {
        return Path.of(Objects.requireNonNull(launch(id).launchDir()));
    }

    /** Folders in which no job will ever run. */
    private long givenUp() throws IOException {
        try (Stream<Path> launches = Files.list(folder.resolve("launches"))) {
            return launches.filter(each -> Files.exists(each.resolve("rocket/given-up")))
                    .count();
        }
    }

    @Test
    void anOutageGivesTheWorkflowBackAndItsFolderUp() throws IOException {
        int id = add("a");
        slurm.mode("standby");

        launcher.step(false);

        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        assertThat(events).extracting(LaunchEvent::kind).containsExactly(Kind.RETURNED);
        assertThat(givenUp()).isEqualTo(1);
    }

    @Test
    void theDelayGrowsUpToTenIntervals() throws IOException {
        int id = add("a");
        slurm.mode("standby");
        launcher.step(false);

        for (int delay : List.of(1, 2, 4, 8, 10, 10)) {
            int before = slurm.submissions().size();
            clock.advance(INTERVAL.multipliedBy(delay).minusSeconds(1));
            launcher.step(false);
            assertThat(slurm.submissions()).as("before %d intervals", delay).hasSize(before);
            clock.advance(Duration.ofSeconds(1));
            launcher.step(false);
            assertThat(slurm.submissions()).as("after %d intervals", delay).hasSize(before + 1);
        }
        assertThat(state(id)).isEqualTo(WorkflowState.READY);
        assertThat(givenUp()).isEqualTo(7);

        slurm.mode("well");
        clock.advance(INTERVAL.multipliedBy(10));
        launcher.step(false);
        assertThat(state(id)).isEqualTo(WorkflowState.RESERVED);
        assertThat(launch(id).jobId()).isEqualTo("108");
    }

    @Test
    void aWorkflowThatIsNotTakenKeepsNoOtherFromBeingLaunched() throws IOException {
        int refused = add("a");
        int other = add("b");
        slurm.mode("refuse perlmutter_a");

        launcher.step(false);

        assertThat(state(refused)).isEqualTo(WorkflowState.READY);
        assertThat(state(other)).isEqualTo(WorkflowState.RESERVED);
        for (int i = 0; i < 5; i++) {
            int later = add("later" + i);
            launcher.step(false);
            assertThat(state(later)).isEqualTo(WorkflowState.RESERVED);
        }
        assertThat(slurm.submissions()).containsOnlyOnce("perlmutter_a");

        clock.advance(INTERVAL);
        int last = add("last");
        launcher.step(false);
        assertThat(slurm.submissions()).endsWith("perlmutter_last", "perlmutter_a");
        assertThat(state(last)).isEqualTo(WorkflowState.RESERVED);
    }

    @Test
    void ofWorkflowsThatWereNotTakenTheOneThatWaitedLongestIsTriedFirst() throws IOException {
        int refused = add("a");
        int other = add("b");
        slurm.mode("standby");
        launcher.step(false);
        clock.advance(INTERVAL);
        launcher.step(false);
        assertThat(slurm.submissions()).containsExactly("perlmutter_a", "perlmutter_b", "perlmutter_a");

        slurm.mode("refuse perlmutter_a");
        clock.advance(INTERVAL.multipliedBy(2));
        launcher.step(false);

        assertThat(state(other)).isEqualTo(WorkflowState.RESERVED);
        assertThat(state(refused)).isEqualTo(WorkflowState.READY);
    }

    @Test
    void anOutageIsNotTriedWithEveryWorkflow() throws IOException {
        for (int i = 0; i < 20; i++) {
            add("n" + i);
        }
        slurm.mode("standby");

        launcher.step(false);
        launcher.step(false);

        assertThat(slurm.submissions()).hasSize(2);
        slurm.mode("well");
        clock.advance(INTERVAL);
        launcher.step(false);
        assertThat(store.list(new WorkflowFilter(Set.of(WorkflowState.RESERVED), SITE, true)))
                .hasSize(20);
    }

    @Test
    void aDeletedWorkflowIsNotTriedAgain() throws IOException {
        int deleted = add("a");
        slurm.mode("standby");
        launcher.step(false);
        store.delete(deleted);
        slurm.mode("well");
        clock.advance(INTERVAL);

        launcher.step(false);

        assertThat(slurm.submissions()).hasSize(1);
    }

    @Test
    void aJobWhoseSubmissionWasNotAnsweredIsFoundByItsComment() throws IOException {
        int id = add("a");
        slurm.mode("lost");

        launcher.step(false);

        assertThat(launch(id).jobId()).isEqualTo("101");
        assertThat(events).extracting(LaunchEvent::kind).containsExactly(Kind.SUBMITTED);
    }

    @Test
    void aQueueThatComplainsAndEndsWellEndsNoJob() throws IOException {
        int id = add("a");
        launcher.pass();
        launcher.pass();
        assertThat(state(id)).isEqualTo(WorkflowState.RUNNING);
        slurm.mode("silent");
        clock.advance(Duration.ofDays(1));

        assertThatThrownBy(launcher::pass)
                .isInstanceOfSatisfying(
                        BatchSchedulerException.class,
                        e -> assertThat(e.isTransient()).isTrue())
                .hasMessageContaining("Socket timed out");

        assertThat(state(id)).isEqualTo(WorkflowState.RUNNING);
    }

    @Test
    void whereAccountingIsForbiddenTheExitFileDecides() throws IOException {
        int good = add("a");
        int bad = add("b");
        launcher.pass();
        launcher.pass();
        report(good, "0");
        report(bad, "3");
        slurm.jobs("");

        launcher.pass();

        assertThat(state(good)).isEqualTo(WorkflowState.COMPLETED);
        assertThat(state(bad)).isEqualTo(WorkflowState.FIZZLED);
    }

    @Test
    void anIdThatCannotBeReadKeepsNoOtherLaunchFromBeingFinished() throws IOException {
        int unreadable = add("a");
        int good = add("b");
        launcher.pass();
        launcher.pass();
        store.launchQueue().submitted(launch(unreadable).id(), "1234.server");
        report(good, "0");
        slurm.jobs("");

        launcher.pass();

        assertThat(state(unreadable)).isEqualTo(WorkflowState.RUNNING);
        assertThat(state(good)).isEqualTo(WorkflowState.COMPLETED);
        assertThat(events)
                .filteredOn(event -> event.kind() == Kind.RETRYING)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.subject()).isEqualTo("perlmutter_a");
                    assertThat(event.message()).contains("'1234.server'");
                });
    }

    /** What the rocket of a job leaves. */
    private void report(int id, String exitCode) throws IOException {
        Path report = Files.createDirectory(launchFolder(id).resolve("rocket"));
        Files.writeString(report.resolve("job"), launch(id).jobId() + "\n");
        Files.writeString(report.resolve("errors"), "");
        Files.writeString(report.resolve("exit"), exitCode + "\n");
    }
}
