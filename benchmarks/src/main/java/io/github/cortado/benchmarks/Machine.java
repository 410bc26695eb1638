package io.github.cortado.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What figures were measured on, as it stands beside every table: without it they say nothing.
 *
 * @param processor its model's name
 * @param processors how many of them Java sees
 * @param bits of the vectors that Java computes with
 * @param java version of the virtual machine
 * @param threads that the peak was measured with
 * @param peak GFLOP/s of multiply-adds that touch registers only, in each round
 */
record Machine(String processor, int processors, int bits, String java, int threads, Series peak) {
    private static final String PEAK = "peak";

    /** Measures the peak of a round, in a process of its own. */
    static void measurePeak(Measurements measured, String threads) {
        measured.note(PEAK, Program.java(Peak.class, "--threads", threads, "--json"), "gflops");
    }

    /** This machine, with the peaks that were measured; at least one was. */
    static Machine here(Measurements measured, int threads) {
        int lanes = measured.lastAnswer(PEAK).get("lanes") instanceof Number n ? n.intValue() : 0;
        return new Machine(
                Processor.here().name(),
                Runtime.getRuntime().availableProcessors(),
                Float.SIZE * lanes,
                System.getProperty("java.vm.version"),
                threads,
                measured.series(PEAK));
    }

    /** Two lines for people. What disturbs a peak only makes it smaller: the largest counts. */
    String text() {
        return String.format(
                Locale.ROOT,
                "Multiply-add peak: %.1f GFLOP/s on %d threads, measured in registers; the largest"
                        + " of the rounds (%s).%n"
                        + "Machine: %s, %d processors, vectors of %d bits, Java %s.%n",
                peak.max(),
                threads,
                peak.spread(1),
                processor,
                processors,
                bits,
                java);
    }

    /** The same for programs. */
    Map<String, Object> json() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("processor", processor);
        out.put("processors", processors);
        out.put("vector_bits", bits);
        out.put("java", java);
        out.put("threads", threads);
        out.put("peak_gflops", peak.values());
        return out;
    }
}
