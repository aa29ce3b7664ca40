package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Updates;
import java.util.List;
import org.bson.Document;
import org.jlab.jiriaf.jrm.contract.DeploymentJournalContract;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

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
}
