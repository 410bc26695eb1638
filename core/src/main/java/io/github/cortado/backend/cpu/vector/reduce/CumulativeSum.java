package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import java.util.Arrays;

/**
 * Sums of all elements up to each one along an axis, in double: a long line would lose the digits
 * of its small elements. One addition waits for the one before, so several lines go side by side.
 */
public final class CumulativeSum {
    /** Lines that are added up side by side. */
    private static final int LINES = 8;

    private CumulativeSum() {}

    /** {@link Backend#cumulativeSum}. */
    public static void of(Floats x, Floats y, Axis axis, boolean fromEnd) {
        if (x.length() == 0) {
            return;
        }
        int inner = axis.inner();
        int lines = axis.outer() * inner;
        Parallel.forItems(
                IntMath.ceilDiv(lines, LINES),
                LINES * axis.n(),
                Parallel.RANGE,
                item -> {
                    int first = item * LINES;
                    int count = Math.min(LINES, lines - first);
                    int[] starts = new int[LINES];
                    for (int k = 0; k < LINES; k++) {
                        // What is none is the first one once more.
                        starts[k] = axis.line(first + (k < count ? k : 0));
                    }
                    if (fromEnd) {
                        int last = (axis.n() - 1) * inner;
                        Arrays.setAll(starts, k -> starts[k] + last);
                    }
                    run(x, y, starts, axis.n(), fromEnd ? -inner : inner);
                });
    }

    private static void run(Floats x, Floats y, int[] starts, int n, int step) {
        float[] a = x.array();
        float[] b = y.array();
        int p = x.offset();
        int q = y.offset();
        int s0 = starts[0];
        int s1 = starts[1];
        int s2 = starts[2];
        int s3 = starts[3];
        int s4 = starts[4];
        int s5 = starts[5];
        int s6 = starts[6];
        int s7 = starts[7];
        double t0 = 0;
        double t1 = 0;
        double t2 = 0;
        double t3 = 0;
        double t4 = 0;
        double t5 = 0;
        double t6 = 0;
        double t7 = 0;
        for (int i = 0, at = 0; i < n; i++, at += step) {
            t0 += a[p + s0 + at];
            t1 += a[p + s1 + at];
            t2 += a[p + s2 + at];
            t3 += a[p + s3 + at];
            t4 += a[p + s4 + at];
            t5 += a[p + s5 + at];
            t6 += a[p + s6 + at];
            t7 += a[p + s7 + at];
            b[q + s0 + at] = (float) t0;
            b[q + s1 + at] = (float) t1;
            b[q + s2 + at] = (float) t2;
            b[q + s3 + at] = (float) t3;
            b[q + s4 + at] = (float) t4;
            b[q + s5 + at] = (float) t5;
            b[q + s6 + at] = (float) t6;
            b[q + s7 + at] = (float) t7;
        }
    }
}
