package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DocumentSizeTest {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    private final MongoWorkflowStore store = new MongoWorkflowStore(LAUNCHPAD.emptyDatabase());

    @Test
    void saysHowManyNodesWouldFit() {
        ThrowableAssert.ThrowingCallable check = () -> store.checkFits(nodes(200));
        assertThatThrownBy(check)
                .isInstanceOf(WorkflowStoreException.class)
                .hasMessageContaining("200 nodes")
                .hasMessageContaining("slurm.nodes");

        Matcher fit = Pattern.compile("It fits with (\\d+) nodes")
                .matcher(String.valueOf(catchThrowable(check).getMessage()));
        assertThat(fit.find()).isTrue();
        int count = Integer.parseInt(fit.group(1));
        store.checkFits(nodes(count));
        assertThatThrownBy(() -> store.checkFits(nodes(count + 2))).isInstanceOf(WorkflowStoreException.class);
        assertThat(store.add(nodes(count))).isPositive();
    }

    @Test
    void refusesBeforeAnIdIsTaken() {
        assertThatThrownBy(() -> store.add(nodes(200))).isInstanceOf(WorkflowStoreException.class);

        assertThat(store.add(WorkflowDrafts.oneNode("test", "a"))).isEqualTo(1);
    }

    @Test
    void refusesMetadataThatPythonCouldNotReadBack() {
        WorkflowDraft draft =
                WorkflowDrafts.of("test", List.of("a"), List.of(new ScriptTask("true")), Map.of("a.b", "c"));

        assertThatThrownBy(() -> store.add(draft))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a.b");
    }

    private static WorkflowDraft nodes(int count) {
        ScriptTask script = new ScriptTask("x".repeat(130_000));
        return WorkflowDrafts.of(
                "test",
                IntStream.range(0, count).mapToObj(i -> "node" + i).toList(),
                IntStream.range(0, count).mapToObj(i -> script).toList(),
                Map.of());
    }
}
