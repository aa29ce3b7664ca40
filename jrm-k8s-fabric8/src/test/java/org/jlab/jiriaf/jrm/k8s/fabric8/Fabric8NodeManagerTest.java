package org.jlab.jiriaf.jrm.k8s.fabric8;

import org.jlab.jiriaf.jrm.contract.NodeManagerContract;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

class Fabric8NodeManagerTest extends NodeManagerContract {

    private final MockCluster cluster = new MockCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Override
    protected NodeManager newManager() {
        return new Fabric8NodeManager(cluster.client());
    }

    @Override
    protected void register(String name, String type, @Nullable String reason) {
        cluster.register(name, type, reason);
    }

    @Override
    protected void setReady(String name, @Nullable String reason) {
        cluster.setReady(name, reason);
    }

    @Override
    protected void unregister(String name) {
        cluster.client().nodes().withName(name).delete();
    }

    @Override
    protected boolean exists(String name) {
        return cluster.client().nodes().withName(name).get() != null;
    }

    @Override
    protected boolean cordoned(String name) {
        return Boolean.TRUE.equals(
                cluster.client().nodes().withName(name).get().getSpec().getUnschedulable());
    }
}
