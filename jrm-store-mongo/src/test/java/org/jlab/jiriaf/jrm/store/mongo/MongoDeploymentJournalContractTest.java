package org.jlab.jiriaf.jrm.store.mongo;

import org.jlab.jiriaf.jrm.contract.DeploymentJournalContract;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.junit.jupiter.api.extension.RegisterExtension;

class MongoDeploymentJournalContractTest extends DeploymentJournalContract {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private final DeploymentJournal journal = new MongoWorkflowStore(LAUNCHPAD.emptyDatabase()).deploymentJournal();

    @Override
    protected DeploymentJournal journal() {
        return journal;
    }
}
