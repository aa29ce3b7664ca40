package org.jlab.jiriaf.jrm.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.serve.JrmService;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.InMemoryWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class WorkflowReportTest {

    private static final LaunchQueue.Worker WORKER = new LaunchQueue.Worker("w", "test", "login01", "127.0.0.1");
    private static final String REASON = "job 4711 ended: TIMEOUT";

    private final WorkflowStore store = new InMemoryWorkflowStore();

    @Test
    void tellsWhyAWorkflowFizzled() {
        end(WorkflowState.FIZZLED);

        WorkflowReport report = report();

        assertThat(report.summaries()).extracting(WorkflowSummary::reason).containsExactly(REASON);
        assertThat(report.toTable().lines().skip(1)).singleElement().asString().endsWith(REASON);
        assertThat(json(report).path("reason").asString()).isEqualTo(REASON);
    }

    @Test
    void givesNoReasonForARunThatWentWell() {
        end(WorkflowState.COMPLETED);

        WorkflowReport report = report();

        assertThat(report.toTable()).doesNotContain(REASON);
        assertThat(json(report).path("reason").isNull()).isTrue();
    }

    @Test
    void hasTheFieldsOfTheServicesDescription() throws IOException {
        end(WorkflowState.FIZZLED);
        try (InputStream description = Objects.requireNonNull(JrmService.class.getResourceAsStream("openapi.json"))) {
            JsonNode schema = Json.MAPPER.readTree(description).at("/components/schemas/Workflow");

            assertThat(json(report()).propertyNames())
                    .containsExactlyInAnyOrderElementsOf(
                            schema.path("properties").propertyNames())
                    .containsExactlyInAnyOrderElementsOf(schema.path("required")
                            .valueStream()
                            .map(JsonNode::asString)
                            .toList());
        }
    }

    private void end(WorkflowState state) {
        store.add(WorkflowDrafts.oneNode("test", "a"));
        int launch =
                store.launchQueue().reserve(WORKER, "/l").orElseThrow().launch().id();
        store.launchQueue().start(launch, WORKER);
        store.launchQueue().complete(launch, state, REASON);
    }

    private WorkflowReport report() {
        return WorkflowReport.of(store.list(WorkflowFilter.DEPLOYMENTS), null, Map.of());
    }

    private static JsonNode json(WorkflowReport report) {
        List<WorkflowSummary> summaries = report.summaries();
        return Json.MAPPER.valueToTree(summaries).get(0);
    }
}
