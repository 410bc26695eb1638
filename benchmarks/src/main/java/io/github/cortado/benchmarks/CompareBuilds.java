package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.Comparison.Row;
import io.github.cortado.benchmarks.nets.Network;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code Compare --baseline JAR}: the same programs on an older build of Cortado and on this one,
 * in turn. Of every pair of runs the older build has the first in one round and the second in the
 * next.
 */
final class CompareBuilds {
    private static final String BASELINE = "baseline";
    private static final String PRESENT = "present";

    /**
     * A program that both builds run.
     *
     * @param pairs of it in a round
     * @param speed whether more is better; else the figures are times
     */
    record Case(
            String what,
            String unit,
            boolean speed,
            int pairs,
            Class<?> main,
            List<String> words,
            Reader reader) {
        Row row(String figure, Series present, Series baseline) {
            return speed
                    ? Row.rate(figure, unit, BASELINE, present, baseline, Double.NaN)
                    : Row.time(figure, unit, BASELINE, present, baseline);
        }
    }

    /** Takes figures by their names from what a program answered in so many milliseconds. */
    @FunctionalInterface
    interface Reader {
        Map<String, Double> read(Program program, Map<?, ?> answer, double milliseconds);
    }

    private final Arguments options;
    private final Path jar;
    private final List<Case> cases = new ArrayList<>();
    private final Measurements measured = new Measurements();

    /** Figures of the table, in its order, with the case that they belong to. */
    private final Map<String, Case> figures = new LinkedHashMap<>();

    /**
     * Of a command line.
     *
     * @throws UsageException where the baseline is no such jar, or a part is unknown
     */
    CompareBuilds(Arguments options) {
        this.options = options;
        jar = requireBuild(Path.of(options.text(BASELINE)));
        options.oneOf("mode", "graph", "eager");
        Compare.chosen(options, parts()).forEach(cases::addAll);
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put(BASELINE, "");
        d.put("what", "training,inference,layers,start");
        d.put("rounds", "" + Compare.ENOUGH_ROUNDS);
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("images", "10000");
        d.put("reps", "3");
        d.put("starts", "5");
        d.put("device", "cpu");
        d.put("mode", "graph");
        d.put("only", "");
        d.put("out", "benchmarks/target/compare");
        d.putAll(NetSection.defaults());
        return d;
    }

    private static Path requireBuild(Path jar) {
        String wanted = LeNetThroughput.class.getName();
        boolean found = false;
        if (Files.isRegularFile(jar)) {
            try (URLClassLoader build = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
                found = build.getResource(wanted.replace('.', '/') + ".class") != null;
            } catch (IOException e) {
                // Said below: such a file is no build either.
            }
        }
        if (!found) {
            throw new UsageException(
                    "--baseline: '"
                            + jar
                            + "' is no jar with "
                            + wanted
                            + "; it is benchmarks/target/benchmarks.jar of another commit, made by"
                            + " mvn -pl benchmarks -am -DskipTests package");
        }
        return jar.toAbsolutePath();
    }

    // What is run

    private Map<String, List<Case>> parts() {
        Map<String, List<Case>> all = new LinkedHashMap<>();
        all.put(
                "training",
                List.of(
                        rate(
                                "LeNet training, batch 100",
                                "--images",
                                options.text("images"),
                                "--reps",
                                options.text("reps"))));
        all.put("inference", List.of(inference("100"), inference("1")));
        all.put("layers", layers());
        all.put("together", List.of(layers("together", options.text("only"), "together: ")));
        all.put("start", List.of(start()));
        all.put("nets", nets(false));
        all.put("nets-inference", nets(true));
        return all;
    }

    private List<Case> nets(boolean infer) {
        return NetSection.chosen(options).stream().map(net -> net(net, infer)).toList();
    }

    private Case net(Network net, boolean infer) {
        String what = NetSection.what(options, net, infer);
        return new Case(
                what,
                "items/s",
                true,
                1,
                NetThroughput.class,
                List.of(NetSection.words(options, net, infer)),
                (program, answer, ms) ->
                        Map.of(what, Measurements.number(program, answer, "items_per_second")));
    }

    private Case inference(String batch) {
        return rate(
                "LeNet inference, batch " + batch,
                "--infer",
                "--batch",
                batch,
                "--images",
                Section.Inference.images(batch),
                "--reps",
                options.text("reps"));
    }

