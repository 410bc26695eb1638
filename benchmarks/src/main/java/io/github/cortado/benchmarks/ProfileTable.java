package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.StepProfile.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A table of {@link StepProfile} in Markdown, longest first; what is short stands together. */
final class ProfileTable {
    /** Of a step; what takes less has no row of its own. */
    private static final double LEAST = 0.002;

    private ProfileTable() {}

    static String markdown(String first, List<Row> rows, double stepMilliseconds) {
        List<Row> longestFirst = new ArrayList<>(rows);
        longestFirst.sort(Comparator.comparingDouble(Row::milliseconds).reversed());
        StringBuilder s = new StringBuilder("| " + first);
        s.append(" | calls | ms | of the step | MFLOP | GFLOP/s | MB | GB/s | floor, ms")
                .append(" | floor / ms |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        Row none = new Row("", "", 0, 0, 0, 0, 0);
        Row all = none;
        Row others = none;
        int many = 0;
        for (Row row : longestFirst) {
            all = all.plus(row);
            if (row.milliseconds() < LEAST * stepMilliseconds) {
                others = others.plus(row);
                many++;
            } else {
                s.append(line(row.operation(), row, stepMilliseconds));
            }
        }
        if (many > 0) {
            s.append(line(many + " others", others, stepMilliseconds));
        }
        double between = stepMilliseconds - all.milliseconds();
        return s.append(line("all of them", all, stepMilliseconds))
                .append(
                        String.format(
                                Locale.ROOT,
                                "| between them | | %.2f | %.1f %% | | | | | | |%n",
                                between,
                                100 * between / stepMilliseconds))
                .toString();
    }

    private static String line(String name, Row row, double stepMilliseconds) {
        double ms = row.milliseconds();
        return String.format(
                Locale.ROOT,
                "| %s | %.0f | %.3f | %.1f %% | %.1f | %s | %.2f | %.1f | %.3f | %.0f %% |%n",
                name,
                row.calls(),
                ms,
                100 * ms / stepMilliseconds,
                row.megaflop(),
                row.megaflop() == 0 ? "" : String.format(Locale.ROOT, "%.1f", row.megaflop() / ms),
                row.megabytes(),
                row.megabytes() / ms,
                row.floor(),
                100 * row.floor() / ms);
    }
}
