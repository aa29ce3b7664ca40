package org.jlab.jiriaf.jrm.workflow;

import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.WorkflowStoreContract;

class InMemoryWorkflowStoreTest extends WorkflowStoreContract {

    @Override
    protected WorkflowStore emptyStore(MutableClock time) {
        return new InMemoryWorkflowStore(time);
    }
}
