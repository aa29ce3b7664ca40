package org.jlab.jiriaf.jrm.app.serve;

import java.util.List;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.report.MermaidMap;
import org.jlab.jiriaf.jrm.report.NetworkGraph;
import org.jlab.jiriaf.jrm.report.SvgMap;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/** Network maps. */
final class MapOperations {

    private static final List<String> FORMATS = List.of("svg", "mermaid", "json");

    private final ServiceDependencies parts;
    private final LiveState live;
    private final Forwards forwards;
    private final WorkflowOperations workflows;

    MapOperations(ServiceDependencies parts, LiveState live, Forwards forwards, WorkflowOperations workflows) {
        this.parts = parts;
        this.live = live;
        this.forwards = forwards;
        this.workflows = workflows;
    }

    List<Operation> operations() {
        return List.of(
                Operation.get("/map", this::all),
                Operation.get("/workflows/{id}/map", call -> draw(call, List.of(workflows.workflow(call)))));
    }

    private Reply all(Call call) {
        return draw(
                call,
                parts.jrm().workflows().stream()
                        .filter(workflow -> !workflow.state().isOver())
                        .toList());
    }

    private Reply draw(Call call, List<Workflow> shown) {
        String format = call.choice("format", FORMATS);
        List<ForwardView> all = forwards.all();
        List<NetworkGraph> graphs = shown.stream()
                .map(workflow -> NetworkGraph.of(
                        workflow,
                        all.stream()
                                .filter(forward -> forward.deployment().equals(workflow.name()))
                                .toList(),
                        live.nodes()))
                .toList();
        return switch (format) {
            case "svg" -> Reply.text("image/svg+xml", SvgMap.of(graphs));
            case "json" -> Reply.json(graphs);
            default -> Reply.text("text/vnd.mermaid", MermaidMap.of(graphs));
        };
    }
}
