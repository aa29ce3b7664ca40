package org.jlab.jiriaf.jrm.deploy;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;

/**
 * A journal that cannot read the record of one deployment.
 *
 * @param journal the journal
 * @param name name of the deployment
 * @param named whether its name can be read
 */
record UnreadableJournal(DeploymentJournal journal, String name, boolean named) implements DeploymentJournal {

    private static final String PROBLEM = "field phase is 'SUSPENDED'";

    @Override
    public DeploymentRecord begin(DeploymentRecord record) {
        return journal.begin(record);
    }

    @Override
    public Optional<DeploymentRecord> replace(DeploymentRecord record) {
        return journal.replace(record);
    }

    @Override
    public void removeAll(Collection<String> names) {
        journal.removeAll(names);
    }

    @Override
    public JournalContents contents() {
        return new JournalContents(
                journal.list().stream()
                        .filter(record -> !record.name().equals(name))
                        .toList(),
                List.of(new JournalContents.Unreadable(named ? name : null, PROBLEM)));
    }

    @Override
    public Optional<DeploymentRecord> find(String deployment) {
        if (deployment.equals(name)) {
            throw new WorkflowStoreException(PROBLEM, null, false);
        }
        return journal.find(deployment);
    }
}
