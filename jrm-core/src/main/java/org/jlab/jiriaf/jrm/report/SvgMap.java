package org.jlab.jiriaf.jrm.report;

import java.util.List;
import java.util.Locale;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.report.NetworkGraph.Group;
import org.jlab.jiriaf.jrm.report.NetworkGraph.Health;
import org.jlab.jiriaf.jrm.report.NetworkGraph.Link;

/**
 * Network maps as one SVG picture: a line for each forward, from the control plane through the login node to the node. An arrow
 * points from who connects to who answers; how a line does is said by its form, its colour and a word. The picture brings its
 * style along, for light and dark; a page that has a style of its own leaves the {@code style} element out.
 */
public final class SvgMap {

    private static final int WIDTH = 960;
    private static final int ROW = 24;
    private static final int TITLE = 34;
    private static final int HEADER = 30;
    private static final int GROUP_HEADER = 24;
    private static final int GAP = 10;

    private static final int LEFT_END = 186;
    private static final int MIDDLE_START = 310;
    private static final int MIDDLE_END = 560;
    private static final int RIGHT_START = 680;

    /** Width of a letter of a heading, on the wide side: fonts differ. */
    private static final double LETTER = 7.8;

    /** How much wider bold letters are. */
    private static final double BOLD = 1.1;

    private static final String STYLE = """
            .map{font:13px system-ui,sans-serif;fill:#1c2733}.map .title{font-weight:600;font-size:15px}
            .map .column{fill:#f1f4f8;stroke:#c8d1dc}.map .node{fill:#fff;stroke:#c8d1dc}.map .head{font-weight:600}
            .map .port{font-family:ui-monospace,monospace}.map .word{font-size:11px;text-anchor:middle}
            .map line{stroke-width:2}.map .up line{stroke:#1a7f37}.map .up .tip,.map .up .word{fill:#1a7f37}
            .map .down line{stroke:#c2271b;stroke-dasharray:6 4}.map .down .tip,.map .down .word{fill:#c2271b}
            .map .unknown line{stroke:#6a7684;stroke-dasharray:2 4}.map .unknown .tip,.map .unknown .word{fill:#5b6673}
            .map .paper{fill:#fff}
            @media(prefers-color-scheme:dark){.map{fill:#e3e9f0}.map .paper{fill:#11161c}
            .map .column{fill:#1a222b;stroke:#3a4654}.map .node{fill:#11161c;stroke:#3a4654}
            .map .up line{stroke:#4cc66b}.map .up .tip,.map .up .word{fill:#4cc66b}
            .map .down line{stroke:#ff8177}.map .down .tip,.map .down .word{fill:#ff8177}
            .map .unknown line{stroke:#98a5b3}.map .unknown .tip,.map .unknown .word{fill:#a9b5c2}}
            """;

    private final StringBuilder svg = new StringBuilder();
    private int y;

    private SvgMap() {}

    /**
     * Draws networks, one below the other.
     *
     * @param graphs the networks
     * @return the picture
     */
    public static String of(List<NetworkGraph> graphs) {
        SvgMap map = new SvgMap();
        graphs.forEach(map::add);
        if (graphs.isEmpty()) {
            map.text(16, 24, "", "There is no deployment");
            map.y = 40;
        }
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"map\" viewBox=\"0 0 %d %d\" role=\"img\""
                                + " aria-label=\"Network map\">%n<style>%n%s</style>%n",
                        WIDTH,
                        map.y,
                        STYLE)
                + "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" + map.svg + "</svg>\n";
    }

    private void add(NetworkGraph graph) {
        text(12, y + 22, "title", "Workflow " + graph.workflow() + ", " + graph.name());
        int top = y + TITLE;
        int height = HEADER + graph.groups().stream().mapToInt(SvgMap::height).sum();
        boolean through = graph.nodeTunnels();
        column(8, LEFT_END, top, height, "Control plane");
        column(
                MIDDLE_START,
                through ? MIDDLE_END : WIDTH - 8,
                top,
                height,
                (through ? "Login node " : "Host of the JRMs ") + graph.login());
        if (through) {
            column(RIGHT_START, WIDTH - 8, top, height, "Compute nodes");
        }
        y = top + HEADER;
        graph.groups().forEach(group -> add(group, through));
        y = top + height + GAP;
    }

    private static int height(Group group) {
        return group.links().isEmpty() ? 0 : GROUP_HEADER + ROW * group.links().size() + GAP;
    }

    private void column(int left, int right, int top, int height, String title) {
        rectangle("column", left, top, right - left, height);
        text(left + 8, top + 20, "head", fitting(title, (int) ((right - left - 16) / BOLD)));
    }

    /** As much of a text as there is room for. */
    private static String fitting(String text, int width) {
        int letters = (int) (width / LETTER);
        return text.length() <= letters ? text : text.substring(0, letters - 1) + "\u2026";
    }

    private void add(Group group, boolean through) {
        if (group.links().isEmpty()) {
            return;
        }
        int left = through ? RIGHT_START : MIDDLE_START;
        rectangle("node", left + 6, y, WIDTH - 8 - left - 12, height(group) - GAP);
        text(left + 14, y + 16, "head", fitting(title(group), WIDTH - 8 - left - 28));
        y += GROUP_HEADER;
        for (Link link : group.links()) {
            add(link, through);
            y += ROW;
        }
        y += GAP;
    }

    private static String title(Group group) {
        return group.name() + (group.status().isEmpty() ? "" : ", " + group.status());
    }

    private void add(Link link, boolean through) {
        int middle = y + ROW / 2;
        text(18, middle + 4, "port", link.here());
        arrow(LEFT_END, MIDDLE_START, middle, link.outward(), link.first(), link.firstNote());
        text(MIDDLE_START + 14, middle + 4, "port", link.between());
        if (through) {
            arrow(
                    MIDDLE_END,
                    RIGHT_START,
                    middle,
                    link.outward(),
                    link.second(),
                    "the JRM's own tunnel: " + link.second().word());
            text(RIGHT_START + 14, middle + 4, "port", link.there());
        }
    }

    private void arrow(int left, int right, int middle, boolean outward, Health health, String note) {
        int from = outward ? left + 4 : right - 4;
        int to = outward ? right - 4 : left + 4;
        int back = outward ? to - 9 : to + 9;
        svg.append(String.format(
                Locale.ROOT,
                "<g class=\"%s\"><title>%s</title><line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
                        + "<path class=\"tip\" d=\"M%d %dL%d %dL%d %dZ\"/><text class=\"word\" x=\"%d\" y=\"%d\">%s</text></g>%n",
                // What was closed looks like what is down; the word tells them apart.
                (health == Health.CLOSED ? Health.DOWN : health).name().toLowerCase(Locale.ROOT),
                escaped(note),
                from,
                middle,
                back,
                middle,
                to,
                middle,
                back,
                middle - 4,
                back,
                middle + 4,
                (left + right) / 2,
                middle - 4,
                health.word()));
    }

    private void rectangle(String kind, int x, int top, int width, int height) {
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>%n",
                kind,
                x,
                top,
                width,
                height));
    }

    private void text(int x, int baseline, String kind, String content) {
        svg.append(String.format(
                Locale.ROOT, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n", kind, x, baseline, escaped(content)));
    }

    private static String escaped(String text) {
        return TextRules.printable(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
