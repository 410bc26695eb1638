package io.github.cortado.backend.cpu.vector.norm;

import io.github.cortado.backend.NormSpec;

/**
 * What cuts results off, min(max(p, low), high).
 *
 * @param last the largest p that a gradient goes through to: below the upper bound, if it is finite
 */
record Bounds(float low, float high, float last) {
    static Bounds of(NormSpec s) {
        float high = (float) s.high();
        return new Bounds(
                (float) s.low(),
                high,
                high == Float.POSITIVE_INFINITY ? high : Math.nextDown(high));
    }

    /** Whether nothing is cut off. */
    boolean areNone() {
        return low == Float.NEGATIVE_INFINITY && high == Float.POSITIVE_INFINITY;
    }

    /** Whether a gradient goes through to p; not to what is no number. */
    boolean passes(float p) {
        return p > low && p <= last;
    }

    float cut(float p) {
        return Math.min(Math.max(p, low), high);
    }
}
