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
 * LeNet and a matrix product here and in PyTorch, in turn: in every round each program runs once,
 * in a fresh process, with the same number of threads, and the multiply-add peak is measured.
 * Quotes medians, their ratio, the smallest and largest ratio of a round, and shares of the peak.
 */
public final class Compare {
    /** Rounds below which the figures are no result. */
    static final int ENOUGH_ROUNDS = 5;

    private static final String OURS = "Cortado";

    private final Arguments options;
    private final List<String> formats;
    private final Path script;
    private final Path gemmScript;
    private final Map<String, List<Double>> figures = new LinkedHashMap<>();
    private final Map<String, Object> details = new LinkedHashMap<>();

    private Compare(Arguments options) {
        this.options = options;
        this.formats = List.of(options.text("formats").split(","));
        this.script = Path.of(options.text("script"));
        this.gemmScript = script.resolveSibling("gemm_torch.py");
    }

    /** Runs the program; options and their defaults are in the README of this module. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Arguments options = Arguments.parse(List.of(line), defaults());
            Compare compare = new Compare(options);
            Comparison result = compare.run();
            String markdown = result.markdown();
            System.out.println(markdown);
            compare.save(result, markdown);
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
        d.put("python", "python3");
        d.put("script", "benchmarks/peer/lenet_torch.py");
        d.put("formats", "nchw,nhwc");
        d.put("rounds", "" + ENOUGH_ROUNDS);
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("batch", "100");
        d.put("images", "10000");
        d.put("reps", "3");
        d.put("warmup", "10000");
        d.put("device", "cpu");
        d.put("infer", "false");
        d.put("gemm", "1024");
        d.put("out", "benchmarks/target/compare");
        return d;
    }

    private Comparison run() {
        requirePeer();
        noteLoad();
        int rounds = options.count("rounds");
        for (int round = 1; round <= rounds; round++) {
            System.err.printf(Locale.ROOT, "round %d of %d:", round, rounds);
            note(
                    "peak",
                    Program.java(Peak.class, "--threads", options.text("threads"), "--json"),
                    "gflops");
            note("lenet " + OURS, ours(), "median");
            for (String format : formats) {
                note("lenet " + peer(format), lenet(format), "median");
            }
            note("gemm " + OURS, gemm(), "median");
            note("gemm PyTorch", peerGemm(), "median");
            System.err.println();
        }
        return result();
    }

    /** PyTorch's threads wait for each other in loops: on a busy machine they hardly move. */
    private void noteLoad() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        details.put("load_before", load);
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
        for (Path file : List.of(script, gemmScript)) {
            if (!Files.isRegularFile(file)) {
                throw new UsageException(
                        "the peer's script "
                                + file
                                + " is missing; start in the root of the repository, or name"
                                + " lenet_torch.py with --script (gemm_torch.py lies beside it)");
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

    // The programs of a round

    private Program ours() {
        return Program.java(
                LeNetThroughput.class,
                common("--device", options.text("device"), "--warmup", options.text("warmup")));
    }

    private Program lenet(String format) {
        return Program.python(options.text("python"), script, common("--format", format));
    }

    private String[] common(String... more) {
        List<String> words = new ArrayList<>(List.of(more));
        for (String name : List.of("threads", "batch", "images", "reps")) {
            words.add("--" + name);
            words.add(options.text(name));
        }
        if (options.on("infer")) {
            words.add("--infer");
        }
        return words.toArray(String[]::new);
    }

    private Program gemm() {
        return Program.java(
                GemmThroughput.class,
                "--device",
                options.text("device"),
                "--threads",
                options.text("threads"),
                "--size",
                options.text("gemm"));
    }

    private Program peerGemm() {
        return Program.python(
                options.text("python"),
                gemmScript,
                "--threads",
                options.text("threads"),
                "--size",
                options.text("gemm"));
    }

    private static String peer(String format) {
        return "PyTorch " + format;
    }

    private void note(String name, Program program, String field) {
        Map<?, ?> answer = program.json();
        if (!(answer.get(field) instanceof Number figure)) {
            throw new Program.FailedException(
                    program.shown() + ": no number '" + field + "' in " + answer);
        }
        figures.computeIfAbsent(name, n -> new ArrayList<>()).add(figure.doubleValue());
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("command", program.shown());
        detail.put("last_answer", answer);
        details.put(name, detail);
        System.err.printf(Locale.ROOT, " %s %.0f;", name, figure.doubleValue());
    }

    // The result

    private Comparison result() {
        Series peak = series("peak");
        long flops = options.on("infer") ? LeNetCost.forward() : LeNetCost.training();
        List<Row> rows = new ArrayList<>();
        String lenet = options.on("infer") ? "LeNet forward" : "LeNet training";
        for (String format : formats) {
            rows.add(
                    new Row(
                            lenet,
                            "pictures/s",
                            peer(format),
                            series("lenet " + OURS),
                            series("lenet " + peer(format)),
                            flops / 1e9));
        }
        String size = options.text("gemm");
        rows.add(
                new Row(
                        "matmul " + size + "^3",
                        "GFLOP/s",
                        "PyTorch",
                        series("gemm " + OURS),
                        series("gemm PyTorch"),
                        1));
        return new Comparison(
                rows,
                peak,
                options.count("threads"),
                options.count("rounds"),
                LeNetCost.formula(options.on("infer")),
                details);
    }

    private Series series(String name) {
        return new Series(figures.getOrDefault(name, List.of()));
    }

    private void save(Comparison result, String markdown) throws IOException {
        Path out = Path.of(options.text("out"));
        Files.createDirectories(out);
        Files.writeString(out.resolve("compare.md"), markdown + "\n");
        Json.save(out.resolve("compare.json"), result.json());
        System.err.println("written to " + out.resolve("compare.md") + " and compare.json");
    }
}
