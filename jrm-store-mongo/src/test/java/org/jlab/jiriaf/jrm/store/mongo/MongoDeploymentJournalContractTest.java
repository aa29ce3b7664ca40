package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Updates;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Decimal128;
import org.jlab.jiriaf.jrm.contract.DeploymentJournalContract;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MongoDeploymentJournalContractTest extends DeploymentJournalContract {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private final MongoDatabase database = LAUNCHPAD.emptyDatabase();
    private final DeploymentJournal journal = new MongoWorkflowStore(database).deploymentJournal();

    @Override
    protected DeploymentJournal journal() {
        return journal;
    }

    @Test
    void readsRecordsThatDoNotSayWhichBatchSystemHasTheJob() {
        DeploymentRecord begun = journal.begin(record("site_a", "request-1"));
        database.getCollection("jrm_deployments")
                .updateOne(new Document("name", "site_a"), Updates.unset("batch_system"));

        assertThat(journal.list()).containsExactly(begun);
        assertThat(begun.batchSystem()).isNull();
    }

    @Test
    void readsRecordsWithABatchSystemThatOnlyALaterVersionKnows() {
        DeploymentRecord begun = journal.begin(record("site_a", "request-1"));
        database.getCollection("jrm_deployments")
                .updateOne(new Document("name", "site_a"), Updates.set("batch_system", "CLOUD"));

        assertThat(journal.list()).containsExactly(begun);
    }

    @Test
    void readsForwardsThatWereNotedWithoutTheirPurpose() {
        var unused = journal.begin(record("site_a", "request-1"));
        database.getCollection("jrm_deployments")
                .updateOne(
                        new Document("name", "site_a"), Updates.set("forwards", List.of("-L *:10001:localhost:10001")));

        assertThat(journal.list().get(0).forwards())
                .containsExactly(
                        new DeploymentForward(Forward.parse("-L *:10001:localhost:10001"), ForwardPurpose.NOT_KNOWN));
    }

    static Stream<Arguments> badFields() {
        return Stream.of(
                arguments("phase", "SUSPENDED"),
                arguments("phase", 7),
                arguments("owner", "cp01"),
                arguments("owner.pid", "many"),
                arguments("owner.started_at", true),
                arguments("owner.host", 1.5),
                arguments("owned_until", "soon"),
                arguments("workflow_id", "none"),
                arguments("hops", List.of()),
                arguments("hops", List.of("a b")),
                arguments("hops", "login01"),
                arguments("alternates", 3),
                arguments("key", "a\0b"),
                arguments("forwards", List.of("-X 1:2")),
                arguments("forwards", Arrays.asList((String) null)),
                arguments("forwards", List.of("-L *:70000:localhost:1")),
                arguments("forwards", List.of(new Document("kind", "METRICS"))),
                arguments("forwards", List.of(new Document("forward", "-L *:1:h:1").append("node", 7))),
                arguments("nodenames", List.of(new Document("name", "n1"))),
                arguments("node_password", "yes"),
                arguments("created_on", Decimal128.NaN),
                arguments("version", "1"),
                arguments("version", Double.NaN));
    }

    @ParameterizedTest
    @MethodSource("badFields")
    void aRecordThatCannotBeReadKeepsNoOtherFromBeingRead(String field, Object value) {
        journal.begin(record("site_a", "request-1"));
        DeploymentRecord good = journal.begin(record("site_b", "request-2"));
        spoil("site_a", Updates.set(field, value));

        JournalContents contents = journal.contents();

        assertThat(contents.records()).containsExactly(good);
        assertThat(contents.unreadable("site_a").orElseThrow().problem())
                .contains("jrm_deployments", "site_a", "request-1", "field " + field);
        assertThat(contents.unreadable("site_b")).isEmpty();
        assertThatThrownBy(() -> journal.find("site_a")).isInstanceOf(WorkflowStoreException.class);
        assertThatThrownBy(() -> journal.begin(record("site_c", "request-1")))
                .isInstanceOf(WorkflowStoreException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "phase",
                "owner",
                "owner.pid",
                "owned_until",
                "hops",
                "forwards",
                "nodenames",
                "created_on",
                "version"
            })
    void aRecordWithoutOneOfItsFieldsIsTold(String field) {
        journal.begin(record("site_a", "request-1"));
        spoil("site_a", Updates.unset(field));

        assertThat(journal.contents().unreadable("site_a").orElseThrow().problem())
                .contains("field " + field, "is missing");
    }

    @Test
    void aRecordWithoutANameMayBeThatOfAnyDeploymentThatHasNone() {
        journal.begin(record("site_a", "request-1"));
        journal.begin(record("site_b", "request-2"));
        spoil("site_a", Updates.set("name", 5));

        JournalContents contents = journal.contents();

        assertThat(contents.unreadable("site_a")).isPresent();
        assertThat(contents.unreadable("site_b")).isEmpty();
    }

    @Test
    void readsNumbersOfAnyKind() {
        DeploymentRecord begun = journal.begin(record("site_a", "request-1"));
        spoil(
                "site_a",
                Updates.combine(
                        Updates.set("owner.pid", (int) begun.owner().pid()),
                        Updates.set("version", 1.0),
                        Updates.set("workflow_id", 7L)));

        assertThat(journal.find("site_a")).contains(begun.withWorkflowId(7));
        assertThat(journal.replace(begun)).isPresent();
    }

    private void spoil(String name, Bson change) {
        database.getCollection("jrm_deployments").updateOne(new Document("name", name), change);
    }
}
