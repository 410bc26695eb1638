package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Comparison.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@link CompareBuilds} found out. A row's ratio is the median of those of its pairs, each of
 * which ran side by side: the machine's speed may change from pair to pair and not touch it.
 *
 * @param rows the present build as ours, the baseline as theirs; not empty
 * @param onlyInOne what one of the two builds measures alone
 * @param details command and last answer of each program
 */
record BuildComparison(
        List<Row> rows,
        List<String> onlyInOne,
        Machine machine,
        int rounds,
        Map<String, Object> details)
        implements Compare.Result {

    /** The result as a table, with its mean, its worst row and the machine. */
    @Override
    public String markdown() {
        StringBuilder s = new StringBuilder();
        s.append("| | baseline | present | unit | times as fast | in the pairs |\n")
                .append("|---|--:|--:|---|--:|--:|\n");
        for (Row row : rows) {
            s.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s | %s | %.3f | %s |%n",
                            row.what(),
                            Comparison.figure(row.theirs().median()),
                            Comparison.figure(row.ours().median()),
                            row.unit(),
                            row.ratios().median(),
                            row.ratios().spread(3)));
        }
        Row worst = worst();
        s.append(
                String.format(
                        Locale.ROOT,
                        "%nGeometric mean of the %d rows: %.3f times as fast. Worst: %s, %.3f"
                                + " (%s).%n",
                        rows.size(),
                        geometricMean(),
                        worst.what(),
                        worst.ratios().median(),
                        worst.ratios().spread(3)));
        if (!onlyInOne.isEmpty()) {
            s.append("In one of the builds alone: ")
                    .append(String.join("; ", onlyInOne))
                    .append(".\n");
        }
        s.append('\n').append(machine.text());
        return s.append(
                        "Ratios are medians of pairs, each of a fresh process of either build, in"
                                + " alternating order; "
                                + Compare.rounds(rounds))
                .toString();
    }

    /** The mean of a speed that doubled and of one that halved is one. */
    private double geometricMean() {
        double logs = rows.stream().mapToDouble(row -> Math.log(row.ratios().median())).sum();
        return Math.exp(logs / rows.size());
    }

    private Row worst() {
        return rows.stream()
                .min(Comparator.comparingDouble(row -> row.ratios().median()))
                .orElseThrow();
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("machine", machine.json());
        out.put("rounds", rounds);
        out.put("geometric_mean", geometricMean());
        out.put("worst", worst().what());
        List<Object> table = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> r = new LinkedHashMap<>();
            r.put("what", row.what());
            r.put("unit", row.unit());
            r.put("baseline", row.theirs().values());
            r.put("present", row.ours().values());
            r.put("ratios", row.ratios().values());
            r.put("ratio", row.ratios().median());
            table.add(r);
        }
        out.put("comparisons", table);
        out.put("only_in_one", onlyInOne);
        out.put("programs", details);
        return out;
    }
}
