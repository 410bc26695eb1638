package io.github.cortado.gpucheck;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** A table in Markdown; columns after the first are numbers, on the right. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        rows.add(List.of(head));
    }

    /** Adds a row, as many cells as the head has. */
    Table row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell(cell.toString()));
        }
        rows.add(row);
        return this;
    }

    /** A text as it can stand in a cell. */
    static String cell(String text) {
        return text.strip().replaceAll("\\s*\n\\s*", "; ").replace("|", "\\|");
    }

    /** A number with so many decimals. */
    static String number(double x, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", x);
    }

    /** A part as a percentage. */
    static String percent(double part) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * part);
    }

    String markdown() {
        StringBuilder s = new StringBuilder();
        line(s, rows.get(0));
        List<String> rule = new ArrayList<>(Collections.nCopies(rows.get(0).size(), "--:"));
        rule.set(0, "---");
        line(s, rule);
        rows.subList(1, rows.size()).forEach(row -> line(s, row));
        return s.toString();
    }

    private static void line(StringBuilder s, List<String> cells) {
        s.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
