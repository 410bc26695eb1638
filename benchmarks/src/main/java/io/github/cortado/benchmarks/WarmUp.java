package io.github.cortado.benchmarks;

/** What comes before a measurement: enough calls, and time for the compiler. */
final class WarmUp {
    private WarmUp() {}

    /** Runs {@code call} at least {@code calls} times, and for at least {@code millis}. */
    static void run(int calls, int millis, Runnable call) {
        long end = System.nanoTime() + millis * 1_000_000L;
        for (int i = 0; i < calls || System.nanoTime() < end; i++) {
            call.run();
        }
    }
}
