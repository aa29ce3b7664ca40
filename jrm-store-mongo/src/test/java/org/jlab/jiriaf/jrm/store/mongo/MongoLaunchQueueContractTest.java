package org.jlab.jiriaf.jrm.store.mongo;

import org.jlab.jiriaf.jrm.contract.LaunchQueueContract;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.extension.RegisterExtension;

class MongoLaunchQueueContractTest extends LaunchQueueContract {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    @Override
    protected WorkflowStore emptyStore(MutableClock time) {
        return new MongoWorkflowStore(LAUNCHPAD.emptyDatabase(), time);
    }
}
