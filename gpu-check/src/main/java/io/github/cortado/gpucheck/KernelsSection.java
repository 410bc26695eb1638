package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.OperationTimes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The time of each operation of a LeNet step, and of square products, with our kernels and with the
 * libraries, recorded and replayed, beside what the GPU can do at most, measured on it.
 */
final class KernelsSection implements Section {
    private static final String HEAP = "2g";
    private static final String LIMITS = "io.github.cortado.cuda.Limits";

    @Override
    public String name() {
        return "kernels";
    }

    @Override
    public String title() {
        return "Microseconds of an operation in a recorded step that repeats it, median of rounds. The"
                + " operands of LeNet's operations stay in the second-level cache from one time to the"
                + " next. The peak is of multiply-adds in registers, in TF32 of `mma.sync` on tensor cores."
                + " *Floor*: the larger of operations over the measured peak and of bytes, each"
                + " moved once, over the bandwidth of a large copy; *of floor* is that by the time.";
    }

    @Override
    public int share() {
        return 45;
    }

    @Override
    public Optional<String> obstacle(Run run) {
        return run.machine().start().obstacle();
    }

    @Override
    public void run(Run run, Findings findings) {
        Setup own = Setup.own(run.options().libraries());
        Map<?, ?> limits = Map.of();
        if (run.device().equals(CheckOptions.CUDA)) {
            limits =
                    run.answer("limits", own, run.java(own, HEAP, LIMITS), findings).orElse(limits);
        }
        limits(limits, findings);
        Map<String, Map<String, Double>> fastest = new LinkedHashMap<>();
        for (boolean tf32 : new boolean[] {false, true}) {
            if (tf32 && !run.machine().hasTf32()) {
                findings.note("TF32: this device has none");
                continue;
            }
            String precision = tf32 ? "tf32" : "fp32";
            List<?> ours = times(run, own, "own", tf32, findings);
            List<?> theirs =
                    run.machine()
                            .libraries()
                            .it()
                            .<List<?>>map(l -> times(run, l.forced(), "libraries", tf32, findings))
                            .orElse(List.of());
            compare(precision, ours, theirs, limits, findings);
            fastest.put(precision, byName(ours));
        }
        run.machine().libraries().ifThere(l -> tune(run, l, findings));
        run.machine().libraries().obstacle().ifPresent(why -> findings.note("libraries: " + why));
        if (run.isSmall()) {
            findings.note(Findings.REHEARSED);
        }
        findings.summary(
                fastest.getOrDefault("fp32", Map.of()).size()
                        + " operations in fp32, "
                        + fastest.getOrDefault("tf32", Map.of()).size()
                        + " in TF32");
    }

    private static void limits(Map<?, ?> limits, Findings findings) {
        if (limits.isEmpty()) {
            return;
        }
        findings.put("limits", limits);
        Table table = new Table("measured on this GPU", "");
        limits.forEach(
                (name, value) ->
                        table.row(
                                name.toString().replace('_', ' '),
                                value instanceof Double x ? Table.number(x, 2) : value));
        findings.text(table.markdown());
    }

    private static List<?> times(
            Run run, Setup setup, String who, boolean tf32, Findings findings) {
        List<String> arguments =
                new ArrayList<>(List.of("--device", run.device(), "--mode", "graph"));
        if (tf32) {
            arguments.add("--tf32");
        }
        arguments.addAll(
                run.isSmall()
                        ? List.of("--batch", "1", "--reps", "1", "--calls", "1", "--only", "conv3")
                        : List.of("--batch", "100", "--reps", "9", "--calls", "50"));
        String log = "operations-" + who + (tf32 ? "-tf32" : "-fp32");
        Optional<Map<?, ?>> answer =
                run.answer(
                        log,
                        setup,
                        run.java(
                                setup,
                                HEAP,
                                OperationTimes.class.getName(),
                                arguments.toArray(String[]::new)),
                        findings);
        return answer.isPresent() && answer.get().get("operations") instanceof List<?> rows
                ? rows
                : List.of();
    }

