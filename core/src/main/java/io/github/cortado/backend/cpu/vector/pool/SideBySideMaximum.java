package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;

/**
 * The maximum of windows that lie side by side and cover the picture: of a window's rows first, and
 * then of neighbours, two at a time. NaN wins.
 */
record SideBySideMaximum(Pool2dSpec s) implements Pooling.Forward {
    @Override
    public void run(Floats x, Floats y) {
        EachPlane.rows(s, x, y, this::maxima);
    }

    /** A row of windows. */
    private void maxima(float[] x, int p, float[] y, int to) {
        float[] line = Scratch.ROW.floats(s.w());
        float[] from = x;
        int first = p;
        if (s.kernelH() > 1) {
            System.arraycopy(x, p, line, 0, s.w());
            for (int i = 1; i < s.kernelH(); i++) {
                row(x, p + i * s.w(), line, s.w());
            }
            from = line;
            first = 0;
        }
        int kernel = s.kernelW();
        for (; kernel % 2 == 0 && kernel > 2; kernel /= 2) {
            Pairs.max(from, first, line, 0, s.outW() * kernel / 2);
            from = line;
            first = 0;
        }
        if (kernel == 2) {
            Pairs.max(from, first, y, to, s.outW());
            return;
        }
        for (int j = 0; j < s.outW(); j++) {
            int at = first + j * kernel;
            float max = from[at];
            for (int i = 1; i < kernel; i++) {
                max = Math.max(max, from[at + i]);
            }
            y[to + j] = max;
        }
    }

    private static void row(float[] x, int p, float[] line, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector.fromArray(SPECIES, line, j)
                    .max(FloatVector.fromArray(SPECIES, x, p + j))
                    .intoArray(line, j);
        }
        for (; j < n; j++) {
            line[j] = Math.max(line[j], x[p + j]);
        }
    }
}
