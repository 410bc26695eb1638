package io.github.cortado.gpucheck;

/** A moment at which something has to have ended. */
final class Deadline {
    private static final double LONGEST = 1e8;

    private final long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    /** So many seconds from now; more than three years are no end at all. */
    static Deadline in(double seconds) {
        return new Deadline(System.nanoTime() + Math.round(Math.min(seconds, LONGEST) * 1e9));
    }

    /** Seconds until then; 0 when it is over. */
    double left() {
        return Math.max(0, (nanos - System.nanoTime()) / 1e9);
    }
}
