package org.jlab.jiriaf.jrm.journal;

import org.jlab.jiriaf.jrm.contract.DeploymentJournalContract;

class InMemoryDeploymentJournalTest extends DeploymentJournalContract {

    private final InMemoryDeploymentJournal journal = new InMemoryDeploymentJournal();

    @Override
    protected DeploymentJournal journal() {
        return journal;
    }
}
