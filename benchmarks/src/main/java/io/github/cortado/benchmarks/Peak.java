package io.github.cortado.benchmarks;

import io.github.cortado.io.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/**
 * The machine's multiply-add peak in float32, measured: a loop that touches registers only, on all
 * threads at once. The limit that kernels are compared with.
 */
public final class Peak {
    private static final int TURNS = 200_000;

    /**
     * What was measured.
     *
     * @param lanes floats in one vector
     * @param perThread GFLOP/s of each thread in the best repetition
     * @param total GFLOP/s of all threads together, best repetition
     */
    record Result(int lanes, List<Double> perThread, double total) {}

    private Peak() {}

    /** Runs the program: {@code --threads}, {@code --reps}, {@code --millis}, {@code --json}. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Arguments a = Arguments.parse(List.of(line), defaults());
            requireVectorApi();
            Result result = measure(a.count("threads"), a.count("reps"), a.count("millis"));
            System.out.print(a.on("json") ? json(result) + "\n" : text(result));
            code = 0;
        } catch (Arguments.UsageException | IllegalStateException e) {
            System.err.println("Peak: " + e.getMessage());
        }
        System.exit(code);
    }

    private static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("reps", "20");
        d.put("millis", "100");
        d.put("json", "false");
        return d;
    }

    /**
     * Checks for the module that the loop is written with.
     *
     * @throws IllegalStateException naming the flag that is missing
     */
    static void requireVectorApi() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            throw new IllegalStateException(
                    "the Vector API is hidden; start java with --add-modules=jdk.incubator.vector");
        }
    }

    /**
     * Measures.
     *
     * @param reps repetitions, of which the best counts: whatever disturbs it only makes it slower
     * @param millis duration of one repetition
     */
    static Result measure(int threads, int reps, int millis) {
        requireVectorApi();
        WarmUp.run(2_000, 500, () -> sink(MultiplyAdds.run(1_000)));
        Result best = new Result(MultiplyAdds.lanes(), List.of(), 0);
        for (int rep = 0; rep < reps; rep++) {
            Result result = together(threads, millis);
            if (result.total > best.total) {
                best = result;
            }
        }
        return best;
    }

    private static Result together(int threads, int millis) {
        double[] rates = new double[threads];
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Thread> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int me = t;
            Thread thread =
                    new Thread(
                            () -> {
                                awaitAll(start);
                                rates[me] = alone(millis);
                            },
                            "peak-" + t);
            thread.start();
            running.add(thread);
        }
        List<Double> perThread = new ArrayList<>();
        double total = 0;
        for (int t = 0; t < threads; t++) {
            join(running.get(t));
            perThread.add(rates[t]);
            total += rates[t];
        }
        return new Result(MultiplyAdds.lanes(), perThread, total);
    }

    private static double alone(int millis) {
        long start = System.nanoTime();
        long end = start + millis * 1_000_000L;
        long turns = 0;
        float sum = 0;
        long now;
        do {
            sum += MultiplyAdds.run(TURNS);
            turns += TURNS;
            now = System.nanoTime();
        } while (now < end);
        sink(sum);
        return 2.0 * MultiplyAdds.CHAINS * MultiplyAdds.lanes() * turns / (now - start);
    }

    /** Keeps the compiler from dropping what nobody reads: it cannot know that x is never NaN. */
    private static void sink(float x) {
        if (Float.isNaN(x)) {
            throw new AssertionError("the sums are finite");
        }
    }

    private static void awaitAll(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    private static String json(Result r) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("java", System.getProperty("java.vm.version"));
        out.put("processor", Processor.here().name());
        out.put("lanes", r.lanes);
        out.put("threads", r.perThread.size());
        out.put("gflops_per_thread", r.perThread);
        out.put("gflops", r.total);
        OptionalDouble nominal = Processor.here().nominalGflops(r.lanes);
        out.put(
                "nominal_gflops_per_thread",
                nominal.isPresent() ? nominal.getAsDouble() : Json.NULL);
        return Json.write(out);
    }

    private static String text(Result r) {
        StringBuilder s = new StringBuilder();
        for (int t = 0; t < r.perThread.size(); t++) {
            s.append(
                    String.format(
                            Locale.ROOT, "thread %d  %8.1f GFLOP/s%n", t, r.perThread.get(t)));
        }
        s.append(String.format(Locale.ROOT, "total     %8.1f GFLOP/s%n", r.total));
        return s.append(Processor.here().nominal(r.lanes)).append('\n').toString();
    }
}
