package io.github.cortado.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the time of a LeNet training step goes on the CPU, as a table in Markdown: each operation
 * inside of real steps, beside what it needs at least, the larger of operations over the measured
 * peak and bytes over the measured speed of copying.
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
            String operation,
            double calls,
            double milliseconds,
            double megaflop,
            double megabytes,
            double floor) {}

    private StepProfile(String title, double stepMilliseconds, List<Row> rows) {
        this.title = title;
        this.stepMilliseconds = stepMilliseconds;
        this.rows = rows;
    }

    /** Runs the program: {@code --threads --batch --steps --warmup --mode eager|graph}. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Arguments a = Arguments.parse(List.of(line), defaults());
            System.setProperty("cortado.threads", a.text("threads"));
            System.out.println(measure(a).markdown());
            code = 0;
        } catch (Arguments.UsageException e) {
            System.err.println("StepProfile: " + e.getMessage());
        }
        System.exit(code);
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("batch", "100");
        d.put("steps", "300");
        d.put("warmup", "1000");
        d.put("mode", "graph");
        return d;
    }

    static StepProfile measure(Arguments a) {
        int threads = a.count("threads");
        int steps = a.count("steps");
        int batch = a.count("batch");
        String mode = a.oneOf("mode", "eager", "graph");
        double peak = Peak.measure(threads, 10, 100).total();
        double copying = gigabytes(threads);
        LeNetThroughput program =
                new LeNetThroughput(
                        LeNetThroughput.Settings.parse(
                                List.of(
                                        "--device", TimedBackend.NAME,
                                        "--threads", "" + threads,
                                        "--batch", "" + batch,
                                        "--images", "" + batch * steps,
                                        "--mode", mode)));
        program.pass(batch * a.count("warmup"));
        TimedBackend.calls();
        long start = System.nanoTime();
        program.pass(batch * steps);
        double step = (System.nanoTime() - start) / 1e6 / steps;
        List<Row> rows =
                TimedBackend.calls().stream().map(c -> row(c, steps, peak, copying)).toList();
        String title =
                String.format(
                        Locale.ROOT,
                        "A step of %d pictures, %d threads, mode %s: %.2f ms; peak %.0f GFLOP/s,"
                                + " copying %.1f GB/s.",
                        batch,
                        threads,
                        mode,
                        step,
                        peak,
                        copying);
        return new StepProfile(title, step, rows);
    }

    private static Row row(TimedBackend.Call call, int steps, double gflops, double gbytes) {
        double calls = (double) call.nanoseconds().size() / steps;
        double byPeak = calls * call.flops() / gflops / 1e6;
        double byBytes = calls * call.bytes() / gbytes / 1e6;
        return new Row(
                call.operation(),
                calls,
                calls * Series.median(call.nanoseconds()) / 1e6,
                calls * call.flops() / 1e6,
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

    /** The table. */
    String markdown() {
        StringBuilder s = new StringBuilder(title);
        s.append("\n\n| operation | calls | ms | MFLOP | MB | floor, ms | floor / ms |\n")
                .append("|---|--:|--:|--:|--:|--:|--:|\n");
        for (Row row : rows) {
            s.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.0f | %.3f | %.1f | %.2f | %.3f | %.0f %% |\n",
                            row.operation,
                            row.calls,
                            row.milliseconds,
                            row.megaflop,
                            row.megabytes,
                            row.floor,
                            100 * row.floor / row.milliseconds));
        }
        double all = rows.stream().mapToDouble(Row::milliseconds).sum();
        double floor = rows.stream().mapToDouble(Row::floor).sum();
        s.append(
                String.format(
                        Locale.ROOT,
                        "| all of them | | %.2f | | | %.2f | %.0f %% |\n"
                                + "| between them | | %.2f | | | | |",
                        all,
                        floor,
                        100 * floor / all,
                        stepMilliseconds - all));
        return s.toString();
    }
}