    private Case rate(String what, String... words) {
        return new Case(
                what,
                "pictures/s",
                true,
                1,
                LeNetThroughput.class,
                List.of(words),
                (program, answer, ms) ->
                        Map.of(what, Measurements.number(program, answer, "median")));
    }

    /** Each in a process of its own, so that the two of a pair are seconds apart. */
    private List<Case> layers() {
        List<Case> layers = new ArrayList<>();
        for (LayerTimes.Entry layer : LayerTimes.entries()) {
            if (layer.name().contains(options.text("only"))) {
                layers.add(layers(layer.name(), layer.name(), ""));
            }
        }
        if (layers.isEmpty()) {
            throw new UsageException(LayerTimes.NO_LAYER + options.text("only") + "'");
        }
        return layers;
    }

    /** Layers in one process, as in a network: loops that they share see more than one of them. */
    private static Case layers(String what, String only, String prefix) {
        return new Case(
                what,
                "ms",
                false,
                1,
                LayerTimes.class,
                List.of("--only", only),
                (program, answer, ms) -> {
                    Map<String, Double> times = new LinkedHashMap<>();
                    Section.Layers.times(answer)
                            .forEach((name, time) -> times.put(prefix + name, time));
                    return times;
                });
    }

    /** The process as a whole: the first answers, which {@link LeNetThroughput} checks, and one. */
    private Case start() {
        String what = "from the start of Java to LeNet's first answers";
        return new Case(
                what,
                "ms",
                false,
                options.count("starts"),
                LeNetThroughput.class,
                List.of("--infer", "--batch", "1", "--images", "1", "--warmup", "1", "--reps", "1"),
                (program, answer, ms) -> Map.of(what, ms));
    }

    // Running it

    /** Measures all of it, round after round. */
    BuildComparison run() {
        Compare.noteLoad(measured);
        int rounds = options.count("rounds");
        for (int round = 1; round <= rounds; round++) {
            System.err.printf(Locale.ROOT, "round %d of %d:", round, rounds);
            Machine.measurePeak(measured, options.text("threads"));
            measure(round);
            System.err.println();
        }
        List<Row> rows = rows();
        if (rows.isEmpty()) {
            throw new Program.FailedException(
                    "the two builds have no figure in common, out of " + figures.keySet());
        }
        return new BuildComparison(
                rows,
                figures.keySet().stream().filter(name -> !isInBoth(name)).toList(),
                Machine.here(measured, options.count("threads")),
                rounds,
                measured.details());
    }

    /** Every pair of a round. */
    void measure(int round) {
        for (Case c : cases) {
            for (int pair = 0; pair < c.pairs; pair++) {
                boolean baselineFirst = (round + pair) % 2 == 1;
                run(c, baselineFirst ? BASELINE : PRESENT);
                run(c, baselineFirst ? PRESENT : BASELINE);
            }
        }
    }

    private void run(Case c, String build) {
        Program program = program(c, build);
        long start = System.nanoTime();
        Map<?, ?> answer;
        try {
            answer = program.json();
        } catch (Program.FailedException e) {
            String message = String.valueOf(e.getMessage());
            String noProgram = "ClassNotFoundException: " + c.main.getName();
            if (message.contains(LayerTimes.NO_LAYER) || message.contains(noProgram)) {
                // An older build may know fewer layers, or no networks: this one is listed as the
                // other's alone.
                return;
            }
            throw e;
        }
        double milliseconds = (System.nanoTime() - start) / 1e6;
        measured.detail(build + " " + c.what, program, answer);
        c.reader
                .read(program, answer, milliseconds)
                .forEach(
                        (name, figure) -> {
                            figures.put(name, c);
                            measured.add(build + " " + name, figure);
                        });
    }

    private Program program(Case c, String build) {
        List<String> words = new ArrayList<>(c.words);
        for (String name : List.of("device", "threads", "mode")) {
            words.addAll(List.of("--" + name, options.text(name)));
        }
        String path =
                build.equals(BASELINE) ? jar.toString() : System.getProperty("java.class.path");
        return Program.java(List.of(), path, c.main.getName(), words);
    }

    /** A row for every figure that both builds have. */
    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        figures.forEach(
                (name, c) -> {
                    if (isInBoth(name)) {
                        rows.add(
                                c.row(
                                        name,
                                        measured.series(PRESENT + " " + name),
                                        measured.series(BASELINE + " " + name)));
                    }
                });
        return rows;
    }

    private boolean isInBoth(String figure) {
        return measured.figures(PRESENT + " " + figure).size()
                == measured.figures(BASELINE + " " + figure).size();
    }
}
