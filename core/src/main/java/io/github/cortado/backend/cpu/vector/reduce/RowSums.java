package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import java.util.Arrays;

/** y[o,j] = sum over i of x[o,i,j]: rows of inner elements are added, in double above a block. */
final class RowSums implements Reductions.Sum {
    /** Rows that are summed in float before their sum is added in double. */
    private static final int BLOCK = 64;

    private final Axis axis;

    RowSums(Axis axis) {
        this.axis = axis;
    }

    @Override
    public void run(Floats x, Floats y) {
        Parallel.forChunks(axis.outer(), o -> sum(x, y, o));
    }

    private void sum(Floats in, Floats out, int o) {
        int inner = axis.inner();
        float[] x = in.array();
        float[] y = out.array();
        double[] total = new double[inner];
        float[] part = new float[inner];
        int start = in.offset() + o * axis.n() * inner;
        for (int i = 0; i < axis.n(); i += BLOCK) {
            Arrays.fill(part, 0f);
            int end = Math.min(axis.n(), i + BLOCK);
            for (int row = i; row < end; row++) {
                addTo(part, x, start + row * inner);
            }
            for (int j = 0; j < inner; j++) {
                total[j] += part[j];
            }
        }
        int to = out.offset() + o * inner;
        for (int j = 0; j < inner; j++) {
            y[to + j] = (float) total[j];
        }
    }

    private static void addTo(float[] sum, float[] x, int from) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] += x[from + j];
        }
    }
}
