package org.jlab.jiriaf.jrm.port;

import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.PortLeaseStoreContract;

class InMemoryPortLeaseStoreTest extends PortLeaseStoreContract {

    @Override
    protected PortLeaseStore emptyStore(MutableClock time) {
        return new InMemoryPortLeaseStore(time);
    }
}