    /** Lets the backend measure every way to compute, and keeps its plan with the report. */
    private static void tune(Run run, Setup libraries, Findings findings) {
        Setup tuned = libraries.tuned(run);
        times(run, tuned, "tuned", false, findings);
        if (run.machine().hasTf32()) {
            times(run, tuned, "tuned", true, findings);
        }
    }

    private static Map<String, Double> byName(List<?> rows) {
        Map<String, Double> times = new LinkedHashMap<>();
        for (Object row : rows) {
            if (row instanceof Map<?, ?> r) {
                times.put(String.valueOf(r.get("operation")), number(r, "microseconds"));
            }
        }
        return times;
    }

    private static double number(Map<?, ?> row, String key) {
        return row.get(key) instanceof Number x ? x.doubleValue() : Double.NaN;
    }

    private static void compare(
            String precision, List<?> ours, List<?> theirs, Map<?, ?> limits, Findings findings) {
        Map<String, Double> library = byName(theirs);
        Table table =
                new Table(
                        precision,
                        "own us",
                        "libraries us",
                        "own / libraries",
                        "GFLOP/s",
                        "of peak",
                        "GB/s",
                        "of copy",
                        "of floor");
        List<Object> data = new ArrayList<>();
        for (Object row : ours) {
            if (row instanceof Map<?, ?> r) {
                Cost cost = Cost.of(r, precision, limits);
                String name = String.valueOf(r.get("operation"));
                Double other = library.get(name);
                table.row(
                        name,
                        Table.number(cost.micros, 2),
                        other == null ? "" : Table.number(other, 2),
                        other == null ? "" : Table.number(cost.micros / other, 2),
                        cost.flops == 0 ? "" : Table.number(cost.flops / cost.micros / 1e3, 0),
                        cost.flops == 0 ? "" : share(cost.shareOfPeak()),
                        Table.number(cost.bytes / cost.micros / 1e3, 0),
                        share(cost.shareOfBandwidth()),
                        share(Math.max(cost.shareOfPeak(), cost.shareOfBandwidth())));
                data.add(cost.json(name, other));
            }
        }
        if (!data.isEmpty()) {
            findings.text(table.markdown());
            findings.put(precision, data);
        }
    }

    private static String share(double part) {
        return part > 0 ? Table.percent(part) : "";
    }

    /**
     * What an operation took, and what it needs.
     *
     * @param peak operations in a microsecond, 0 where it was not measured; likewise bandwidth
     */
    private record Cost(double micros, double flops, double bytes, double peak, double bandwidth) {
        static Cost of(Map<?, ?> row, String precision, Map<?, ?> limits) {
            double teraflops = number(limits, precision + "_tflops");
            double gigabytes = number(limits, "copy_gb_per_second");
            return new Cost(
                    number(row, "microseconds"),
                    number(row, "flops"),
                    number(row, "bytes"),
                    Double.isNaN(teraflops) ? 0 : teraflops * 1e6,
                    Double.isNaN(gigabytes) ? 0 : gigabytes * 1e3);
        }

        double shareOfPeak() {
            return peak == 0 ? 0 : flops / peak / micros;
        }

        double shareOfBandwidth() {
            return bandwidth == 0 ? 0 : bytes / bandwidth / micros;
        }

        Map<String, Object> json(String name, @org.jspecify.annotations.Nullable Double other) {
            Map<String, Object> out = new LinkedHashMap<>();
            out.put("operation", name);
            out.put("own_microseconds", micros);
            if (other != null) {
                out.put("libraries_microseconds", other);
                out.put("own_over_libraries", micros / other);
            }
            out.put("flops", flops);
            out.put("bytes", bytes);
            if (peak > 0) {
                out.put("share_of_peak", shareOfPeak());
            }
            if (bandwidth > 0) {
                out.put("share_of_copy_bandwidth", shareOfBandwidth());
            }
            return out;
        }
    }
}
