package org.jlab.jiriaf.jrm.workflow;

import org.jlab.jiriaf.jrm.contract.LaunchQueueContract;
import org.jlab.jiriaf.jrm.contract.MutableClock;

class InMemoryLaunchQueueTest extends LaunchQueueContract {

    @Override
    protected WorkflowStore emptyStore(MutableClock time) {
        return new InMemoryWorkflowStore(time);
    }
}
