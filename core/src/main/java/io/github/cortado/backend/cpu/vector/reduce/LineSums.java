package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;

/** y_o = sum over i of x_oi, what is added up lying together; long lines on all threads. */
record LineSums(Axis axis) implements Reductions.Sum {
    @Override
    public void run(Floats x, Floats y) {
        float[] from = x.array();
        float[] to = y.array();
        int n = axis.n();
        int parts = IntMath.ceilDiv(n, Parallel.RANGE);
        if (parts <= 1) {
            Parallel.forItems(
                    axis.outer(),
                    n,
                    Parallel.RANGE,
                    o -> to[y.offset() + o] = (float) Sums.ofLine(from, x.offset() + o * n, n));
            return;
        }
        double[] sums = new double[axis.outer() * parts];
        Parallel.forChunks(
                sums.length,
                part -> {
                    int first = part % parts * Parallel.RANGE;
                    sums[part] =
                            Sums.ofLine(
                                    from,
                                    x.offset() + part / parts * n + first,
                                    Math.min(Parallel.RANGE, n - first));
                });
        for (int o = 0; o < axis.outer(); o++) {
            double sum = 0;
            for (int part = 0; part < parts; part++) {
                sum += sums[o * parts + part];
            }
            to[y.offset() + o] = (float) sum;
        }
    }
}
