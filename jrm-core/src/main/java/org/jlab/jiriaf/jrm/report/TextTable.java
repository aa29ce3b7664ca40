package org.jlab.jiriaf.jrm.report;

import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.internal.TextRules;

/** A table in plain text, its columns as wide as what stands in them. Not thread-safe. */
public final class TextTable {

    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /**
     * Starts a table.
     *
     * @param header titles of the columns
     */
    public TextTable(String... header) {
        rows.add(List.of(header));
    }

    /**
     * Adds a row.
     *
     * @param cells as many as there are columns; control characters are shown as {@code ?}, so that a value from a database
     *     cannot play with the terminal
     * @throws IllegalArgumentException if there are more or fewer
     */
    public void add(String... cells) {
        if (cells.length != rows.get(0).size()) {
            throw new IllegalArgumentException("A row needs " + rows.get(0).size() + " cells, not " + cells.length);
        }
        rows.add(List.of(cells).stream().map(TextTable::printable).toList());
    }

    private static String printable(String cell) {
        return TextRules.printable(cell);
    }

    /** Prints the table, one line per row, without blanks at the ends of lines. */
    @Override
    public String toString() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i))
                        .append(" ".repeat(widths[i] - row.get(i).length()))
                        .append(GAP);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
