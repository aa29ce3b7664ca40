package org.jlab.jiriaf.jrm.store.mongo;

import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.WorkflowStoreContract;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.extension.RegisterExtension;

class MongoWorkflowStoreContractTest extends WorkflowStoreContract {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    @Override
    protected WorkflowStore emptyStore(MutableClock time) {
        return new MongoWorkflowStore(LAUNCHPAD.emptyDatabase(), time);
    }
}
