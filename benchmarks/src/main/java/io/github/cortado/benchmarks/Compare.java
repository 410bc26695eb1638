package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.Comparison.Row;
import io.github.cortado.io.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Cortado and PyTorch in turn: in every round each program runs once, in a fresh process, with the
 * same number of threads, and the multiply-add peak is measured. Quotes medians, their ratio, the
 * smallest and largest ratio of a round, and shares of the peak. With {@code --baseline} it
 * compares two builds of Cortado; see {@link CompareBuilds}.
 */
public final class Compare {
    /** Rounds below which the figures are no result. */
    static final int ENOUGH_ROUNDS = 5;

    private static final String ROUND_TRIP = "round trip, ns";

    /** What the peers run. */
    static final List<String> SCRIPTS =
            List.of(
                    "lenet_torch.py",
                    "gemm_torch.py",
                    "layers_torch.py",
                    "operations_torch.py",
                    "nets_torch.py",
                    "generate_torch.py",
                    "onnx_file.py",
                    "OnnxThroughput.java");

    private final Arguments options;
    private final List<Section> sections;
    private final Measurements measured = new Measurements();

    private Compare(Arguments options) {
        this.options = options;
        sections = chosen(options, Section.all(options));
    }

    /** Runs the program; options and their defaults are in the README of this module. */
    public static void main(String[] line) {
        int code = 2;
        try {
            List<String> words = List.of(line);
            boolean builds = words.contains("--baseline");
            Arguments options =
                    Arguments.parse(words, builds ? CompareBuilds.defaults() : defaults());
            Result result = builds ? new CompareBuilds(options).run() : new Compare(options).run();
            String markdown = result.markdown();
            System.out.println(markdown);
            save(result, markdown, Path.of(options.text("out")));
            code = 0;
        } catch (UsageException | Program.FailedException e) {
            System.err.println("Compare: " + e.getMessage());
        } catch (IOException e) {
            System.err.println("Compare: the result cannot be written: " + e);
        }
        System.exit(code);
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("what", "training,inference,gemm,layers");
        d.put("python", "python3");
        d.put("scripts", "benchmarks/peer");
        d.put("rounds", "" + ENOUGH_ROUNDS);
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("images", "10000");
        d.put("reps", "3");
        d.put("device", "cpu");
        d.put("gemm", "512,1024,2048");
        d.put("sizes", String.join(",", Operations.SIZES));
        d.put("mode", "graph");
        d.put("only", "");
        d.put("figure", "median");
        d.put("out", "benchmarks/target/compare");
        d.put("baseline", "");
        d.put("resume", "false");
        d.put("onnxruntime", "");
        d.putAll(NetSection.defaults());
        return d;
    }

    /** The parts that {@code --what} names, in its order. */
    static <P> List<P> chosen(Arguments options, Map<String, P> all) {
        List<P> parts = new ArrayList<>();
        for (String name : options.text("what").split(",")) {
            P part = all.get(name);
            if (part == null) {
                throw new UsageException(
                        "--what: no part '" + name + "'; there are " + all.keySet());
            }
            parts.add(part);
        }
        return parts;
    }

    /** What a comparison of either kind has found out. */
    interface Result {
        /** As a table with what is needed to judge it. */
        String markdown();

        /** The same with every figure of every round. */
        Map<String, Object> json();
    }

    /** The end of a sentence on how often all was measured. */
    static String rounds(int rounds) {
        return rounds
                + " rounds"
                + (rounds < ENOUGH_ROUNDS
                        ? "; fewer than " + ENOUGH_ROUNDS + ": not a result.\n"
                        : ".\n");
    }

    private Comparison run() throws IOException {
        if (sections.stream().anyMatch(Section::hasPeer)) {
            requirePeer();
        }
        keep();
        noteLoad(measured);
        for (Section section : sections) {
            section.prepare(measured);
        }
        int rounds = options.count("rounds");
        for (int round = 1; round <= rounds; round++) {
            System.err.printf(Locale.ROOT, "round %d of %d:", round, rounds);
            measured.begin(round);
            Machine.measurePeak(measured, options.text("threads"));
            for (Section section : sections) {
                RoundTrip.nanoseconds().ifPresent(ns -> measured.add(ROUND_TRIP, ns));
                section.measure(measured);
            }
            System.err.println();
        }
        List<Row> rows = new ArrayList<>();
        sections.forEach(s -> rows.addAll(s.rows(measured)));
        return new Comparison(
                rows,
                Machine.here(measured, options.count("threads")),
                measured.figures(ROUND_TRIP),
                rounds,
                LeNetCost.formula(false),
                measured.details());
    }

    /** What was measured is kept beside the result, for {@code --resume}. */
    private void keep() throws IOException {
        Path out = Path.of(options.text("out"));
        Files.createDirectories(out);
        Map<String, String> of = new LinkedHashMap<>(options.values());
        List.of("rounds", "out", "resume").forEach(of::remove);
        of.put("build", Program.buildTime());
        measured.keepIn(out.resolve("measured.json"), of, options.on("resume"));
    }

    /** PyTorch's threads wait for each other in loops: on a busy machine they hardly move. */
    static void noteLoad(Measurements measured) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        measured.detail("load_before", load);
        if (load > 0.5) {
            System.err.printf(
                    Locale.ROOT,
                    "The machine is busy (load %.1f): the figures will be of little use.%n",
                    load);
        }
    }

    // The peer

    /** Checks interpreter, module and scripts, and says by name which is missing. */
    private void requirePeer() {
        for (String name : SCRIPTS) {
            Path file = Path.of(options.text("scripts"), name);
            if (!Files.isRegularFile(file)) {
                throw new UsageException(
                        "the peer's script "
                                + file
                                + " is missing; start in the root of the repository, or name the"
                                + " directory of the scripts with --scripts");
            }
        }
        requireTorch(options.text("python"));
    }

    /**
     * Checks that an interpreter starts and has PyTorch.
     *
     * @return PyTorch's version
     */
    static String requireTorch(String python) {
        String install =
                "; to install it: python3 -m venv ~/torch && ~/torch/bin/pip install torch, and then"
                        + " --python ~/torch/bin/python";
        String probe =
                "import importlib.util as u; print(__import__('torch').__version__"
                        + " if u.find_spec('torch') else 'missing')";
        String version;
        try {
            version = new Program(List.of(python, "-c", probe)).text();
        } catch (Program.FailedException e) {
            throw new UsageException(
                    "the Python interpreter '"
                            + python
                            + "' with PyTorch cannot be used"
                            + install
                            + "\n"
                            + e.getMessage());
        }
        if (version.equals("missing")) {
            throw new UsageException(
                    "PyTorch (the module 'torch') is missing in '" + python + "'" + install);
        }
        return version;
    }

    // The result

    private static void save(Result result, String markdown, Path out) throws IOException {
        Files.createDirectories(out);
        Files.writeString(out.resolve("compare.md"), markdown + "\n");
        Json.save(out.resolve("compare.json"), result.json());
        System.err.println("written to " + out.resolve("compare.md") + " and compare.json");
    }
}
