package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;

/**
 * y_o = sum over i of x_oi, what is added up lying together; long lines on all threads.
 *
 * @param axis of x
 */
public record LineSums(Axis axis) implements Reductions.Sum {
    /** The sum of some neighbours. */
    @FunctionalInterface
    public interface Part {
        /** Of n elements from one on. */
        double sum(int from, int n);
    }

    @Override
    public void run(Floats x, Floats y) {
        run((from, n) -> Sums.ofLine(x.array(), x.offset() + from, n), y);
    }

    /** Adds up what {@code x} adds up part by part. */
    public void run(Part x, Floats y) {
        float[] to = y.array();
        int n = axis.n();
        int parts = IntMath.ceilDiv(n, Parallel.RANGE);
        if (parts <= 1) {
            Parallel.forItems(
                    axis.outer(),
                    n,
                    Parallel.RANGE,
                    o -> to[y.offset() + o] = (float) x.sum(o * n, n));
            return;
        }
        double[] sums = new double[axis.outer() * parts];
        Parallel.forChunks(
                sums.length,
                part -> {
                    int first = part % parts * Parallel.RANGE;
                    sums[part] =
                            x.sum(part / parts * n + first, Math.min(Parallel.RANGE, n - first));
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
