package io.github.cortado.backend.cpu.vector.norm;

import io.github.cortado.backend.NormSpec;

/**
 * What results are cut off at, min(max(p, 0), limit).
 *
 * @param value infinity for a ReLU, NaN where nothing is cut off
 */
record Limit(float value) {
    static Limit of(NormSpec s) {
        return new Limit((float) s.limit());
    }

    boolean isNone() {
        return Float.isNaN(value);
    }

    float cut(float p) {
        return Math.min(Math.max(p, 0), value);
    }

    /** Whether a gradient goes through to p; never to what is no number. */
    boolean passes(float p) {
        int bits = Float.floatToRawIntBits(p);
        return bits > 0 && bits < end();
    }

    /**
     * A gradient goes through to p whose bits are above 0 and below this: as integers, those of
     * positive floats are in their order, those of negative ones below 0, and those of a NaN are
     * below 0 or above infinity's.
     */
    int end() {
        int bits = Float.floatToRawIntBits(value);
        return value == Float.POSITIVE_INFINITY ? bits + 1 : bits;
    }
}
