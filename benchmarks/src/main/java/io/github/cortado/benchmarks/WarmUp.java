package io.github.cortado.benchmarks;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** What comes before a measurement: enough calls, and time for the compiler. */
final class WarmUp {
    private static final long SECOND = 1_000_000_000L;

    /** Share of the time that Java may still compile when measuring begins. */
    private static final double LITTLE = 0.1;

    private WarmUp() {}

    /** Runs {@code call} at least {@code calls} times, and for at least {@code millis}. */
    static void run(int calls, int millis, Runnable call) {
        long end = System.nanoTime() + millis * 1_000_000L;
        for (int i = 0; i < calls || System.nanoTime() < end; i++) {
            call.run();
        }
    }

    /**
     * Runs {@code call} for at least so many seconds, and on, up to {@code most} of them, while
     * Java compiles for more than a tenth of a window of so many milliseconds: what is compiled
     * beside a step takes a processor from it.
     *
     * @return the seconds that it took
     */
    static double untilCompiled(int seconds, int most, int window, Runnable call) {
        long start = System.nanoTime();
        run(3, 1000 * seconds, call);
        @Nullable CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        boolean isTold = compiler != null && compiler.isCompilationTimeMonitoringSupported();
        while (isTold && System.nanoTime() - start < most * SECOND) {
            long before = compiler.getTotalCompilationTime();
            run(1, window, call);
            if (compiler.getTotalCompilationTime() - before < LITTLE * window) {
                break;
            }
        }
        return (double) (System.nanoTime() - start) / SECOND;
    }
}
