package io.github.cortado.benchmarks;

import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How far apart two processors are at the moment: nanoseconds for a number to go to another thread
 * and back. Tens where they share a cache, hundreds where they do not; a hypervisor may change that
 * from one minute to the next, and loops that are shared by threads change with it.
 */
final class RoundTrip {
    private static final int TRIPS = 50_000;

    private RoundTrip() {}

    /** The mean of many trips, after as many that are not timed; nothing on a single processor. */
    static OptionalDouble nanoseconds() {
        if (Runtime.getRuntime().availableProcessors() < 2) {
            return OptionalDouble.empty();
        }
        AtomicInteger ball = new AtomicInteger();
        Thread other =
                new Thread(
                        () -> {
                            for (int trip = 0; trip < 2 * TRIPS; trip++) {
                                await(ball, 2 * trip + 1);
                                ball.set(2 * trip + 2);
                            }
                        },
                        "round-trip");
        other.setDaemon(true);
        other.start();
        there(ball, 0);
        long start = System.nanoTime();
        there(ball, TRIPS);
        return OptionalDouble.of((double) (System.nanoTime() - start) / TRIPS);
    }

    private static void there(AtomicInteger ball, int first) {
        for (int trip = first; trip < first + TRIPS; trip++) {
            ball.set(2 * trip + 1);
            await(ball, 2 * trip + 2);
        }
    }

    private static void await(AtomicInteger ball, int value) {
        while (ball.get() != value) {
            Thread.onSpinWait();
        }
    }
}
