package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Comparison.Row;
import io.github.cortado.benchmarks.Section.Layers;
import io.github.cortado.benchmarks.Section.Programs;
import java.util.ArrayList;
import java.util.List;

/** The parts of {@link Compare} that have to do with {@link Operations}. */
final class OperationSections {
    private OperationSections() {}

    private static String[] common(Arguments a, String... more) {
        List<String> words = new ArrayList<>(List.of("--sizes", a.text("sizes")));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    /** What {@code --figure} names: medians, or the fastest calls. */
    private static Measurements.Reader figures(Arguments a) {
        String field = a.oneOf("figure", "median", "best").equals("best") ? "best" : "milliseconds";
        return answer -> Layers.times(answer, field);
    }

    /** A row for each direction of each operation. */
    private static List<Row> rows(Arguments a, String peer, Measurements m, String... sides) {
        List<Row> rows = new ArrayList<>();
        for (Operation o : Operations.chosen(a)) {
            for (String direction : OperationThroughput.DIRECTIONS) {
                String name = o.name() + ", " + direction;
                if (o.hasGradient() || direction.equals("forward")) {
                    rows.add(
                            Row.time(
                                    name,
                                    "ms",
                                    peer,
                                    m.series(sides[0] + " " + name),
                                    m.series(sides[1] + " " + name)));
                }
            }
        }
        return rows;
    }

    /** Every operation by itself, beside PyTorch. */
    record BesidePyTorch(Programs programs) implements Section {
        @Override
        public void measure(Measurements m) {
            Arguments a = programs.options();
            String[] words = common(a, "--only", a.text("only"));
            m.noteAll(
                    OURS + " ",
                    programs.java(
                            OperationThroughput.class,
                            common(
                                    a,
                                    "--only",
                                    a.text("only"),
                                    "--device",
                                    a.text("device"),
                                    "--mode",
                                    a.text("mode"))),
                    figures(a));
            m.noteAll("PyTorch ", programs.python("operations_torch.py", words), figures(a));
        }

        @Override
        public List<Row> rows(Measurements m) {
            return OperationSections.rows(programs.options(), "PyTorch", m, OURS, "PyTorch");
        }
    }

    /**
     * Every operation after all others have run, in three orders, beside itself alone in a fresh
     * process: what it loses by company.
     */
    record InCompany(Programs programs) implements Section {
        private static final List<String> ORDERS = List.of("1", "2", "3");

        /**
         * Milliseconds for each direction: so little that three rounds take less than half an hour.
         */
        private static final String[] SHORT = {"--warmup", "60", "--millis", "60"};

        @Override
        public boolean hasPeer() {
            return false;
        }

        @Override
        public void measure(Measurements m) {
            Arguments a = programs.options();
            for (Operation o : Operations.chosen(a)) {
                m.noteAll("alone ", program("--only", o.name()), figures(a));
            }
            for (String order : ORDERS) {
                m.noteAll(
                        "order " + order + " ",
                        program("--only", a.text("only"), "--order", order),
                        figures(a));
            }
        }

        private Program program(String... more) {
            Arguments a = programs.options();
            List<String> words = new ArrayList<>(List.of(common(a, more)));
            words.addAll(List.of(SHORT));
            words.addAll(List.of("--device", a.text("device"), "--mode", a.text("mode")));
            return programs.java(OperationThroughput.class, words.toArray(String[]::new));
        }

        @Override
        public List<Row> rows(Measurements m) {
            List<Row> rows = new ArrayList<>();
            for (String order : ORDERS) {
                rows.addAll(
                        OperationSections.rows(
                                programs.options(),
                                "alone; order " + order,
                                m,
                                "order " + order,
                                "alone"));
            }
            return rows;
        }
    }
}
