package io.github.cortado.benchmarks.gpu;

/** A moment at which something has to have ended. */
final class Deadline {
    private final long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    /** So many seconds from now. */
    static Deadline in(double seconds) {
        return new Deadline(System.nanoTime() + Math.round(seconds * 1e9));
    }

    /** Seconds until then; 0 when it is over. */
    double left() {
        return Math.max(0, (nanos - System.nanoTime()) / 1e9);
    }
}
