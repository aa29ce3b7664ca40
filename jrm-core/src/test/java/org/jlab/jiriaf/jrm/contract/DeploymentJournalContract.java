package org.jlab.jiriaf.jrm.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord.Phase;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.junit.jupiter.api.Test;

/** What every journal of deployments does. */
public abstract class DeploymentJournalContract {

    private static final Instant CREATED = Instant.parse("2026-11-22T21:07:14.259Z");

    /** For subclasses. */
    protected DeploymentJournalContract() {}

    /**
     * The journal under test, empty at the start of each test.
     *
     * @return the journal
     */
    protected abstract DeploymentJournal journal();

    @Test
    void keepsEveryFieldOfARecord() {
        DeploymentRecord begun = journal().begin(record("site_a", "request-1"));
        DeploymentRecord full = begun.withForwards(List.of(
                        new DeploymentForward(
                                Forward.remote(Endpoint.localhost(27017), Endpoint.localhost(27017)),
                                ForwardPurpose.LAUNCHPAD),
                        new DeploymentForward(
                                Forward.remote(Endpoint.localhost(6443), Endpoint.localhost(6443)),
                                ForwardPurpose.API_SERVER),
                        new DeploymentForward(
                                Forward.local(new Endpoint("*", 10001), Endpoint.localhost(10001)),
                                ForwardPurpose.metrics("vk-1")),
                        new DeploymentForward(
                                Forward.local(new Endpoint("::1", 10002), Endpoint.localhost(10002)),
                                ForwardPurpose.customMetrics("vk-1", 2221)),
                        new DeploymentForward(
                                Forward.local(Endpoint.localhost(10003), Endpoint.localhost(10003)),
                                ForwardPurpose.NOT_KNOWN)))
                .withWorkflowId(7)
                .withPhase(Phase.DEPLOYED)
                .withOwner(new ProcessIdentity("cp02", 99, CREATED.plusSeconds(5)), CREATED.plusSeconds(60));

        DeploymentRecord stored = journal().replace(full).orElseThrow();

        assertThat(journal().find("site_a")).contains(stored);
        assertThat(stored.withVersion(full.version())).isEqualTo(full);
        assertThat(journal().list()).containsExactly(stored);
    }

    @Test
    void keepsRecordsWithoutKeyAndWorkflow() {
        DeploymentRecord begun = journal().begin(record("site_a", "request-1"));

        assertThat(journal().find("site_a")).contains(begun);
        assertThat(begun.workflowId()).isNull();
        assertThat(begun.route().key()).isNull();
    }

    @Test
    void keepsTheWayToTheLoginNodeButNoPassword() {
        DeploymentRecord base = record("site_a", "request-1");
        Path key = Path.of("/home/jrm/.ssh/nersc");
        List<SshHop> others = List.of(SshHop.parse("login07"), SshHop.parse("login08"));
        DeploymentRecord begun = new DeploymentRecord(
                base.name(),
                base.requestId(),
                base.phase(),
                base.owner(),
                base.ownedUntil(),
                null,
                new SshRoute(base.route().hops(), key, Secret.of("marker"), others),
                base.forwards(),
                base.nodeNames(),
                true,
                DeploymentRecord.BatchSystem.HOST,
                base.createdOn(),
                0);

        SshRoute kept = new SshRoute(base.route().hops(), key, null, others);
        assertThat(journal().begin(begun).route()).isEqualTo(kept);
        assertThat(journal().find("site_a").orElseThrow().route()).isEqualTo(kept);
        assertThat(journal().find("site_a").orElseThrow().nodePassword()).isTrue();
        assertThat(journal().find("site_a").orElseThrow().batchSystem()).isEqualTo(DeploymentRecord.BatchSystem.HOST);
    }

    @Test
    void givesTheSameRecordForTheSameRequest() {
        DeploymentRecord first = journal().begin(record("site_a", "request-1"));

        assertThat(journal().begin(record("site_b", "request-1"))).isEqualTo(first);
        assertThat(journal().find("site_b")).isEmpty();
    }

    @Test
    void letsOneOfManyBeginTheSameRequest() throws Exception {
        int callers = 8;
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            List<Future<String>> names = IntStream.range(0, callers)
                    .mapToObj(caller -> executor.submit(() -> {
                        start.await();
                        return journal()
                                .begin(record("site_" + caller, "request-1"))
                                .name();
                    }))
                    .toList();
            start.countDown();

            String winner = names.get(0).get();
            for (Future<String> name : names) {
                assertThat(name.get()).isEqualTo(winner);
            }
            assertThat(journal().list()).hasSize(1);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void refusesAChangeToAnOlderVersion() {
        DeploymentRecord begun = journal().begin(record("site_a", "request-1"));
        DeploymentRecord changed = journal().replace(begun.withWorkflowId(1)).orElseThrow();

        assertThat(journal().replace(begun.withWorkflowId(2))).isEmpty();
        assertThat(journal().find("site_a")).contains(changed);
        assertThat(changed.version()).isGreaterThan(begun.version());
    }

    @Test
    void refusesAChangeToARemovedRecord() {
        DeploymentRecord begun = journal().begin(record("site_a", "request-1"));
        journal().remove("site_a");

        assertThat(journal().replace(begun.withWorkflowId(2))).isEqualTo(Optional.empty());
        assertThat(journal().list()).isEmpty();
    }

    @Test
    void removesTwiceWithoutComplaint() {
        journal().begin(record("site_a", "request-1"));
        journal().remove("site_a");
        journal().remove("site_a");

        assertThat(journal().find("site_a")).isEmpty();
        assertThat(journal().begin(record("site_b", "request-1")).name()).isEqualTo("site_b");
    }

    @Test
    void removesManyAtOnceAndNoOthers() {
        for (String name : List.of("site_a", "site_b", "site_c")) {
            journal().begin(record(name, name));
        }

        journal().removeAll(List.of("site_a", "site_c", "site_d"));

        assertThat(journal().list()).extracting(DeploymentRecord::name).containsExactly("site_b");
    }

    @Test
    void listsByName() {
        journal().begin(record("site_b", "2"));
        journal().begin(record("site_c", "3"));
        journal().begin(record("site_a", "1"));

        assertThat(journal().list()).extracting(DeploymentRecord::name).containsExactly("site_a", "site_b", "site_c");
    }

    /**
     * A record as it is begun.
     *
     * @param name its name
     * @param requestId its request
     * @return the record
     */
    protected static DeploymentRecord record(String name, String requestId) {
        return new DeploymentRecord(
                name,
                requestId,
                Phase.DEPLOYING,
                new ProcessIdentity("cp01", 4711, CREATED),
                CREATED.plusSeconds(120),
                null,
                new SshRoute(List.of(SshHop.parse("dtnproxy"), SshHop.parse("user@login04:2222")), null, null),
                List.of(),
                List.of("jrm-a", "jrm-b"),
                false,
                null,
                CREATED,
                0);
    }
}
