package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.HostBuffer.Longs;
import java.util.Arrays;

/**
 * Lines in the order of their sizes. A number's bits and its place behind them make one long, so
 * that Java's sort of longs gives the order, and equal ones stay as they were.
 */
public final class Sorting {
    /** The bits of every NaN, above those of infinity. */
    private static final int NAN = 0x7fc00000;

    private Sorting() {}

    /** {@link Backend#sort}. */
    public static void of(Floats x, Floats y, Longs index, Axis axis, boolean descending) {
        if (x.length() == 0) {
            return;
        }
        int inner = axis.inner();
        int lines = axis.outer() * inner;
        Parallel.forItems(
                lines,
                16 * axis.n(),
                Parallel.RANGE,
                line -> {
                    int start = line / inner * axis.n() * inner + line % inner;
                    line(x, y, index, start, axis, descending);
                });
    }

    private static void line(
            Floats x, Floats y, Longs index, int start, Axis axis, boolean descending) {
        float[] a = x.array();
        int p = x.offset() + start;
        int inner = axis.inner();
        int flip = descending ? -1 : 0;
        long[] keys = new long[axis.n()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) (bits(a[p + i * inner]) ^ flip) << 32 | i;
        }
        Arrays.sort(keys);
        float[] b = y.array();
        int q = y.offset() + start;
        long[] numbers = index.array();
        int r = index.offset() + start;
        for (int k = 0; k < keys.length; k++) {
            int i = (int) keys[k];
            b[q + k * inner] = a[p + i * inner];
            numbers[r + k * inner] = i;
        }
    }

    /** An int for each float, in the same order; one for 0 and -0, one for all NaN. */
    private static int bits(float v) {
        if (Float.isNaN(v)) {
            return NAN;
        }
        int bits = Float.floatToRawIntBits(v + 0f);
        return bits ^ (bits >> 31 & 0x7fffffff);
    }
}
