package org.jlab.jiriaf.jrm.store.mongo;

import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.PortLeaseStoreContract;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.junit.jupiter.api.extension.RegisterExtension;

class MongoPortLeaseStoreContractTest extends PortLeaseStoreContract {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    @Override
    protected PortLeaseStore emptyStore(MutableClock time) {
        return new MongoWorkflowStore(LAUNCHPAD.emptyDatabase(), time).portLeases();
    }
}
