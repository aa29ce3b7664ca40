package org.jlab.jiriaf.jrm.examples.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.nio.file.Path;
import java.util.Map;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedLaunchpadTest {

    private final Path directory;

    EmbeddedLaunchpadTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void keepsWorkflowsWhileItIsDown() {
        int first;
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0);
                MongoClient client = connect(launchpad)) {
            first = store(client).add(WorkflowDrafts.twoNodes(Map.of()));
        }
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0);
                MongoClient client = connect(launchpad)) {
            assertThat(store(client).find(first)).isPresent();
            assertThat(store(client).add(WorkflowDrafts.oneNode("test", "a"))).isEqualTo(first + 1);
            assertThat(store(client).list(WorkflowFilter.ALL)).hasSize(2);
        }
    }

    @Test
    void listensOnlyWhereItIsTold() {
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0)) {
            assertThat(launchpad.address().getAddress().isLoopbackAddress()).isTrue();
            assertThat(launchpad.port()).isPositive();
        }
    }

    @Test
    void refusesADirectoryThatAnotherUses() {
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0)) {
            assertThat(launchpad.port()).isPositive();
            assertThatThrownBy(() -> EmbeddedLaunchpad.start(directory, "127.0.0.1", 0))
                    .isInstanceOf(JrmException.class)
                    .hasMessageContaining("launchpad.mv.db");
        }
    }

    @Test
    void namesAPortThatIsTaken(@TempDir Path other) {
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(directory, "127.0.0.1", 0)) {
            assertThatThrownBy(() -> EmbeddedLaunchpad.start(other, "127.0.0.1", launchpad.port()))
                    .isInstanceOf(JrmException.class)
                    .hasMessageContaining("127.0.0.1:" + launchpad.port());
        }
    }

    private static MongoClient connect(EmbeddedLaunchpad launchpad) {
        return MongoClients.create("mongodb://127.0.0.1:" + launchpad.port());
    }

    private static MongoWorkflowStore store(MongoClient client) {
        return new MongoWorkflowStore(client.getDatabase("jiriaf"));
    }
}
