package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;

/**
 * y[o] = sum over i of x[o,i]: runs of neighbours in float, on vectors, and their sums in double
 * and in order. Long lines are shared by the threads.
 */
final class LineSums implements Reductions.Sum {
    /** Neighbours that are added up in float. */
    private static final int RUN = 4096;

    /** Runs of a line that a thread does at a time. */
    private static final int PART = Parallel.RANGE;

    private final int lines;
    private final int n;
    private final int parts;

    LineSums(Axis axis) {
        lines = axis.outer();
        n = axis.n();
        parts = Math.max(1, IntMath.ceilDiv(n, PART));
    }

    @Override
    public void run(Floats x, Floats y) {
        float[] in = x.array();
        float[] out = y.array();
        if (parts == 1) {
            int perChunk = Math.max(1, PART / Math.max(1, n));
            Parallel.forChunks(
                    IntMath.ceilDiv(lines, perChunk),
                    chunk -> {
                        float[] lanes = Scratch.LANE_SUMS.floats(VL);
                        int end = Math.min(lines, (chunk + 1) * perChunk);
                        for (int line = chunk * perChunk; line < end; line++) {
                            double sum = sum(in, x.offset() + line * n, n, lanes);
                            out[y.offset() + line] = (float) sum;
                        }
                    });
            return;
        }
        double[] sums = new double[lines * parts];
        Parallel.forChunks(
                sums.length,
                chunk -> {
                    int from = chunk % parts * PART;
                    int at = x.offset() + chunk / parts * n + from;
                    float[] lanes = Scratch.LANE_SUMS.floats(VL);
                    sums[chunk] = sum(in, at, Math.min(PART, n - from), lanes);
                });
        for (int line = 0; line < lines; line++) {
            double sum = 0;
            for (int part = 0; part < parts; part++) {
                sum += sums[line * parts + part];
            }
            out[y.offset() + line] = (float) sum;
        }
    }

    private static double sum(float[] x, int p, int n, float[] lanes) {
        double sum = 0;
        for (int i = 0; i < n; i += RUN) {
            sum += Neighbours.sum(x, p + i, Math.min(RUN, n - i), lanes);
        }
        return sum;
    }
}
