package org.jlab.jiriaf.jrm.report;

import java.util.List;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.report.NetworkGraph.Group;
import org.jlab.jiriaf.jrm.report.NetworkGraph.Health;
import org.jlab.jiriaf.jrm.report.NetworkGraph.Link;

/**
 * Network maps as Mermaid text. Links that work are drawn through, those which do not or are not known are dashed; each says
 * how it is.
 *
 * @see <a href="https://mermaid.js.org/syntax/flowchart.html">Mermaid, flowcharts</a>
 */
public final class MermaidMap {

    private final StringBuilder text = new StringBuilder("flowchart LR\n");

    private MermaidMap() {}

    /**
     * Draws networks.
     *
     * @param graphs the networks
     * @return the text of one flowchart
     */
    public static String of(List<NetworkGraph> graphs) {
        MermaidMap map = new MermaidMap();
        graphs.forEach(map::add);
        return map.text.toString();
    }

    private void add(NetworkGraph graph) {
        String id = "w" + graph.workflow();
        text.append("  subgraph ")
                .append(id)
                .append("[")
                .append(quoted(graph.name()))
                .append("]\n");
        column(id + "c", "control plane", graph, 'c');
        column(id + "l", (graph.nodeTunnels() ? "login node " : "host of the JRMs ") + graph.login(), graph, 'l');
        if (graph.nodeTunnels()) {
            for (int group = 0; group < graph.groups().size(); group++) {
                node(id + "g" + group, graph.groups().get(group));
            }
        }
        links(id, graph);
        text.append("  end\n");
    }

    private void column(String id, String title, NetworkGraph graph, char column) {
        text.append("    subgraph ")
                .append(id)
                .append("[")
                .append(quoted(title))
                .append("]\n");
        for (int group = 0; group < graph.groups().size(); group++) {
            List<Link> links = graph.groups().get(group).links();
            for (int link = 0; link < links.size(); link++) {
                box(
                        "w" + graph.workflow() + "g" + group + "r" + link + column,
                        column == 'c' ? links.get(link).here() : links.get(link).between());
            }
        }
        text.append("    end\n");
    }

    private void node(String id, Group group) {
        String status = group.status().isEmpty() ? "" : ", " + group.status();
        text.append("    subgraph ")
                .append(id)
                .append("[")
                .append(quoted(group.name() + status))
                .append("]\n");
        for (int link = 0; link < group.links().size(); link++) {
            box(id + "r" + link + "n", group.links().get(link).there());
        }
        text.append("    end\n");
    }

    private void box(String id, String label) {
        text.append("      ").append(id).append("[").append(quoted(label)).append("]\n");
    }

    private void links(String workflow, NetworkGraph graph) {
        for (int group = 0; group < graph.groups().size(); group++) {
            List<Link> links = graph.groups().get(group).links();
            for (int i = 0; i < links.size(); i++) {
                Link link = links.get(i);
                String id = workflow + "g" + group + "r" + i;
                arrow(id + "c", id + "l", link.outward(), link.first());
                if (graph.nodeTunnels()) {
                    arrow(id + "l", id + "n", link.outward(), link.second());
                }
            }
        }
    }

    private void arrow(String left, String right, boolean outward, Health health) {
        String line = health == Health.UP ? " -->|" + health.word() + "| " : " -.->|" + health.word() + "| ";
        text.append("    ")
                .append(outward ? left : right)
                .append(line)
                .append(outward ? right : left)
                .append('\n');
    }

    private static String quoted(String label) {
        return '"' + TextRules.printable(label).replace("#", "#35;").replace("\"", "#quot;") + '"';
    }
}
