package org.jlab.jiriaf.jrm.node;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.Map;
import org.jlab.jiriaf.jrm.contract.NodeManagerContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InMemoryNodeManagerTest extends NodeManagerContract {

    private final InMemoryNodeManager nodes = new InMemoryNodeManager();

    @Override
    protected NodeManager newManager() {
        return nodes;
    }

    @Override
    protected void register(String name, String type, @Nullable String reason) {
        nodes.register(new NodeStatus(
                name, reason == null, reason, Instant.now(), false, "172.17.0.1", 10001, Map.of("type", type)));
    }

    @Override
    protected void setReady(String name, @Nullable String reason) {
        nodes.setReady(name, reason == null, reason);
    }

    @Override
    protected void unregister(String name) {
        nodes.unregister(name);
    }

    @Override
    protected boolean exists(String name) {
        return nodes.nodes().stream().anyMatch(node -> node.name().equals(name));
    }

    @Override
    protected boolean cordoned(String name) {
        return nodes.nodes().stream().anyMatch(node -> node.name().equals(name) && node.cordoned());
    }

    @Test
    void refusesToMakeAnUnknownNodeReady() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> nodes.setReady("a", true, null))
                .withMessageContaining("no node a");
    }
}
