package io.github.cortado.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@link Compare} found out.
 *
 * @param roundTrips nanoseconds from a thread to another one and back, measured now and then; none
 *     on a single processor
 * @param cost how LeNet's operations for a picture are counted
 * @param details command and last answer of each program
 */
record Comparison(
        List<Row> rows,
        Machine machine,
        List<Double> roundTrips,
        int rounds,
        String cost,
        Map<String, Object> details)
        implements Compare.Result {

    /**
     * One comparison.
     *
     * @param unit of both series
     * @param speed whether more is better; else the series are times
     * @param gflop billions of operations in one of these units, NaN where nobody counted
     */
    record Row(
            String what,
            String unit,
            String peer,
            Series ours,
            Series theirs,
            boolean speed,
            double gflop) {
        /** Speeds; {@code gflop} operations in one of their units. */
        static Row rate(
                String what, String unit, String peer, Series ours, Series theirs, double gflop) {
            return new Row(what, unit, peer, ours, theirs, true, gflop);
        }

        /** Times. */
        static Row time(String what, String unit, String peer, Series ours, Series theirs) {
            return new Row(what, unit, peer, ours, theirs, false, Double.NaN);
        }

        /** How many times as fast as the peer, by the medians. */
        double ratio() {
            return speed ? ours.median() / theirs.median() : theirs.median() / ours.median();
        }

        /** The same, round by round. */
        Series ratios() {
            return speed ? ours.over(theirs) : theirs.over(ours);
        }

        /** The median's part of the largest peak: what disturbs a peak only makes it smaller. */
        double share(Series figures, Series peak) {
            return figures.median() * gflop / peak.max();
        }
    }

    @Override
    public String markdown() {
        Series peak = machine.peak();
        StringBuilder s = new StringBuilder();
        s.append("| | peer | Cortado | peer's | unit | times as fast | in the rounds")
                .append(" | share of peak | peer's |\n")
                .append("|---|---|--:|--:|---|--:|--:|--:|--:|\n");
        for (Row row : rows) {
            s.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s | %s | %s | %.2f | %s | %s | %s |%n",
                            row.what,
                            row.peer,
                            figure(row.ours.median()),
                            figure(row.theirs.median()),
                            row.unit,
                            row.ratio(),
                            row.ratios().spread(2),
                            percent(row.share(row.ours, peak)),
                            percent(row.share(row.theirs, peak))));
        }
        List<Row> layers = rows.stream().filter(r -> r.unit.equals("ms")).toList();
        if (!layers.isEmpty()) {
            double logs = layers.stream().mapToDouble(r -> Math.log(r.ratio())).sum();
            s.append(
                    String.format(
                            Locale.ROOT,
                            "%nOver the %d rows in ms: geometric mean %.2f times as fast, smallest"
                                    + " %.2f.%n",
                            layers.size(),
                            Math.exp(logs / layers.size()),
                            layers.stream().mapToDouble(Row::ratio).min().orElseThrow()));
            s.append(below(layers, 0.8)).append(below(layers, 0.4));
        }
        s.append('\n').append(machine.text());
        if (!roundTrips.isEmpty()) {
            Series trips = new Series(roundTrips);
            s.append(
                    String.format(
                            Locale.ROOT,
                            "From one thread to another and back: %.0f ns (%s); several times the"
                                    + " smallest is a moment at which processors share no cache.%n",
                            trips.median(),
                            trips.spread(0)));
        }
        if (rows.stream().anyMatch(r -> !Double.isNaN(r.gflop) && r.unit.equals("pictures/s"))) {
            s.append("Operations a picture: ").append(cost).append(".\n");
        }
        return s.append(
                        "Medians of fresh processes, one of every program in each round; "
                                + Compare.rounds(rounds))
                .toString();
    }

    private static String below(List<Row> rows, double bound) {
        List<String> names =
                rows.stream()
                        .filter(r -> r.ratio() < bound)
                        .map(r -> String.format(Locale.ROOT, "%s %.2f", r.what, r.ratio()))
                        .toList();
        return String.format(
                Locale.ROOT,
                "%nBelow %.1f: %s.%n",
                bound,
                names.isEmpty() ? "none" : names.size() + " (" + String.join("; ", names) + ")");
    }

    /** With two decimals where it is small, and more where there would be none. */
    static String figure(double v) {
        return String.format(Locale.ROOT, v < 0.1 ? "%.4f" : v < 100 ? "%.2f" : "%.0f", v);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    @Override
    public Map<String, Object> json() {
        Series peak = machine.peak();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("machine", machine.json());
        out.put("rounds", rounds);
        out.put("operations_per_picture", cost);
        out.put("round_trip_ns", roundTrips);
        List<Object> table = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> r = new LinkedHashMap<>();
            r.put("what", row.what);
            r.put("unit", row.unit);
            r.put("peer", row.peer);
            r.put("cortado_rounds", row.ours.values());
            r.put("peer_rounds", row.theirs.values());
            r.put("cortado_median", row.ours.median());
            r.put("peer_median", row.theirs.median());
            r.put("ratio", row.ratio());
            r.put("ratio_min", row.ratios().min());
            r.put("ratio_max", row.ratios().max());
            if (!Double.isNaN(row.gflop)) {
                r.put("cortado_share_of_peak", row.share(row.ours, peak));
                r.put("peer_share_of_peak", row.share(row.theirs, peak));
            }
            table.add(r);
        }
        out.put("comparisons", table);
        out.put("programs", details);
        return out;
    }
}
