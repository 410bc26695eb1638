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
        if (y.length() == 0) {
            return;
        }
        Axis kept = axis.sized(y.length());
        Parallel.forItems(
                axis.outer() * axis.inner(),
                16 * axis.n(),
                Parallel.RANGE,
                line -> {
                    Floats from = x.slice(axis.line(line), x.length() - axis.line(line));
                    long[] keys = keys(from, axis, descending);
                    long[] first = kept.n() < axis.n() / 4 ? first(keys, kept.n()) : sorted(keys);
                    int to = kept.line(line);
                    for (int k = 0; k < kept.n(); k++) {
                        int i = (int) first[k];
                        int place = to + k * axis.inner();
                        y.array()[y.offset() + place] =
                                from.array()[from.offset() + i * axis.inner()];
                        index.array()[index.offset() + place] = i;
                    }
                });
    }

    private static long[] keys(Floats x, Axis axis, boolean descending) {
        float[] a = x.array();
        int p = x.offset();
        int inner = axis.inner();
        int flip = descending ? -1 : 0;
        long[] keys = new long[axis.n()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) (bits(a[p + i * inner]) ^ flip) << 32 | i;
        }
        return keys;
    }

    private static long[] sorted(long[] keys) {
        Arrays.sort(keys);
        return keys;
    }

    /**
     * The k smallest keys in their order. Of twice as many candidates the larger half goes whenever
     * there is no place for more, and what is above the rest is none from then on.
     */
    private static long[] first(long[] keys, int k) {
        long[] candidates = new long[2 * k];
        int n = 0;
        long limit = Long.MAX_VALUE;
        for (long key : keys) {
            if (key < limit) {
                candidates[n++] = key;
                if (n == candidates.length) {
                    Arrays.sort(candidates);
                    n = k;
                    limit = candidates[k - 1];
                }
            }
        }
        Arrays.sort(candidates, 0, n);
        return candidates;
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
