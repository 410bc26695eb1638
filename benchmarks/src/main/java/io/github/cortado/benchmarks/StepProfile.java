package io.github.cortado.benchmarks;

import io.github.cortado.Device;
import io.github.cortado.benchmarks.nets.Network;
import io.github.cortado.benchmarks.nets.Steps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Where the time of a step goes on the CPU, as a table in Markdown: each operation inside of real
 * steps, beside what it needs at least, the larger of operations over the measured peak and bytes
 * over the measured speed of copying.
 */
public final class StepProfile {
    private static final int FLOATS = 16 << 20;
    private static final int COPIES = 9;

    private final String title;
    private final double stepMilliseconds;
    private final List<Row> rows;

    /**
     * One kind of operation.
     *
     * @param calls in a step
     * @param milliseconds of them all
     * @param floor milliseconds that they need at least
     */
    record Row(
            String kind,
            String operation,
            double calls,
            double milliseconds,
            double megaflop,
            double megabytes,
            double floor) {
        Row named(String name) {
            return new Row(kind, name, calls, milliseconds, megaflop, megabytes, floor);
        }

        Row plus(Row other) {
            return new Row(
                    kind,
                    operation,
                    calls + other.calls,
                    milliseconds + other.milliseconds,
                    megaflop + other.megaflop,
                    megabytes + other.megabytes,
                    floor + other.floor);
        }
    }

    private StepProfile(String title, double stepMilliseconds, List<Row> rows) {
        this.title = title;
        this.stepMilliseconds = stepMilliseconds;
        this.rows = rows;
    }

    /**
     * Runs the program: {@code --net --infer --threads --batch --steps --warmup --mode
     * eager|graph}; without a network's name it is LeNet by the names of fused operations.
     */
    public static void main(String[] line) {
        Arguments.main(StepProfile.class, line, defaults(), a -> measure(a).markdown());
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("net", "");
        d.put("infer", "false");
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("batch", "100");
        d.put("steps", "300");
        d.put("warmup", "1000");
        d.put("mode", "graph");
        return d;
    }

    static StepProfile measure(Arguments a) {
        int threads = a.count("threads");
        int batch = a.count("batch");
        int steps = a.count("steps");
        String mode = a.oneOf("mode", "eager", "graph");
        double peak = Peak.measure(threads, 10, 100).total();
        double copying = gigabytes(threads);
        IntConsumer program = a.text("net").isEmpty() ? fusedLeNet(a) : network(a);
        program.accept(a.count("warmup"));
        TimedBackend.calls();
        long start = System.nanoTime();
        program.accept(steps);
        double step = (System.nanoTime() - start) / 1e6 / steps;
        List<Row> rows =
                TimedBackend.calls().stream().map(c -> row(c, steps, peak, copying)).toList();
        String title =
                String.format(
                        Locale.ROOT,
                        "A step of %s on %d pictures, %d threads, mode %s: %.2f ms; peak %.0f"
                                + " GFLOP/s, copying %.1f GB/s.",
                        a.text("net").isEmpty() ? "LeNet" : a.text("net"),
                        batch,
                        threads,
                        mode,
                        step,
                        peak,
                        copying);
        return new StepProfile(title, step, rows);
    }

    /** What takes so many steps of LeNet, written by the names of fused operations. */
    private static IntConsumer fusedLeNet(Arguments a) {
        int batch = a.count("batch");
        LeNetThroughput program =
                new LeNetThroughput(
                        LeNetThroughput.Settings.parse(
                                List.of(
                                        "--device",
                                        TimedBackend.NAME,
                                        "--threads",
                                        a.text("threads"),
                                        "--batch",
                                        "" + batch,
                                        "--images",
                                        "" + batch * a.count("steps"),
                                        "--mode",
                                        a.text("mode"))));
        return n -> program.pass(batch * n);
    }

    /** What takes so many steps of a network as it is written. */
    private static IntConsumer network(Arguments a) {
        Network net = Network.of(a.oneOf("net", Network.words()));
        Steps steps = new Steps(net, Device.of(TimedBackend.NAME), a.count("batch"), a.on("infer"));
        boolean graph = a.text("mode").equals("graph");
        return n -> {
            for (int i = 0; i < n; i++) {
                if (graph) {
                    steps.compiled();
                } else {
                    steps.eager();
                }
            }
        };
    }

    private static Row row(TimedBackend.Call call, int steps, double gflops, double gbytes) {
        double calls = (double) call.nanoseconds().size() / steps;
        double byPeak = calls * call.problem().flops() / gflops / 1e6;
        double byBytes = calls * call.bytes() / gbytes / 1e6;
        return new Row(
                call.problem().kind(),
                call.problem().operation(),
                calls,
                calls * Series.median(call.nanoseconds()) / 1e6,
                calls * call.problem().flops() / 1e6,
                calls * call.bytes() / 1e6,
                Math.max(byPeak, byBytes));
    }

    /** GB/s read and written by copies of arrays that no cache holds. */
    private static double gigabytes(int threads) {
        float[] from = new float[FLOATS];
        float[] to = new float[FLOATS];
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < COPIES; i++) {
            long start = System.nanoTime();
            List<Thread> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int begin = (int) ((long) FLOATS * t / threads);
                int end = (int) ((long) FLOATS * (t + 1) / threads);
                Thread thread =
                        new Thread(() -> System.arraycopy(from, begin, to, begin, end - begin));
                thread.start();
                all.add(thread);
            }
            for (Thread thread : all) {
                join(thread);
            }
            rates.add(2.0 * FLOATS * Float.BYTES / (System.nanoTime() - start));
        }
        return Series.median(rates);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while copying", e);
        }
    }

    List<Row> rows() {
        return rows;
    }

    /** Both tables: by kind, and each problem by itself. */
    String markdown() {
        return title
                + "\n\n"
                + ProfileTable.markdown("kind", kinds(), stepMilliseconds)
                + "\n"
                + ProfileTable.markdown("operation", rows, stepMilliseconds);
    }

    /** Problems that differ in size only taken together. */
    private List<Row> kinds() {
        Map<String, Row> kinds = new LinkedHashMap<>();
        for (Row row : rows) {
            kinds.merge(row.kind, row.named(row.kind), Row::plus);
        }
        return List.copyOf(kinds.values());
    }
}
